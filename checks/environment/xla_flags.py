"""
XLA is told to use deterministic kernels where it runs on a GPU.

Why: on GPUs XLA scatters with atomic additions and chooses kernels by timing, so bits change from run to run
(jax#13672, jax#565). XLA reads its flags once, at the first computation, and ignores later changes without a warning.

Remedy: export `XLA_FLAGS=--xla_gpu_deterministic_ops=true` in the job that launches the program. Check results once:
with jaxlib 0.5.3 the flag broke `.at[].set` (jax#27796).
"""

from __future__ import annotations

from ..declare import Check, NotApplicable
from . import _gpu, _installed, _started

CHECK = Check(
    tier="quick",
    rule="expected",
    remedy_env={"XLA_FLAGS": "--xla_gpu_deterministic_ops=true"},
)
FLAGS = ("--xla_gpu_deterministic_ops", "--xla_gpu_exclude_nondeterministic_ops")
"""Either flag is enough; the last mention of a flag counts."""


def measure(settings):
    """Whether XLA_FLAGS asked for deterministic kernels when the process started."""
    if not any(_installed.framework_installed(name) for name in ("jax", "tensorflow")):
        raise NotApplicable("neither jax nor tensorflow is installed")
    obstacles = [_gpu.nvidia_obstacle(), _gpu.amd_obstacle()]
    if all(obstacles):
        raise NotApplicable("no usable GPU here (%s)" % "; ".join(obstacles))
    return _started.lint("XLA_FLAGS", _asks, "--xla_gpu_deterministic_ops=true")


def _asks(flags):
    """Whether one of the flags is on after all mentions."""
    state = {}
    for flag in flags.split():
        name, _, value = flag.partition("=")
        state[name] = value.lower() in ("", "1", "true")
    return any(state.get(name) for name in FLAGS)
