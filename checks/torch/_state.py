"""Torch's process state: what is compared around every check, how settings are applied, how seeds are put back."""

from __future__ import annotations

import contextlib
import hashlib
import random


def snapshot():
    """Names of torch's switches, thread counts, default dtype and RNG state to short values."""
    import torch

    return {
        "torch random state": hashlib.sha256(torch.get_rng_state().numpy().tobytes()).hexdigest()[:16],
        "torch default dtype": str(torch.get_default_dtype()),
        "torch deterministic algorithms": torch.get_deterministic_debug_mode(),
        "torch fill uninitialized memory": torch.utils.deterministic.fill_uninitialized_memory,
        "torch intra-op threads": torch.get_num_threads(),
        "torch inter-op threads": torch.get_num_interop_threads(),
        "torch float32 matmul precision": torch.get_float32_matmul_precision(),
        "torch grad mode": torch.is_grad_enabled(),
        "torch oneDNN": torch.backends.mkldnn.enabled,
        "torch anomaly mode": torch.is_anomaly_enabled(),
    }


def apply(chosen):
    """Apply the settings that are calls of torch."""
    import torch

    if "threads" in chosen:
        torch.set_num_threads(int(chosen["threads"]))
    if chosen.get("onednn") == "0":
        torch.backends.mkldnn.enabled = False
    if chosen.get("framework-switch") == "on":
        torch.use_deterministic_algorithms(True)


@contextlib.contextmanager
def seeded(seed):
    """Seed python, numpy and torch for the duration, and put every generator back afterwards."""
    import numpy
    import torch

    python_state, numpy_state, torch_state = random.getstate(), numpy.random.get_state(), torch.get_rng_state()
    random.seed(seed)
    numpy.random.seed(seed)
    torch.manual_seed(seed)
    try:
        yield
    finally:
        random.setstate(python_state)
        numpy.random.set_state(numpy_state)
        torch.set_rng_state(torch_state)
