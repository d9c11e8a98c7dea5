"""Documents and threads that the table names more than once."""

from __future__ import annotations

TORCH_REPRODUCIBILITY = "https://docs.pytorch.org/docs/stable/notes/randomness.html"
TORCH_ACCURACY = "https://docs.pytorch.org/docs/stable/notes/numerical_accuracy.html"
TORCH_THREADS = "https://github.com/pytorch/pytorch/issues/88718"
TORCH_VECTORS = "https://github.com/pytorch/pytorch/issues/155423"
TENSORFLOW_VERSIONS = "https://www.tensorflow.org/guide/versions"
TENSORFLOW_DETERMINISM = "https://www.tensorflow.org/api_docs/python/tf/config/experimental/enable_op_determinism"
TENSORFLOW_ONEDNN = "https://github.com/tensorflow/tensorflow/issues/56350"
JAX_VERSIONS = "https://github.com/jax-ml/jax/issues/23590"
KERAS_VERSIONS = "https://github.com/keras-team/keras/issues/15899"
JAX_OPTIONS = "https://docs.jax.dev/en/latest/config_options.html"
JAX_PRECISION = "https://docs.jax.dev/en/latest/_autosummary/jax.default_matmul_precision.html"
JAX_GPU = "https://github.com/google/jax/discussions/10674"
XLA_DETERMINISM = "https://github.com/openxla/xla/pull/12520"
CUBLAS = "https://docs.nvidia.com/cuda/cublas/index.html#results-reproducibility"
MKL = (
    "https://www.intel.com/content/www/us/en/docs/onemkl/developer-guide-macos/2024-0/"
    "obtaining-numerically-reproducible-results.html"
)
MKL_CONDITIONS = (
    "https://www.intel.com/content/www/us/en/docs/onemkl/developer-guide-windows/2024-1/reproducibility-conditions.html"
)
OPENBLAS = "https://github.com/OpenMathLib/OpenBLAS/issues/4747"
NUMPY_VERSION = "https://github.com/numpy/numpy/issues/22386"
NUMPY_VECTORS = "https://github.com/numpy/numpy/issues/23523"
LIBM = "https://github.com/numpy/numpy/issues/19192"
PYTHON_VARIABLES = "https://docs.python.org/3/using/cmdline.html#environment-variables"
PYTHON_SYS = "https://docs.python.org/3/library/sys.html"
