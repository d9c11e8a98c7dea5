"""Facts about environment variables, by an allowlist of names: all others are private."""

from __future__ import annotations

import os

from .. import fact
from . import _secrets

DECIDING = (
    *("PYTHON", "OMP_", "MKL_", "OPENBLAS_", "BLIS_", "VECLIB_", "GOTO_", "NUMEXPR_", "KMP_", "GOMP_", "NPY_", "NPROC"),
    *("TF_", "TF32", "XLA_", "JAX_", "LIBTPU_", "TPU_", "PJRT_", "KERAS_"),
    *("CUDA_", "CUBLAS", "CUDNN_", "CUFFT_", "NVIDIA_", "NCCL_", "NVTE_"),
    *("TORCH", "PYTORCH_", "TRITON_", "INDUCTOR", "ATEN_", "AOT", "DNNL_", "ONEDNN_"),
    *("MIOPEN_", "ROCM_", "HIP_", "HSA_", "ROCR_", "ROCBLAS_", "HIPBLASLT_"),
    *("ZE_", "ONEAPI_", "SYCL_", "IGC_", "CCL_", "I_MPI_"),
    *("MALLOC_", "LC_"),
)
"""Prefixes of variables that can affect numbers, orders or texts."""

DECIDING_NAMES = ("GLIBC_TUNABLES", "LANG", "LANGUAGE", "TZ", "SOURCE_DATE_EPOCH", "TOKENIZERS_PARALLELISM")
"""Whole names of the same kind, not prefixes: LANG must not admit LANGCHAIN_API_KEY."""

_FOREIGN = ("TF_VAR_", "TF_TOKEN_", "TF_CLI_")
"""Terraform's variables share TensorFlow's prefix and may contain secrets."""

CIRCUMSTANCES = ("LD_LIBRARY_PATH", "LD_PRELOAD", "LD_AUDIT", "SLURM_", "RAY_", "CONDA_", "VIRTUAL_ENV")
"""Prefixes of variables that describe where and in which job a process runs."""

_PLACES = ("PATH", "DIR", "HOME", "ROOT", "FILE", "PREFIX", "FOLDER", "EXECUTABLE", "PREFIXES", "STARTUP", "USERBASE")
"""Last words of names whose value is a path on this machine."""

_JOBS = frozenset(
    (
        *("NVIDIA_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"),
        "ZE_AFFINITY_MASK",
    )
)
"""The devices assigned to a job; values may hold UUIDs."""

KEYS = {
    "env": fact.Key(
        "software", "variables that can affect numbers, orders or texts: name to value", source="os.environ"
    ),
    "env.other": fact.Key(
        "identity", "variables that name paths, jobs and devices: name to value", source="os.environ"
    ),
}


def collect(request):
    """Both maps with current values: in a real run they include variables set by the program and its libraries."""
    yield "env", fact.reading("os.environ", _chosen, False)
    yield "env.other", fact.reading("os.environ", _chosen, True)


def _chosen(circumstances):
    names = sorted(name for name in os.environ if _listed(name) and is_circumstance(name) == circumstances)
    return {name: _content(name) for name in names}


def _listed(name):
    listed = name in DECIDING_NAMES or name.startswith(DECIDING + CIRCUMSTANCES)
    return listed and not name.startswith(_FOREIGN)


def is_circumstance(name):
    """Whether a listed variable names a path, a job or a device: it identifies, but does not affect results."""
    place = name.split("_")[-1] in _PLACES or name in ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE")
    return name.startswith(CIRCUMSTANCES) or name in _JOBS or place


def _content(name):
    """The value without credentials, as raw bytes if it is not UTF-8, or the marker of a secret."""
    if _secrets.is_secret_name(name):
        return _secrets.REDACTED
    content = _secrets.without_credentials(os.environ[name])
    raw = os.fsencode(content)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw
