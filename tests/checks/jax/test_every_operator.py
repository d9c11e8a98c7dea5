"""JAX's own harnesses: the table of primitives, what moves in it is named, and absl is not needed."""

import jax_readings
import pytest
import support

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
NAMES = ["cumsum float32", "sin float32", "cos float32", "pad float32"]
WITHOUT_ABSL = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "absl":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Refuse())
"""
PLANTED = """
import itertools, os
import numpy
from _auditor_checks.jax import _harness

real, calls, given = _harness.compiled, itertools.count(), _harness.arguments
faults = {
    "cumsum": lambda *inputs: numpy.empty(20000, "int32")[:3],
    "sin": lambda *inputs: numpy.array(next(calls)),
}
_harness.compiled = lambda harness: faults.get(harness.group_name) or real(harness)
entropy = lambda: [numpy.frombuffer(os.urandom(4), "uint8")]
_harness.arguments = lambda harness: entropy() if harness.group_name == "cos" else given(harness)
"""


def test_primitives_repeat_and_absl_is_not_needed(tmp_path):
    """Four entries agree in every arm, in processes that cannot import absl, and nothing stays in JAX's settings."""
    setup = tmp_path / "setup.py"
    setup.write_text(WITHOUT_ABSL)

    found = support.verdict("jax-every-operator", setup=str(setup), names=NAMES)

    assert found.outcome == "pass", found
    assert found.message.startswith("4 values agree")


def test_what_moves_is_named_and_other_inputs_are_not_judged(tmp_path):
    """Unwritten memory and a change from call to call are told apart; an entry with other inputs is left out."""
    setup = tmp_path / "setup.py"
    setup.write_text(PLANTED)

    found = support.verdict("jax-every-operator", setup=str(setup), names=NAMES)

    assert (found.outcome, found.known) == ("fail", "undocumented")
    moved = found.evidence["factors"].get("memory-fill", [])
    assert {"sin float32", "cumsum float32"} == {*found.evidence["differing"], *moved}
    assert found.evidence["not_compared"] == ["cos float32"]
    assert "sin_" in found.evidence["samples"]["sin float32"][0]


def test_all_cases_are_more_than_eight(tmp_path):
    """`--all` measures every case of a primitive; without it, eight at most over its dtypes."""
    few = jax_readings.values("jax-every-operator", tmp_path, names=["pad float32"])
    everything = jax_readings.values("jax-every-operator", tmp_path, names=["pad float32"], settings={"all": "1"})

    assert (1, 12) == tuple(len(reading["operators"]["pad float32"].split(".")) for reading in (few, everything))


@pytest.mark.exhaustive
def test_every_primitive_has_its_entry(tmp_path):
    """132 primitives, at most eight cases each, all of which run."""
    reading = jax_readings.values("jax-every-operator", tmp_path)
    samples = {name: text.split(".") for name, text in reading["operators"].items()}
    counts = {}
    for name, digests in samples.items():
        counts[name.split(" ")[0]] = counts.get(name.split(" ")[0], 0) + len(digests)

    assert (132, 8) == (len(counts), max(counts.values()))
    assert [] == [name for name, digests in samples.items() if any(digest.startswith("!") for digest in digests)]
