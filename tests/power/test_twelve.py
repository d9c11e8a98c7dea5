"""Twelve of the planted faults, through the real command: each is caught by its contract."""

import functools
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from support import LAYERS

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import power  # noqa: E402 - a tool, found only now

pytestmark = [pytest.mark.frameworks, pytest.mark.slow, pytest.mark.timeout(900)]

TWELVE = {
    "torch/deterministic_assignment_lost": ("torch-flag-known-answer", "index_put_ in a view"),
    "torch/loader_same_numpy_draws_every_epoch": ("torch-loader", "numpy: other draws in each epoch"),
    "torch/matmul_long_inner_bf16": ("torch-precision", "float32 matmul"),
    "torch/seeds_collide_in_pairs": ("torch-seed-reaches", "bernoulli"),
    "tensorflow/float32_products_in_tf32": ("tensorflow-precision", "float32 matmul"),
    "tensorflow/second_derivative_of_exp_zero": ("tensorflow-transforms", "second derivative of exp"),
    "tensorflow/seeds_collide_in_pairs": ("tensorflow-seed-reaches", "tf.random.normal"),
    "tensorflow/segment_zero_lost_under_determinism": ("tensorflow-flag-known-answer", "unsorted_segment_sum"),
    "jax/float32_products_in_tf32": ("jax-precision", "long matmul float32"),
    "jax/seeds_collide_in_pairs": ("jax-seed-reaches", "seeds"),
    "jax/softplus_gradient_zero_at_zero": ("jax-transforms", "first derivative of softplus"),
    "jax/wrapped_key_loses_first_word": ("jax-resume", "continued: key"),
}
"""
Plant to the contract that must catch it, and a value by which: four are planted together, and none may stand in for
another. `make power` runs each plant alone, under all its contracts.
"""


LOADER = """
import importlib.util, sys
for number, path in enumerate({paths!r}):
    spec = importlib.util.spec_from_file_location("plant_%d" % number, path)
    sys.modules[spec.name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
"""


@functools.cache
def audited(framework, planted):
    """What the checks of a framework's four plants say, without them or with all four planted: one audit for all."""
    wanted = {plant: check for plant, (check, _) in TWELVE.items() if plant.startswith(f"{framework}/")}
    with tempfile.TemporaryDirectory() as folder:
        setup = Path(folder) / "four.py"
        setup.write_text(LOADER.format(paths=[str(fault.path) for fault in power.plants("", [*wanted])]))
        return power.findings(LAYERS, [*wanted.values()], setup if planted else None)


@pytest.mark.parametrize(("plant", "check", "value"), [(plant, *by) for plant, by in TWELVE.items()])
def test_a_planted_fault_is_caught_by_its_contract(plant, check, value):
    """The check fails for values that do not fail without the fault, or not at all; this plant's is among them."""
    (fault,) = power.plants("", [plant])
    framework = fault.path.parent.name
    clean, under = audited(framework, planted=False), audited(framework, planted=True)
    result = power.judge(replace(fault, contracts=(check,)), clean, under, 0.0)

    assert check in fault.contracts
    assert result.by == check, f"{clean[check]} without the fault, {under[check]} with it"
    assert value in under[check].names - clean[check].names
