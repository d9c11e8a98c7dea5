"""
One thread and many give the same bits.

Why: a sum that is split over threads is grouped differently, so the last bits change with the number of processors, and
two machines diverge over a long training (jax#39741, pytorch#2201, pytorch#88718). Nobody promises otherwise, so these
differences are recorded and do not fail.

Remedy: to compare bits between machines, give every job the same number of threads. Set `NPROC=N` in its environment:
the CPU client of JAX reads it when it starts.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from ..lacking import Lacking
from . import _stress, same_seed

CHECK = Check(tier="full", rule="identical", across=("threads",), compiles=True, requires={"threads": 2})


def measure(settings):
    """Digests of operations at sizes that are split over threads, and of a short training."""
    import jax

    lacking, values = Lacking(), {}
    for name, (run, given) in _stress.cases().items():
        with lacking.case(name):
            values[name] = digest(*jax.tree.leaves(run(*given)))
    values.update({"training: %s" % name: value for name, value in same_seed.measure(settings).items()})
    return dict(values, conditions=dict(lacking.conditions, threads=_stress.usable_threads()))
