"""
The environment variables of factors: one function for each factor that sets any.

Each function takes the factor's value, the user's environment and a scratch folder, and returns the variables to set.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from . import own_cache

Variables = dict[str, str]


def nothing(_value: str, _user: Mapping[str, str], _scratch: Path) -> Variables:
    """No variables: the host or the payload applies the factor."""
    return {}


def hash_seed(value: str, _user: Mapping[str, str], _scratch: Path) -> Variables:
    """Python's variable for the string hash seed."""
    return {"PYTHONHASHSEED": value}


def threads(value: str, _user: Mapping[str, str], _scratch: Path) -> Variables:
    """
    The thread counts that libraries read when they are loaded.

    NPROC is what the CPU client under JAX reads for its pool (xla, `DefaultThreadPoolSize`). Measured with jaxlib
    0.10.2: NPROC=1 gives one thread, while `--xla_cpu_multi_thread_eigen=false` changes nothing.
    """
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC")
    return dict.fromkeys((*names, "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), value)


def memory_fill(value: str, user: Mapping[str, str], _scratch: Path) -> Variables:
    """
    Make glibc fill heap memory with the complement of this byte: 85 gives 0xAA, 170 gives 0x55, 255 gives 0.

    The per-thread cache is disabled, since it returns freed small blocks without filling them (seen with glibc 2.36).
    """
    tunables = [text for text in (user.get("GLIBC_TUNABLES", ""), "glibc.malloc.tcache_count=0") if text]
    return {"MALLOC_PERTURB_": value, "GLIBC_TUNABLES": ":".join(tunables)}


def onednn(value: str, _user: Mapping[str, str], _scratch: Path) -> Variables:
    """TensorFlow's variable; the payload disables torch's oneDNN by a call."""
    return {"TF_ENABLE_ONEDNN_OPTS": value}


def tmp(value: str, _user: Mapping[str, str], scratch: Path) -> Variables:
    """A new folder for temporary files; its name contains the value."""
    folder = scratch / f"tmp-{value}"
    folder.mkdir(parents=True, exist_ok=True)
    return {"TMPDIR": str(folder)}


def compile_cache(value: str, user: Mapping[str, str], scratch: Path) -> Variables:
    """The audit's own compile cache (`own`), or a new, cold one; the user's cache is not changed."""
    cache = own_cache.place(user) if value == "own" else scratch / f"compile-{value}"
    if value == "own":
        own_cache.tag(cache)
    return {
        "TORCHINDUCTOR_CACHE_DIR": str(cache),
        "TRITON_CACHE_DIR": str(cache / "triton"),
        "JAX_COMPILATION_CACHE_DIR": str(cache / "jax"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }


def compilers(_value: str, _user: Mapping[str, str], _scratch: Path) -> Variables:
    """
    The variables that turn off `jax.jit` and `torch.compile`; for `tf.function` the payload makes a call.

    JAX reads its variable when it is imported, torch when `torch._dynamo` is.
    """
    return {"JAX_DISABLE_JIT": "1", "TORCH_COMPILE_DISABLE": "1"}


DATA_CACHES: Variables = {
    "HF_HOME": "huggingface",
    "HF_HUB_CACHE": "huggingface/hub",
    "HF_DATASETS_CACHE": "huggingface/datasets",
    "HF_ASSETS_CACHE": "huggingface/assets",
    "HF_XET_CACHE": "huggingface/xet",
    "TRANSFORMERS_CACHE": "huggingface/transformers",
    "TFDS_DATA_DIR": "tensorflow_datasets",
    "TFHUB_CACHE_DIR": "tensorflow_hub",
    "TORCH_HOME": "torch",
    "KERAS_HOME": "keras",
    "SCIKIT_LEARN_DATA": "scikit_learn",
    "XDG_CACHE_HOME": "xdg",
}
"""Variables that say where libraries keep data between runs, each with its folder under an empty one."""
OLD_CACHES = ("TRANSFORMERS_CACHE",)
"""Names that give a warning where they are set: replaced only where the user has set them."""
KERAS_SETTINGS = "keras.json"
"""In KERAS_HOME: which backend Keras uses, and with which dtype. It is no cache."""


def data_cache(value: str, user: Mapping[str, str], scratch: Path) -> Variables:
    """
    Empty folders where libraries keep downloaded and prepared data (`cold`), or the user's own (`warm`).

    With `cold` the user's folders are neither read, written nor deleted; what the program would download then, it
    downloads again. Without a network it fails.
    The user's Hugging Face token and Keras' settings stay in effect: they lie beside the caches.
    """
    if value == "warm":
        return {}
    base = scratch / "data-cache"
    made = {name: str(base / folder) for name, folder in DATA_CACHES.items() if name in user or name not in OLD_CACHES}
    for folder in made.values():
        Path(folder).mkdir(parents=True, exist_ok=True)
    home = Path(user.get("HOME", "/"))
    cache = Path(user.get("XDG_CACHE_HOME") or home / ".cache")
    token = Path(user.get("HF_HOME") or cache / "huggingface") / "token"
    settings = Path(user.get("KERAS_HOME") or home / ".keras") / KERAS_SETTINGS
    if settings.is_file():
        shutil.copyfile(settings, Path(made["KERAS_HOME"]) / KERAS_SETTINGS)
    return made | ({} if "HF_TOKEN_PATH" in user else {"HF_TOKEN_PATH": str(token)})


def isa(_value: str, user: Mapping[str, str], _scratch: Path) -> Variables:
    """
    The lowest vector instruction set that each library can be restricted to.

    It restricts torch's own kernels, oneDNN (in torch and TensorFlow), MKL, OpenBLAS and XLA for CPUs. TensorFlow's own
    Eigen kernels cannot be restricted.
    """
    flags = [text for text in (user.get("XLA_FLAGS", ""), "--xla_cpu_max_isa=AVX") if text]
    return {
        "ATEN_CPU_CAPABILITY": "default",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "MKL_CBWR": "COMPATIBLE",
        "OPENBLAS_CORETYPE": "Nehalem",
        "XLA_FLAGS": " ".join(flags),
    }


def autotune(_value: str, _user: Mapping[str, str], _scratch: Path) -> Variables:
    """Invert Inductor's measured times, so that it chooses the slowest kernel; disable cuDNN's search in TensorFlow."""
    return {"TORCHINDUCTOR_DISTORT_BENCHMARKING_RESULT": "inverse", "TF_CUDNN_USE_AUTOTUNE": "0"}


def locale(value: str, _user: Mapping[str, str], _scratch: Path) -> Variables:
    """All locale categories."""
    return {"LC_ALL": value}


def time_zone(value: str, _user: Mapping[str, str], _scratch: Path) -> Variables:
    """The time zone of the C library and of Python."""
    return {"TZ": value}


def keras_backend(value: str, _user: Mapping[str, str], _scratch: Path) -> Variables:
    """The backend that Keras chooses on import."""
    return {"KERAS_BACKEND": value}
