"""
Compiled operations give the same bits from call to call while several threads work on them.

Why: threads that add to one place, or that share state wrongly, make a compiled module give other results from call to
call: on CPUs in 2 % of runs and at any number of threads above one (xla#8471, jax#39741: it grew to NaN in 4 of 4
trainings), on GPUs in scatters and histograms (jax#28783, jax#4823). The check repeats the calls on an idle machine, at
sizes that are split over threads. With fewer than two threads it proves nothing.

Remedy: start the job with `XLA_FLAGS=--xla_gpu_deterministic_ops=true` on a GPU, and with `NPROC=1` or on one processor
(`taskset -c 0`) on a CPU. Report a finding on a CPU. Scatters with repeated indices may apply updates in any order:
sort by index, or make the indices unique.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from ..lacking import Lacking
from . import _documented, _stress

CHECK = Check(
    tier="full",
    rule="identical",
    across=("repeat",),
    quiet=True,
    compiles=True,
    repeats=20,
    explains=("one-thread",),
    requires={"threads": 2},
    documented=_documented.RUN_TO_RUN,
)


def measure(settings):
    """A digest of each case's results on equal inputs, and how many threads could race for them."""
    asked, lacking, values = settings.get("names"), Lacking(), {}
    for name, (run, given) in _stress.cases().items():
        if not asked or name in asked:
            with lacking.case(name):
                values[name] = digest(*_leaves(run(*given)))
    return dict(values, conditions=dict(lacking.conditions, threads=_stress.usable_threads()))


def _leaves(tree):
    import jax

    return jax.tree.leaves(tree)
