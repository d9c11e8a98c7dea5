"""Facts about a PyTorch process after its work: the libraries that it loaded and its switches, read again."""

from __future__ import annotations

from .. import fact
from . import _maps, torch

FRAMEWORK = "torch"
WHEN = "after"

AGAIN = (
    *("deterministic", "deterministic.warn_only", "deterministic.fill", "default_dtype", "default_device"),
    *("float32_matmul_precision", "fp32_precision", "threads.intra", "threads.inter", "grad", "anomaly_mode"),
    *("cudnn.enabled", "cudnn.deterministic", "cudnn.benchmark", "cudnn.allow_tf32"),
    *("cuda.matmul.allow_tf32", "cuda.matmul.fp16_reduction", "cuda.matmul.bf16_reduction"),
    *("sdpa.flash", "sdpa.memory_efficient", "sdpa.math", "sdpa.cudnn", "onednn.enabled", "onednn.deterministic"),
    *("inductor.fallback_random", "inductor.max_autotune", "inductor.deterministic", "inductor.emulate_casts"),
    *("dynamo.disable", "dynamo.suppress_errors"),
)
"""Switches that a library may change during the run, so that the final value may differ from the first."""

SWITCHES = {"torch.after." + name: torch.PROBES["torch." + name] for name in AGAIN}
LIBRARIES = _maps.probes(FRAMEWORK)
KEYS = dict(fact.keys(SWITCHES), **fact.keys(LIBRARIES))


def collect(request):
    """Libraries and switches."""
    yield from fact.answers(LIBRARIES, request)
    yield from fact.answers(SWITCHES)
