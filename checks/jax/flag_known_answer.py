"""
JAX's switches and XLA's determinism flags do not make results wrong.

Why: a determinism switch selects other kernels, which fewer people use: with `--xla_gpu_deterministic_ops=true`,
`.at[].set` gave [0 2 0 0] where [1 2 0 0] is right (jax#27796). The check solves small problems whose answers are exact
in any order: op by op and compiled, compiled under each of JAX's switches, and in fresh processes under XLA's flags.

Remedy: leave the named switch off and report it. Update jaxlib. For scatters under the flag, make the indices sorted
and unique.
"""

from __future__ import annotations

import os

from ..declare import Check
from ..process import child
from . import _known_answers, _state

CHECK = Check(tier="full", rule="expected", compiles=True)
SWITCHES = (
    ("jax_enable_x64", True),
    ("jax_default_matmul_precision", "highest"),
    ("jax_default_matmul_precision", "bfloat16"),
    ("jax_disable_jit", True),
    ("jax_debug_nans", True),
    ("jax_numpy_dtype_promotion", "strict"),
)
FLAGS = (
    "--xla_gpu_deterministic_ops=true --xla_gpu_exclude_nondeterministic_ops=true",
    "--xla_allow_excess_precision=false --xla_cpu_multi_thread_eigen=false",
)


def measure(settings):
    """For each problem under each switch: the exact answer and the observed one."""
    found, refused = dict(_known_answers.op_by_op(), **_known_answers.compiled()), {}
    for switch in SWITCHES:
        with _state.switched(*switch):
            for name, pair in _known_answers.compiled().items():
                found["%s under %s=%s" % (name, *switch)] = pair
    for flags in FLAGS:
        try:
            told = child.run("jax._known_answers.in_child", {}, {"XLA_FLAGS": _with(flags)})
        except child.ChildFailed as problem:
            if "Unknown flag" not in str(problem):
                raise
            refused[flags] = "this jaxlib does not know it"
            continue
        found.update({"%s under %s" % (name, flags.split(" ")[0]): pair for name, pair in told.items()})
    reading = {name: {"expected": expected, "observed": observed} for name, (expected, observed) in found.items()}
    return dict(reading, conditions={"refused": refused})


def _with(flags):
    """The user's flags followed by these."""
    return ("%s %s" % (os.environ.get("XLA_FLAGS", ""), flags)).strip()
