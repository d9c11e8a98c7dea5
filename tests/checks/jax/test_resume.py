"""Saving and resuming a JAX training: complete, it goes on with the same bits; what is lost is named by its part."""

import pytest
import support
from jax_judging import judged

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
FORGETFUL = """
import numpy
real = numpy.savez

def savez(path, **arrays):
    kept = {name: array for name, array in arrays.items() if name != "count" and not name.startswith("moments/1")}
    kept["parameters/dense"] = numpy.asarray(kept["parameters/dense"], "float16").astype("float32")
    real(path, **kept)

numpy.savez = savez
"""


def test_a_complete_state_trains_on_as_if_nothing_had_happened():
    """Loaded in a fresh process, every part is there, and both steps go on with the same bits."""
    found = support.verdict("jax-resume")

    assert (found.outcome, len(found.evidence["held"])) == ("pass", 26), found


def test_parts_that_are_not_saved_are_named(tmp_path):
    """Half of Adam's moments, the count, and a layer saved in half precision are named, and no other part as loaded."""
    found = judged("jax-resume", tmp_path, FORGETFUL)

    broken = set(found.evidence["broken"])
    loaded = {name for name in broken if name.startswith("loaded: ")}
    assert {"loaded: second moments", "loaded: count", "loaded: parameters of dense"} == loaded
    assert {"continued: losses", "continued by the exported step: losses"} <= broken
    assert "fail" == found.outcome
    assert {"continued: key", "loaded: first moments", "loaded: parameters of conv"} <= set(found.evidence["held"])
