"""Installed packages, mapped libraries and the runtimes in them, for any framework."""

from __future__ import annotations

from . import sources
from .rule import Rule


def _installed(*names: str) -> tuple[str, ...]:
    return tuple(f"python.distributions/{name}" for name in names)


def _mapped(*names: str) -> tuple[str, ...]:
    return tuple(f"*.libraries.loaded/{name}" for name in names)


PACKAGES = (
    Rule(
        _installed("torch"),
        "changes",
        "PyTorch promises equal results within one release on one platform, and between releases nothing.",
        sources.TORCH_REPRODUCIBILITY,
        "framework",
        ("torch",),
    ),
    Rule(
        _installed("tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tensorflow-intel", "tf-nightly*"),
        "changes",
        "Numerical details are outside the promise of compatibility: they may change with any release.",
        sources.TENSORFLOW_VERSIONS,
        "framework",
        ("tensorflow",),
    ),
    Rule(
        _installed("jax", "jaxlib", "jax-cuda*", "jax-rocm*", "libtpu*"),
        "changes",
        "jaxlib and its plugins hold the compiler and the kernels.",
        sources.JAX_VERSIONS,
        "framework",
        ("jax",),
    ),
    Rule(
        _installed("torchvision", "torchaudio", "torchao", "triton*", "pytorch-triton*", "xformers", "flash-attn*"),
        "changes",
        "It brings kernels, or compiles them, for PyTorch.",
        sources.TORCH_ACCURACY,
        "library",
        ("torch",),
    ),
    Rule(
        _installed("keras*", "tf-keras*", "tensorflow-*"),
        "changes",
        "It brings layers, initialisers, optimisers or kernels for TensorFlow.",
        sources.KERAS_VERSIONS,
        "library",
        ("tensorflow",),
    ),
    Rule(
        _installed("flax", "optax", "chex", "dm-haiku", "equinox", "orbax*"),
        "changes",
        "It brings layers, initialisers or optimisers for JAX; another release gives similar numbers, not the same.",
        "https://github.com/fmralign/fmralign/pull/53",
        "library",
        ("jax",),
    ),
    Rule(
        _installed("nvidia-*", "cupy*", "mkl*", "onemkl*", "dpcpp*", "intel-openmp", "onednn*", "tbb", "libopenblas*"),
        "changes",
        "Vendors promise equal results for one release of their library on one architecture only.",
        sources.CUBLAS,
        "library",
    ),
    Rule(
        _installed("numpy", "scipy", "scikit-learn", "numexpr", "numba", "llvmlite", "pandas", "pillow", "opencv-*"),
        "changes",
        "Functions of this library change by a unit in the last place between releases.",
        sources.NUMPY_VERSION,
        "library",
    ),
    Rule(
        _installed("ml-dtypes", "opt-einsum", "onnx*", "transformers", "tokenizers", "diffusers", "accelerate", "peft"),
        "changes",
        "It decides formats, the order of contractions, or the model's own arithmetic.",
        "https://github.com/huggingface/transformers/issues/2758",
        "library",
    ),
    Rule(
        _installed("pip", "uv", "wheel"),
        "cannot",
        "It installs packages, and takes no part in a run; what it installed is compared by itself.",
        "https://packaging.python.org/en/latest/guides/tool-recommendations/",
    ),
    Rule(
        ("python.distributions", "python.distributions/*", "python.conda_packages", "python.conda_packages/*"),
        "may",
        "A package that no rule knows as numerical can still be what calls, feeds or patches one.",
        "https://docs.python.org/3/library/site.html",
    ),
    Rule(
        ("python.distributions.changed*", "python.distributions.missing*", "python.distributions.resized*"),
        "changes",
        "Files differ from what was released, so the version no longer says what runs.",
        "https://packaging.python.org/en/latest/specifications/recording-installed-packages/",
        "library",
    ),
    Rule(
        ("python.distributions.installers*", "python.distributions.addresses*", "python.index*"),
        "cannot",
        "It tells who installed a package from where; what was installed is compared by itself.",
        "https://packaging.python.org/en/latest/specifications/direct-url/",
    ),
    Rule(
        ("*.libraries.linked", "*.libraries.linked/*"),
        "may",
        "It tells which names the loader had to find; the files that it found stand in the loaded libraries.",
        "https://man7.org/linux/man-pages/man8/ld.so.8.html",
    ),
    Rule(
        ("*.libraries.paths*",),
        "cannot",
        "It tells where a library lies; which one it is stands in the loaded libraries.",
        "https://man7.org/linux/man-pages/man5/proc_pid_maps.5.html",
    ),
    Rule(
        _mapped("libc.so*", "libm.so*", "libm-*", "libmvec*"),
        "changes",
        "exp, pow and their like change in the last place between releases of the C library.",
        sources.LIBM,
        "library",
    ),
    Rule(
        _mapped("libstdc++*", "libgcc*", "libquadmath*", "libdl*", "libpthread*", "librt*", "ld-linux*"),
        "may",
        "Run-time support of compilers: seldom arithmetic, but distributions and sorting among it.",
        "https://gcc.gnu.org/onlinedocs/libstdc++/",
    ),
    Rule(
        ("*.libraries.loaded", "*.libraries.loaded/*"),
        "changes",
        "A numerical library that the process has really mapped: another file computes otherwise.",
        sources.CUBLAS,
        "library",
    ),
    Rule(
        ("*.libraries.runtimes", "*.libraries.runtimes/*/core", "*.libraries.runtimes/*/build"),
        "changes",
        "The kernels of a BLAS are chosen by the processor's core name, and each sums in its own order.",
        sources.OPENBLAS,
        "library",
    ),
    Rule(
        ("*.libraries.runtimes/*",),
        "changes",
        "Which runtime splits the work, and over how many threads, decides the order of additions.",
        sources.MKL_CONDITIONS,
        "library",
    ),
)
