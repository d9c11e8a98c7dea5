"""Signatures called again in the audited Python: what races, what reads old memory, what cannot be built."""

import json
import os
import subprocess

import made_observed as made
import pytest
from support import AUDITED, ROOT

from auditor.experiment import measure

INTEGERS = {"min": 0, "max": 99_999, "sampled": 4096, "distinct": 4000, "top": 0.001, "sorted": False, "zeros": 0.0}


def index_put():
    """The accumulating write that races, as the backward pass of indexing calls it."""
    put = made.signature("aten::index_put", made.tensor(100_000), {"list": [made.tensor(300_000, dtype="int64")]})
    put.arguments[0] += [made.tensor(300_000), {"value": True}]
    put.statistics = [None, INTEGERS, None]
    return put


def lstsq(*driver):
    """The solver that takes stale memory for pivots, unless another driver is named."""
    solve = made.signature("aten::linalg_lstsq", made.tensor(8, 4), made.tensor(8, 2))
    solve.arguments[1].update({"driver": {"value": driver[0]}} if driver else {})
    return solve


@pytest.mark.frameworks
@pytest.mark.alone
def test_each_signature_has_its_own_outcome():
    """A race that the switch cures, stale memory, and an operator that repeats; what cannot be built is named."""
    race, stale, right, plain = index_put(), lstsq(), lstsq("gelsd"), made.signature()
    gone = made.signature("mine::double", made.tensor(3))
    sparse = made.signature("aten::sum", {"opaque": "a torch.sparse_coo tensor"})
    found = measure.measure(AUDITED, [race, stale, right, plain, gone, sparse], 300)
    outcomes = {one.signature.id: (one.outcome, one.cured) for one in found.measured}

    assert {
        race.id: ("races", True),
        stale.id: ("reads-unwritten-memory", False),
        right.id: ("repeats", False),
        plain.id: ("repeats", False),
    } == outcomes
    assert "its library was not imported" in found.left_out[gone.id]
    assert "sparse" in found.left_out[sparse.id]


@pytest.mark.frameworks
def test_made_inputs_do_not_depend_on_the_vector_width():
    """Two processes with other instructions make the same bits, for every kind of values."""
    kinds = [
        ("float32", {"min": -3.7, "max": 11.0, "spread": 1.3, "zeros": 0.2, "negative": 0.4, "nonfinite": 0.0}),
        ("bfloat16", {"min": 0.25, "max": 900.0, "spread": 9.0, "zeros": 0.0, "negative": 0.0, "nonfinite": 0.01}),
        ("int64", INTEGERS),
        ("bool", {"zeros": 0.3}),
        ("complex64", {}),
    ]
    asked = json.dumps([[dict(made.tensor(257, 33, dtype=dtype)), told] for dtype, told in kinds])
    digests = [_digests(asked, {"ATEN_CPU_CAPABILITY": width}) for width in ("default", "avx2")]

    assert digests[0] == digests[1]
    assert len(kinds) == len({*digests[0]})


def _digests(asked, environment):
    script = (
        "import importlib, importlib.util, json, sys\n"
        f"spec = importlib.util.spec_from_file_location('entry', {str(ROOT / 'checks' / '__main__.py')!r})\n"
        "entry = importlib.util.module_from_spec(spec); spec.loader.exec_module(entry)\n"
        f"entry._load_payload({str(ROOT / 'checks')!r})\n"
        "import torch\n"
        "made = importlib.import_module('_auditor_checks.recorders.signatures.torch.made')\n"
        "digest = importlib.import_module('_auditor_checks.fingerprint').digest\n"
        "asked = json.loads(sys.argv[1])\n"
        "print(json.dumps([digest(made.tensor(torch, *one, number)) for number, one in enumerate(asked)]))\n"
    )
    done = subprocess.run(
        [AUDITED, "-B", "-c", script, asked],
        capture_output=True,
        check=True,
        env={**os.environ, **environment},
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


BY_HAND = """
import json, torch
torch.set_num_threads(2)
x = ((torch.arange(50_000, dtype=torch.int64) * 7919 % 65_537).double() / 16_384 - 2).float()
x = x / 3
found = {"aten::add.Tensor": x + x, "aten::sigmoid": x.sigmoid(), "aten::silu": torch.nn.functional.silu(x)}
found.update({"aten::neg": -x, "aten::atan": x.atan()})
print(json.dumps({name: value.numpy().tobytes().hex() for name, value in found.items()}))
"""
"""Calls each operator by itself, with inputs of its own: no code of this project."""


@pytest.mark.frameworks
@pytest.mark.slow
def test_two_vector_widths_differ_in_exactly_the_operators_that_a_script_finds(monkeypatch):
    """An audit of one machine with its vector width capped stands for another machine."""
    told = {"min": -2.0, "max": 2.0, "spread": 1.1, "zeros": 0.0, "negative": 0.5, "nonfinite": 0.0}
    vector = made.tensor(50_000)
    wanted = [
        made.signature(name, *[vector] * (2 if "add" in name else 1))
        for name in ("aten::add.Tensor", "aten::sigmoid", "aten::silu", "aten::neg", "aten::atan")
    ]
    for one in wanted:
        one.statistics = [told] * len(one.tensors())
    digests, by_hand = [], []
    for width in ("default", "avx2"):
        monkeypatch.setenv("ATEN_CPU_CAPABILITY", width)
        found = measure.measure(AUDITED, wanted, 300)
        digests.append({one.signature.operator: (one.inputs, one.outputs) for one in found.measured})
        done = subprocess.run([AUDITED, "-c", BY_HAND], capture_output=True, check=True, text=True)
        by_hand.append(json.loads(done.stdout))
    ours = {name for name in digests[0] if digests[0][name][1] != digests[1][name][1]}

    assert {one.operator for one in wanted} == {*digests[0]}
    assert all(digests[0][name][0] == digests[1][name][0] for name in digests[0])
    assert {name for name in by_hand[0] if by_hand[0][name] != by_hand[1][name]} == ours
    assert ours
    assert "aten::neg" not in ours
