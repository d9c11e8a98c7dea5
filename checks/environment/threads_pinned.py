"""
The number of threads is fixed for every installed framework.

Why: sums that are split over threads are grouped differently when the number of threads changes, so the last bits
differ from machine to machine (pytorch#2201, pytorch#116369, jax#39741). By default each library uses all processors of
the machine.

Remedy: export `OMP_NUM_THREADS` (NumPy and torch), `TF_NUM_INTRAOP_THREADS` (TensorFlow) and `NPROC` (JAX; measured
with jaxlib 0.10.2) with one number everywhere. Use the lowest number that your machines have, or 1.
"""

from __future__ import annotations

from ..declare import Check
from . import _installed, _started

CHECK = Check(tier="quick", rule="expected")
VARIABLES = {
    "numerical libraries": ("OMP_NUM_THREADS", "MKL_NUM_THREADS"),
    "torch": ("OMP_NUM_THREADS", "MKL_NUM_THREADS"),
    "tensorflow": ("TF_NUM_INTRAOP_THREADS",),
    "jax": ("NPROC",),
}
"""Variables that fix the number of threads; one of several is enough."""


def measure(settings):
    """For each installed framework, whether one of its variables is a number."""
    reading = {}
    for user, names in VARIABLES.items():
        if user in _installed.FRAMEWORKS and not _installed.framework_installed(user):
            continue
        expected = "%s a number" % " or ".join(names)
        values = [_started.started_with(name) for name in names]
        given = [value for value in values if value != _started.UNSET]
        good = any(value.isdigit() and int(value) > 0 for value in given)
        observed = expected if good else ", ".join(given) or _started.UNSET
        reading["threads of %s" % user] = {"expected": expected, "observed": observed}
    return reading
