"""Environment variables, one entry of the maps `env` and `env.other` each."""

from __future__ import annotations

from . import sources
from .rule import Rule


def _set(*names: str) -> tuple[str, ...]:
    return tuple(f"env/{name}" for name in names)


VARIABLES = (
    Rule(
        _set("TF_ENABLE_ONEDNN_OPTS", "TF_DISABLE_MKL", "TF_ONEDNN_*"),
        "changes",
        "oneDNN kernels sum in another order than Eigen's: TensorFlow says so itself at start.",
        sources.TENSORFLOW_ONEDNN,
        frameworks=("tensorflow",),
    ),
    Rule(
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
        "A switch that chooses TensorFlow's algorithms, its precision or its compiler.",
        sources.TENSORFLOW_DETERMINISM,
        frameworks=("tensorflow",),
    ),
    Rule(
        _set("TF_CPP_*", "TF_PYTHON_*", "NCCL_DEBUG*", "TORCH_LOGS*", "TORCH_CPP_LOG_LEVEL", "TORCH_SHOW_*"),
        "cannot",
        "It decides what is logged.",
        "https://docs.pytorch.org/docs/stable/torch.compiler_troubleshooting.html",
    ),
    Rule(
        _set("XLA_FLAGS", "LIBTPU_INIT_ARGS"),
        "changes",
        "Flags of the compiler: determinism, autotuning, fast arithmetic, threads.",
        sources.XLA_DETERMINISM,
        frameworks=("jax", "tensorflow"),
    ),
    Rule(
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
    Rule(
        _set("ATEN_*"),
        "changes",
        "It chooses the vector width of PyTorch's CPU kernels.",
        sources.TORCH_VECTORS,
        "processor",
        ("torch",),
    ),
    Rule(
        _set("TORCH_ALLOW_TF32*", "TORCH_DETERMINISTIC*", "TORCHINDUCTOR_*", "TORCH_COMPILE_DISABLE"),
        "changes",
        "A switch of PyTorch's precision, algorithms or compiler.",
        sources.TORCH_ACCURACY,
        frameworks=("torch",),
    ),
    Rule(
        _set("NVIDIA_TF32_OVERRIDE", "CUBLAS*", "CUDNN_*", "NVTE_*", "MIOPEN_*", "ROCBLAS_*", "HIPBLASLT_*"),
        "changes",
        "A switch of the GPU libraries: precision, workspace, choice of kernels.",
        sources.CUBLAS,
    ),
    Rule(
        _set("NCCL_ALGO", "NCCL_PROTO", "NCCL_MIN_*", "NCCL_MAX_*", "NCCL_NTHREADS", "NCCL_NVLS*"),
        "changes",
        "It chooses the algorithm of collective sums, and with that the order of additions.",
        "https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/env.html",
    ),
    Rule(
        _set("OPENBLAS_CORETYPE", "NPY_*", "MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS", "MKL_DEBUG_*", "DNNL_*", "ONEDNN_*"),
        "changes",
        "It chooses the instruction set or the kernels of a numerical library.",
        sources.MKL,
        "processor",
    ),
    Rule(
        _set("GLIBC_TUNABLES"),
        "changes",
        "It can hide instruction sets from the C library, whose mathematical functions then take another path.",
        "https://sourceware.org/glibc/manual/latest/html_node/Hardware-Capability-Tunables.html",
        "processor",
    ),
    Rule(
        _set("OMP_*", "MKL_*", "OPENBLAS_*", "BLIS_*", "VECLIB_*", "GOTO_*", "NUMEXPR_*", "KMP_*", "GOMP_*", "NPROC"),
        "changes",
        "It decides over how many threads, and how, a library splits its sums.",
        sources.MKL_CONDITIONS,
    ),
    Rule(
        _set("PYTHONHASHSEED"),
        "changes",
        "It decides the order of sets of strings, and with that the order of whatever is built from them.",
        sources.PYTHON_VARIABLES,
    ),
    Rule(
        _set("PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PYTHONFAULTHANDLER", "PYTHONVERBOSE"),
        "cannot",
        "It decides how output, bytecode files or crashes are handled.",
        sources.PYTHON_VARIABLES,
    ),
    Rule(
        _set("LANG", "LANGUAGE", "LC_*", "TZ"),
        "may",
        "Locale and time zone decide how texts are sorted, read and written, numbers among them.",
        "https://docs.python.org/3/library/locale.html",
    ),
    Rule(
        _set("MALLOC_*"),
        "may",
        "It decides what fresh memory holds, which shows wherever memory is read before it is written.",
        "https://man7.org/linux/man-pages/man3/mallopt.3.html",
    ),
    Rule(
        ("env", "env/*"),
        "may",
        "A variable on the list of those that libraries read, without a rule of its own.",
        "checks/facts/env.py (the list)",
    ),
    Rule(
        tuple(f"env.other/{name}" for name in ("LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "PYTHONPATH", "*DEVICES")),
        "may",
        "It decides which libraries or modules are found first, or which devices are used.",
        "https://man7.org/linux/man-pages/man8/ld.so.8.html",
    ),
    Rule(
        ("env.other", "env.other/*"),
        "cannot",
        "It names a place or a job.",
        "checks/facts/env.py (the list)",
    ),
)
