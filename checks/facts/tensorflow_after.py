"""Facts about a TensorFlow process after its work: the libraries that it loaded and its switches, read again."""

from __future__ import annotations

from .. import fact
from . import _live, _maps, tensorflow

FRAMEWORK = "tensorflow"
WHEN = "after"

AGAIN = (
    *("deterministic", "tf32", "onednn", "threads.intra", "threads.inter", "jit", "optimizer", "functions_run_eagerly"),
    *("soft_placement", "keras.backend", "keras.float", "keras.policy"),
)
"""Switches that a library may change during the run, so that the final value may differ from the first."""

SWITCHES = {"tensorflow.after." + name: tensorflow.PROBES["tensorflow." + name] for name in AGAIN}
STARTING = tuple(name for name in SWITCHES if name.replace(".after.", ".") in tensorflow.STARTING)
LIBRARIES = _maps.probes(FRAMEWORK)
KEYS = dict(fact.keys(SWITCHES), **fact.keys(LIBRARIES))


def collect(request):
    """Libraries and switches."""
    yield from fact.answers(LIBRARIES, request)
    yield from _live.answers(request, SWITCHES, STARTING, tensorflow.started)
