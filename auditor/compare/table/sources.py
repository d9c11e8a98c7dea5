"""
Documents and threads that the table cites more than once, and measurements.

Each address was read in November 2026, in a stored copy, and supports the rules that cite it. API pages of PyTorch and
TensorFlow were read as docstrings of the installed release, cuBLAS' section in a translation; Python's two pages were
not read again. A rule without a source has `REASONING` or a measurement. Measurements were made twice, with equal
results, on 2 cores of an x86-64 processor with AVX-512, with TensorFlow 2.21 and JAX 0.10.2.
"""

from __future__ import annotations

from .rule import MEASURED, REASONING

__all__ = ["MEASURED", "REASONING"]

TORCH_REPRODUCIBILITY = "https://docs.pytorch.org/docs/stable/notes/randomness.html"
TORCH_ACCURACY = "https://docs.pytorch.org/docs/stable/notes/numerical_accuracy.html"
TORCH_THREADS = "https://github.com/pytorch/pytorch/issues/88718"
TORCH_VECTORS = "https://github.com/pytorch/pytorch/issues/155423"
TORCH_ATTENTION = "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html"
TORCH_FAST_PATH = "https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html"
TORCH_DEBUG_MODE = "https://docs.pytorch.org/docs/stable/generated/torch.set_deterministic_debug_mode.html"
TORCH_CACHES = "https://docs.pytorch.org/tutorials/recipes/torch_compile_caching_tutorial.html"
TENSORFLOW_VERSIONS = "https://www.tensorflow.org/guide/versions"
TENSORFLOW_DETERMINISM = "https://www.tensorflow.org/api_docs/python/tf/config/experimental/enable_op_determinism"
TENSORFLOW_ONEDNN = "https://github.com/tensorflow/tensorflow/pull/62876"
TENSORFLOW_THREADS = (
    MEASURED
    + "tf.config.threading.set_intra_op_parallelism_threads(1) and (2): other bits of a sum of 3,000,001 floats "
    "and of a convolution's gradient; without oneDNN of a matrix product too"
)
KERAS_VERSIONS = "https://github.com/keras-team/keras/issues/4094"
JAX_VERSIONS = "https://github.com/jax-ml/jax/issues/23590"
JAX_OPTIONS = "https://docs.jax.dev/en/latest/config_options.html"
JAX_PRECISION = "https://docs.jax.dev/en/latest/201/precision.html"
JAX_X64 = "https://docs.jax.dev/en/latest/default_dtypes.html"
JAX_DRAWS = "https://github.com/jax-ml/jax/discussions/18480"
JAX_DEVICES = (
    MEASURED + "jnp.sum of 32,768 floats sharded over 1, 2, 4 and 8 host devices under jax.jit: three different sums "
    "(1 and 8 agreed)"
)
XLA_DETERMINISM = "https://github.com/openxla/xla/pull/15229"
XLA_AUTOTUNING = "https://github.com/openxla/xla/issues/37902"
CUBLAS = "https://docs.nvidia.com/cuda/cublas/index.html#results-reproducibility"
CUDNN = "https://docs.nvidia.com/deeplearning/cudnn/latest/developer/misc.html"
CUDA_RELEASES = (
    "https://forums.developer.nvidia.com/t/"
    "cublassgemm-produces-non-trivially-different-results-in-cuda-9-1-vs-cuda-8-0/70395"
)
NCCL_ORDER = "https://github.com/NVIDIA/nccl/issues/1055"
MKL = (
    "https://www.intel.com/content/www/us/en/docs/onemkl/developer-guide-windows/2025-1/"
    "get-started-with-conditional-num-reproducibility.html"
)
MKL_CONDITIONS = (
    "https://www.intel.com/content/www/us/en/docs/onemkl/developer-guide-windows/2024-1/reproducibility-conditions.html"
)
OPENBLAS = "https://github.com/OpenMathLib/OpenBLAS/issues/6021"
BLAS_THREADS = "https://github.com/numpy/numpy/issues/25100"
CONTRACTION = (
    "https://www.intel.com/content/www/us/en/docs/dpcpp-cpp-compiler/developer-guide-reference/2025-1/ffp-contract.html"
)
NUMPY_VERSION = "https://github.com/numpy/numpy/issues/22386"
NUMPY_VECTORS = "https://github.com/numpy/numpy/issues/23523"
LIBM = "https://github.com/openmc-dev/openmc/issues/1214"
LIBM_VECTORS = "https://github.com/FluidSynth/fluidsynth/pull/512"
TRITON = "https://github.com/triton-lang/triton/issues/3052"
TRANSFORMERS = "https://github.com/huggingface/transformers/issues/11772"
PYTHON_VARIABLES = "https://docs.python.org/3/using/cmdline.html#environment-variables"
PYTHON_SYS = "https://docs.python.org/3/library/sys.html"
