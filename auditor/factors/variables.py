"""
The environment variables by which a factor takes effect: one function for each factor that has any.

Each takes the factor's value, the user's environment and a scratch folder of the process, and gives the variables that
are set on top of that environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

Variables = dict[str, str]


def nothing(_value: str, _user: Mapping[str, str], _scratch: Path) -> Variables:
    """The environment stays as it is: the host or the payload does the work."""
    return {}


def hash_seed(value: str, _user: Mapping[str, str], _scratch: Path) -> Variables:
    """Python's own variable."""
    return {"PYTHONHASHSEED": value}


def threads(value: str, _user: Mapping[str, str], _scratch: Path) -> Variables:
    """
    Thread counts that are read when a library is loaded.

    NPROC is what the CPU client under JAX reads for its pool (xla, `DefaultThreadPoolSize`). Measured with jaxlib
    0.10.2: NPROC=1 gives one thread, while `--xla_cpu_multi_thread_eigen=false` changes nothing.
    """
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC")
    return dict.fromkeys((*names, "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), value)


def memory_fill(value: str, user: Mapping[str, str], _scratch: Path) -> Variables:
    """
    Makes glibc fill heap memory with the complement of this byte: 85 shows as 0xAA, 170 as 0x55, 255 as 0.

    Without its per-thread cache of small freed blocks, which are handed out again unfilled (seen with glibc 2.36).
    """
    tunables = [text for text in (user.get("GLIBC_TUNABLES", ""), "glibc.malloc.tcache_count=0") if text]
    return {"MALLOC_PERTURB_": value, "GLIBC_TUNABLES": ":".join(tunables)}


def onednn(value: str, _user: Mapping[str, str], _scratch: Path) -> Variables:
    """TensorFlow's variable; torch's oneDNN is switched off by a call in the payload."""
    return {"TF_ENABLE_ONEDNN_OPTS": value}


def tmp(value: str, _user: Mapping[str, str], scratch: Path) -> Variables:
    """Another folder for temporary files, made beside the request; its name differs for every value."""
    folder = scratch / f"tmp-{value}"
    folder.mkdir(parents=True, exist_ok=True)
    return {"TMPDIR": str(folder)}


def compile_cache(value: str, user: Mapping[str, str], scratch: Path) -> Variables:
    """The audit's own compile cache, which is warm the second time, or a new one; the user's stays as it is."""
    base = user.get("XDG_CACHE_HOME") or str(Path(user.get("HOME", "/tmp")) / ".cache")  # noqa: S108 - no home, no choice
    cache = Path(base) / "auditor" / "compile" if value == "own" else scratch / f"compile-{value}"
    return {
        "TORCHINDUCTOR_CACHE_DIR": str(cache),
        "TRITON_CACHE_DIR": str(cache / "triton"),
        "JAX_COMPILATION_CACHE_DIR": str(cache / "jax"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }


def isa(_value: str, user: Mapping[str, str], _scratch: Path) -> Variables:
    """
    The least that each library can be told to use of the processor's vector instructions.

    torch's own kernels, oneDNN (in torch and TensorFlow), MKL, OpenBLAS, XLA for CPUs. TensorFlow's own Eigen kernels
    cannot be told.
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
    """Inductor's measured times turned round, so that it chooses what it found slowest; cuDNN's search in TF off."""
    return {"TORCHINDUCTOR_DISTORT_BENCHMARKING_RESULT": "inverse", "TF_CUDNN_USE_AUTOTUNE": "0"}


def locale(value: str, _user: Mapping[str, str], _scratch: Path) -> Variables:
    """The locale of everything."""
    return {"LC_ALL": value}


def time_zone(value: str, _user: Mapping[str, str], _scratch: Path) -> Variables:
    """The time zone of the C library and of Python."""
    return {"TZ": value}


def keras_backend(value: str, _user: Mapping[str, str], _scratch: Path) -> Variables:
    """Keras chooses its backend when it is imported."""
    return {"KERAS_BACKEND": value}
