"""Torch's process state: what is compared around every check, how settings are applied and seeds restored."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random


def snapshot():
    """Names of torch's switches, thread counts, default dtype and RNG state to short values."""
    import torch

    state = {
        "torch random state": _short(torch.get_rng_state()),
        "torch default dtype": str(torch.get_default_dtype()),
        "torch default device": str(torch.get_default_device()),
        "torch deterministic algorithms": torch.get_deterministic_debug_mode(),
        "torch fill uninitialized memory": torch.utils.deterministic.fill_uninitialized_memory,
        "torch intra-op threads": torch.get_num_threads(),
        "torch inter-op threads": torch.get_num_interop_threads(),
        "torch float32 matmul precision": torch.get_float32_matmul_precision(),
        "torch grad mode": torch.is_grad_enabled(),
        "torch inference mode": torch.is_inference_mode_enabled(),
        "torch oneDNN": torch.backends.mkldnn.enabled,
        "torch anomaly mode": torch.is_anomaly_enabled(),
        "torch always warns": torch.is_warn_always_enabled(),
    }
    state.update(_device_switches(torch))
    return state


def _device_switches(torch):
    """Switches that select kernels: cuDNN, attention backends, autocast; CUDA's generators once CUDA is in use."""
    cudnn, cuda = torch.backends.cudnn, torch.backends.cuda
    state = {
        "torch cuDNN": (cudnn.enabled, cudnn.benchmark, cudnn.deterministic),
        "torch attention backends": (
            cuda.flash_sdp_enabled(),
            cuda.mem_efficient_sdp_enabled(),
            cuda.math_sdp_enabled(),
            cuda.cudnn_sdp_enabled(),
        ),
        "torch autocast": tuple(
            (device, torch.is_autocast_enabled(device), str(torch.get_autocast_dtype(device)))
            for device in ("cpu", "cuda")
        ),
    }
    if torch.cuda.is_initialized():
        state["torch CUDA random states"] = tuple(_short(each) for each in torch.cuda.get_rng_state_all())
    return state


def _short(tensor):
    return hashlib.sha256(tensor.numpy().tobytes()).hexdigest()[:16]


def apply(chosen):
    """Apply the settings that torch sets by a call."""
    import torch

    if "threads" in chosen:
        torch.set_num_threads(int(chosen["threads"]))
    if chosen.get("onednn") == "0":
        torch.backends.mkldnn.enabled = False
    if chosen.get("framework-switch") == "on":
        if torch.cuda.is_available():  # without it the switch refuses cuBLAS; no handle has read it yet
            os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True)


@contextlib.contextmanager
def seeded(seed):
    """Seed Python, NumPy and torch for the duration, and restore every generator afterwards."""
    import numpy
    import torch

    python_state, numpy_state, torch_state = random.getstate(), numpy.random.get_state(), torch.get_rng_state()
    device_states = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    random.seed(seed)
    numpy.random.seed(seed)
    torch.manual_seed(seed)
    try:
        yield
    finally:
        random.setstate(python_state)
        numpy.random.set_state(numpy_state)
        torch.set_rng_state(torch_state)
        torch.cuda.set_rng_state_all(device_states)


def devices():
    """The devices to measure, each with the prefix of its names: the CPU, and CUDA where it is available."""
    import torch

    found = [("", torch.device("cpu"))]
    if torch.cuda.is_available():
        found.append(("cuda:", torch.device("cuda")))
    return found
