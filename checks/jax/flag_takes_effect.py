"""
JAX's switches take effect, also for functions compiled before, or raise an error.

Why: a switch that is accepted and ignored makes two experiments differ that their authors believe to be alike. Seen
with jaxlib 0.10.2 on a CPU: a compiled function keeps its generator when `jax_default_prng_impl` changes, and likewise
with `jax_high_dynamic_range_gumbel` (jax#40609); the matmul precision `BF16_BF16_F32`, which `jax.lax.DotAlgorithm`
promises to follow or to refuse, is accepted and ignored; `jax_debug_nans` raises nothing in functions compiled before
if a derivative of `relu` over an array was taken before it is set; `XLA_FLAGS` set after the first computation is
ignored without a warning. With `--xla_gpu_deterministic_ops=true`, `.at[].set` lost an element
(jax#27796).

Remedy: set every switch before the first computation, and `XLA_FLAGS` in the job that launches the program. After a
later change call `jax.clear_caches()`. Cast to bfloat16 by hand where you want bfloat16 products. For other switches,
update jaxlib.
"""

from __future__ import annotations

from ..declare import Check
from ..lacking import Lacking
from . import _late, _switches

CHECK = Check(
    tier="quick",
    rule="expected",
    isolates=True,
    last=True,
    compiles=True,
    documented={_late.LATE_FLAGS: "https://docs.jax.dev/en/latest/xla_flags.html"},
)


def measure(settings):
    """The expected and observed effect of each switch: {name: {"expected": ..., "observed": ...}}."""
    reading, lacking = {}, Lacking()
    for probe in (*_switches.PROBES, _late.late_devices, _late.late_flags):
        with lacking.case(probe.__name__):
            for name, (expected, observed) in probe().items():
                reading[name] = {"expected": expected, "observed": observed}
    return dict(reading, conditions=lacking.conditions)
