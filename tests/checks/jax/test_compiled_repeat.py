"""The stages of compiling in JAX: equal in fresh processes and with a cold cache; what parts is named by its stage."""

import outcomes
import pytest
import support

from auditor.catalogue import catalogue
from auditor.manifest.models import Reading

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
CHECK = "jax-compiled-repeat"
STEP = "training step"
TRACED = """
import jax, os
real, constant = jax.nn.relu, os.getpid() / 2**22
jax.nn.relu = lambda x: real(x) + constant
"""
EXECUTED = """
import jax, numpy, os
real = jax.nn.relu
late = lambda: numpy.float32(int.from_bytes(os.urandom(2), "big"))
jax.nn.relu = lambda x: real(x) + jax.pure_callback(late, jax.ShapeDtypeStruct((), "float32"))
"""
UNOPTIMISED = "import os\nos.environ['XLA_FLAGS'] = '--xla_disable_hlo_passes=algsimp,cpu-instruction-fusion'\n"


def _reading(tmp_path, fault, number):
    setup = tmp_path / "setup.py"
    setup.write_text(fault)
    reply = support.measure(CHECK, setup=str(setup))
    return Reading(check=CHECK, process=f"jax-{number}", values=reply.repeats[0])


def _parted(tmp_path, *faults):
    """The outcome over untouched processes with these set-up files, and the stage at which each program parted."""
    readings = [_reading(tmp_path, fault, number) for number, fault in enumerate(faults)]
    verdict = outcomes.judge(catalogue.load().check(CHECK), readings)
    return verdict.outcome, {name: told["stage"] for name, told in verdict.evidence["parted"].items()}


def test_all_stages_agree_with_a_warm_and_a_cold_cache():
    """Two processes that share a cache, and one with an empty one, agree in every stage of every program."""
    verdict = support.verdict(CHECK)

    assert ("pass", {}) == (verdict.outcome, verdict.evidence["parted"]), verdict


def test_a_constant_that_changes_is_traced_differently(tmp_path):
    """The number of the process as a constant parts the training step when it is traced, and nothing else."""
    found = _parted(tmp_path, TRACED, TRACED)

    assert ("fail", {STEP: "traced"}) == found


def test_a_host_callback_that_changes_is_executed_differently(tmp_path):
    """Chance in a host callback leaves the program as it is, and parts the result of the training step alone."""
    found = _parted(tmp_path, EXECUTED, EXECUTED)

    assert ("fail", {STEP: "result"}) == found


def test_another_optimisation_of_the_same_program_is_named(tmp_path):
    """XLA without two of its passes, in one process, optimises differently what there is something to fuse in."""
    _, stages = _parted(tmp_path, "", UNOPTIMISED)

    assert {STEP: "optimised", "convolution": "optimised"} == stages
