"""Environment variables, one entry of the maps `env` and `env.other` each."""

from __future__ import annotations

from . import sources
from .rule import EffectRule


def _set(*names: str) -> tuple[str, ...]:
    return tuple(f"env/{name}" for name in names)


VARIABLES = (
    EffectRule(
        _set(
            *(
                "*VERBOSE",
                "*VERBOSE_*",
                "*LOGLEVEL*",
                "*LOG_LEVEL*",
                "CUBLAS*LOG*",
                "CUDNN_LOG*",
                "MIOPEN_*LOG*",
                "HIPBLASLT_LOG*",
            ),
            *("OMP_DISPLAY_*", "KMP_WARNINGS", "ROCBLAS_LAYER"),
        ),
        "cannot",
        "It decides what is logged.",
        sources.REASONING,
    ),
    EffectRule(
        _set("*_CACHE_DIR", "CUDA_CACHE_*"),
        "may",
        "Kernels that were compiled or tuned before are used again, so a choice by timing persists.",
        sources.XLA_AUTOTUNING,
    ),
    EffectRule(
        _set("TF_ENABLE_ONEDNN_OPTS", "TF_DISABLE_MKL", "TF_ONEDNN_*"),
        "changes",
        "oneDNN kernels compute in another order: TensorFlow says so itself at start, and its own tests need wider "
        "tolerances with them.",
        sources.TENSORFLOW_ONEDNN,
        frameworks=("tensorflow",),
    ),
    EffectRule(
        _set("TF_NUM_INTRAOP_THREADS"),
        "changes",
        "Sums are split over the threads, so their number decides the order of additions.",
        sources.TENSORFLOW_THREADS,
        frameworks=("tensorflow",),
    ),
    EffectRule(
        _set(
            "TF_DETERMINISTIC_OPS",
            "TF_CUDNN_*",
            "TF_USE_*",
            "TF_XLA_FLAGS",
            "TF_ENABLE_*",
            "TF_DISABLE_*",
            "TF_OVERRIDE_*",
            "KERAS_BACKEND",
        ),
        "changes",
        "A switch that chooses TensorFlow's algorithms, its precision or its compiler: determinism needs equal ones.",
        sources.TENSORFLOW_DETERMINISM,
        frameworks=("tensorflow",),
    ),
    EffectRule(
        _set("TF_CPP_*", "TF_PYTHON_*", "NCCL_DEBUG*", "TORCH_LOGS*", "TORCH_SHOW_*"),
        "cannot",
        "It decides what is logged, or shown of a failure.",
        sources.REASONING,
    ),
    EffectRule(
        _set("XLA_FLAGS", "LIBTPU_INIT_ARGS"),
        "changes",
        "Flags of the compiler, which choose deterministic operations and autotuning among others.",
        sources.XLA_DETERMINISM,
        frameworks=("jax", "tensorflow"),
    ),
    EffectRule(
        _set(
            "JAX_ENABLE_X64",
            "JAX_DEFAULT_MATMUL_PRECISION",
            "JAX_DEFAULT_PRNG_IMPL",
            "JAX_THREEFRY_PARTITIONABLE",
            "JAX_RANDOM_SEED_OFFSET",
            "JAX_NUMPY_DTYPE_PROMOTION",
            "JAX_DISABLE_JIT",
            "JAX_DISABLE_MOST_OPTIMIZATIONS",
            "JAX_PLATFORMS",
            "JAX_NUM_CPU_DEVICES",
        ),
        "changes",
        "It sets the option of the same name, which decides precision, draws, compiler or device.",
        sources.JAX_OPTIONS,
        frameworks=("jax",),
    ),
    EffectRule(
        _set("ATEN_*"),
        "changes",
        "It chooses the vector width of PyTorch's own CPU kernels, and not that of MKL's or oneDNN's.",
        "https://github.com/pytorch/pytorch/issues/155552",
        "processor",
        ("torch",),
    ),
    EffectRule(
        _set("TORCH_ALLOW_TF32*", "TORCH_DETERMINISTIC*", "TORCHINDUCTOR_*", "TORCH_COMPILE_DISABLE"),
        "changes",
        "A switch of PyTorch's precision, algorithms or compiler, across which no equal bits are promised.",
        sources.TORCH_ACCURACY,
        frameworks=("torch",),
    ),
    EffectRule(
        _set("CUBLAS*"),
        "changes",
        "The workspace decides which implementation cuBLAS chooses where several streams are active.",
        sources.CUBLAS,
    ),
    EffectRule(
        _set("MIOPEN_*", "ROCBLAS_*"),
        "changes",
        "Switches of AMD's libraries: one of them chooses how small 16-bit numbers are treated.",
        sources.TORCH_ACCURACY,
    ),
    EffectRule(
        _set("NVIDIA_TF32_OVERRIDE", "CUDNN_*", "NVTE_*", "HIPBLASLT_*"),
        "changes",
        "A switch of the GPU libraries: precision, workspace, choice of kernels.",
        sources.REASONING,
    ),
    EffectRule(
        _set("NCCL_ALGO", "NCCL_PROTO", "NCCL_MIN_*", "NCCL_MAX_*", "NCCL_NTHREADS", "NCCL_NVLS*"),
        "changes",
        "It chooses the algorithm or the channels of collective sums, and with that the order of additions.",
        sources.NCCL_ORDER,
    ),
    EffectRule(
        _set("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"),
        "changes",
        "It chooses OpenBLAS' kernels or their blocks, and with them the order of sums.",
        sources.OPENBLAS,
        "processor",
    ),
    EffectRule(
        _set("NPY_*"),
        "changes",
        "It disables instruction sets in NumPy, whose sin, exp and log then have other implementations.",
        sources.NUMPY_VECTORS,
        "processor",
    ),
    EffectRule(
        _set("MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS", "MKL_DEBUG_*"),
        "changes",
        "It chooses MKL's code branch; each branch gives its own results.",
        sources.MKL,
        "processor",
    ),
    EffectRule(
        _set("DNNL_*", "ONEDNN_*"),
        "changes",
        "It chooses oneDNN's instruction set or kernels, whose convolutions differ between AVX2 and AVX-512.",
        "https://github.com/uxlfoundation/oneDNN/issues/1354",
        "processor",
    ),
    EffectRule(
        _set("GLIBC_TUNABLES"),
        "changes",
        "It can disable instruction sets in the C library: without fused operations, pow gives different bits.",
        sources.LIBM_VECTORS,
        "processor",
    ),
    EffectRule(
        _set("OMP_*", "MKL_*", "OPENBLAS_*", "BLIS_*", "VECLIB_*", "GOTO_*", "NUMEXPR_*", "KMP_*", "GOMP_*", "NPROC"),
        "changes",
        "It decides how, and over how many threads, a library splits its sums; equal results need a fixed number.",
        sources.MKL_CONDITIONS,
    ),
    EffectRule(
        _set("PYTHONHASHSEED"),
        "changes",
        "It decides the order of sets of strings, and of everything that is built from them.",
        sources.PYTHON_VARIABLES,
    ),
    EffectRule(
        _set("PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PYTHONFAULTHANDLER"),
        "cannot",
        "It decides how output, bytecode files or crashes are handled.",
        sources.PYTHON_VARIABLES,
    ),
    EffectRule(
        _set("LANG", "LANGUAGE", "LC_*", "TZ"),
        "may",
        "Locale and time zone decide how texts, including numbers, are sorted, read and written.",
        "https://docs.python.org/3/library/locale.html",
    ),
    EffectRule(
        _set("MALLOC_*"),
        "may",
        "It decides how memory is allocated and, with MALLOC_PERTURB_, the content of fresh memory, which changes "
        "results that read uninitialised memory.",
        "https://sourceware.org/ml/libc-hacker/2010-07/msg00005.html",
    ),
    EffectRule(
        ("env", "env/*"),
        "may",
        "A variable that libraries read, without a rule of its own.",
        "checks/facts/env.py (the list)",
    ),
    EffectRule(
        tuple(f"env.other/{name}" for name in ("LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "PYTHONPATH", "*DEVICES")),
        "may",
        "It decides which libraries or modules are found first, or which devices are used.",
        "https://man7.org/linux/man-pages/man8/ld.so.8.html",
    ),
    EffectRule(
        ("env.other", "env.other/*"),
        "cannot",
        "It identifies a place or a job.",
        sources.REASONING,
    ),
)
