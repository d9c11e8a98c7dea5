"""Installed packages, mapped libraries and the runtimes in them, for any framework."""

from __future__ import annotations

from . import sources
from .rule import EffectRule


def _installed(*names: str) -> tuple[str, ...]:
    return tuple(f"python.distributions/{name}" for name in names)


def _mapped(*names: str) -> tuple[str, ...]:
    return tuple(f"*.libraries.loaded/{name}" for name in names)


PACKAGES = (
    EffectRule(
        _installed("torch"),
        "changes",
        "PyTorch promises equal results only within one release on one platform.",
        sources.TORCH_REPRODUCIBILITY,
        "framework",
        ("torch",),
    ),
    EffectRule(
        _installed("tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tensorflow-intel", "tf-nightly*"),
        "changes",
        "TensorFlow's compatibility promise excludes numerical details: they may change with any release.",
        sources.TENSORFLOW_VERSIONS,
        "framework",
        ("tensorflow",),
    ),
    EffectRule(
        _installed("jax", "jaxlib", "jax-cuda*", "jax-rocm*", "libtpu*"),
        "changes",
        "jaxlib and its plugins hold the compiler and the kernels: a release has changed results on the CPU.",
        sources.JAX_VERSIONS,
        "framework",
        ("jax",),
    ),
    EffectRule(
        _installed("triton*", "pytorch-triton*"),
        "changes",
        "Triton compiles kernels: one gave different results after an upgrade.",
        sources.TRITON,
        "library",
        ("torch",),
    ),
    EffectRule(
        _installed("torchvision", "torchaudio", "torchao", "xformers", "flash-attn*"),
        "changes",
        "It contains kernels for PyTorch.",
        sources.REASONING,
        "library",
        ("torch",),
    ),
    EffectRule(
        _installed("keras*", "tf-keras*"),
        "changes",
        "It contains layers, initialisers and optimisers: one model gave different outputs under another release.",
        sources.KERAS_VERSIONS,
        "library",
        ("tensorflow",),
    ),
    EffectRule(
        _installed("tensorflow-*"),
        "changes",
        "It contains layers, optimisers or kernels for TensorFlow.",
        sources.REASONING,
        "library",
        ("tensorflow",),
    ),
    EffectRule(
        _installed("flax", "optax", "chex", "dm-haiku", "equinox", "orbax*"),
        "changes",
        "It contains layers, initialisers or optimisers for JAX, which another release may compute differently.",
        sources.REASONING,
        "library",
        ("jax",),
    ),
    EffectRule(
        _installed("nvidia-*"),
        "changes",
        "cuBLAS promises equal bits within one release of the toolkit, on one architecture, only.",
        sources.CUBLAS,
        "library",
    ),
    EffectRule(
        _installed("libopenblas*"),
        "changes",
        "OpenBLAS has changed its blocks, and with them the order of sums, between releases.",
        sources.OPENBLAS,
        "library",
    ),
    EffectRule(
        _installed("cupy*", "mkl*", "onemkl*", "dpcpp*", "intel-openmp", "onednn*", "tbb"),
        "changes",
        "It contains kernels or their thread pool; another release may sum in another order.",
        sources.REASONING,
        "library",
    ),
    EffectRule(
        _installed("numpy"),
        "changes",
        "np.exp gives different last bits in another release.",
        sources.NUMPY_VERSION,
        "library",
    ),
    EffectRule(
        _installed("scipy", "scikit-learn", "numexpr", "numba", "llvmlite", "pandas", "pillow", "opencv-*"),
        "changes",
        "A numerical library: another release may compute the same function differently.",
        sources.REASONING,
        "library",
    ),
    EffectRule(
        _installed("transformers"),
        "changes",
        "Its documentation promises equal training within one version only.",
        sources.TRANSFORMERS,
        "library",
    ),
    EffectRule(
        _installed("ml-dtypes", "opt-einsum", "onnx*", "tokenizers", "diffusers", "accelerate", "peft"),
        "changes",
        "It decides formats, the order of contractions, or the model's own arithmetic.",
        sources.REASONING,
        "library",
    ),
    EffectRule(
        _installed("pip", "uv", "wheel"),
        "cannot",
        "It installs packages and takes no part in a run; the installed packages are compared separately.",
        sources.REASONING,
    ),
    EffectRule(
        ("python.distributions", "python.distributions/*", "python.conda_packages", "python.conda_packages/*"),
        "may",
        "A package that no rule lists as numerical can still call or patch a numerical one, or prepare its data.",
        sources.REASONING,
    ),
    EffectRule(
        tuple(f"python.distributions.records/{name}" for name in ("pip", "setuptools", "uv", "wheel")),
        "cannot",
        "It installs packages and takes no part in a run; distributions patch their copy.",
        sources.REASONING,
    ),
    EffectRule(
        ("python.distributions.records", "python.distributions.records/*"),
        "may",
        "Another wheel of the same version: rebuilt or patched.",
        "https://packaging.python.org/en/latest/specifications/recording-installed-packages/",
    ),
    EffectRule(
        ("python.distributions.changed*", "python.distributions.missing*", "python.distributions.resized*"),
        "changes",
        "Files differ from the released ones, so the version does not identify the code.",
        "https://packaging.python.org/en/latest/specifications/recording-installed-packages/",
        "library",
    ),
    EffectRule(
        ("python.distributions.installers*", "python.distributions.addresses*", "python.index*"),
        "cannot",
        "It is the installer and origin of a package; the package itself is compared separately.",
        "https://packaging.python.org/en/latest/specifications/direct-url/",
    ),
    EffectRule(
        ("*.libraries.linked", "*.libraries.linked/*"),
        "may",
        "It lists the names that the loader searched for; the files that it found are in the loaded libraries.",
        "https://man7.org/linux/man-pages/man8/ld.so.8.html",
    ),
    EffectRule(
        ("*.libraries.paths*",),
        "cannot",
        "It is the location of a library; the loaded libraries identify its content.",
        "https://man7.org/linux/man-pages/man5/proc_pid_maps.5.html",
    ),
    EffectRule(
        _mapped("libc.so*", "libm.so*", "libm-*", "libmvec*"),
        "changes",
        "glibc 2.28 has new implementations of exp, pow, sin and others, whose last digits differ.",
        sources.LIBM,
        "library",
    ),
    EffectRule(
        _mapped("libstdc++*", "libgcc*", "libquadmath*", "libdl*", "libpthread*", "librt*", "ld-linux*"),
        "may",
        "Run-time support of compilers: seldom arithmetic, but random distributions and sorting among it.",
        sources.REASONING,
    ),
    EffectRule(
        ("*.libraries.loaded", "*.libraries.loaded/*"),
        "changes",
        "A library that the process has mapped: another file is other code, which may compute differently.",
        sources.REASONING,
        "library",
    ),
    EffectRule(
        ("*.libraries.runtimes", "*.libraries.runtimes/*/core", "*.libraries.runtimes/*/build"),
        "changes",
        "OpenBLAS chooses kernels and blocks by the processor's core name, and each sums in its own order.",
        sources.OPENBLAS,
        "library",
    ),
    EffectRule(
        ("*.libraries.runtimes/*",),
        "changes",
        "The runtime and its number of threads decide the order of additions: no BLAS promises equal results across "
        "them.",
        sources.BLAS_THREADS,
        "library",
    ),
)
