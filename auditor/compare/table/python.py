"""Facts of the interpreter, of NumPy and of the compilers."""

from __future__ import annotations

from . import sources
from .rule import EffectRule

PYTHON = (
    EffectRule(
        ("numpy.version", "numpy.blas.*", "numpy.lapack.name"),
        "changes",
        "np.exp gives different last bits in another release of NumPy; its BLAS decides matrix products.",
        sources.NUMPY_VERSION,
        "library",
    ),
    EffectRule(
        ("numpy.simd.*",),
        "changes",
        "sin, cos, exp and log have different implementations, and different last bits, with AVX-512 than without.",
        sources.NUMPY_VECTORS,
        "processor",
    ),
    EffectRule(
        ("numpy.compiler.*",),
        "may",
        "The same source built differently can round differently, for example by fused multiply-add.",
        sources.CONTRACTION,
    ),
    EffectRule(
        ("numpy.errors*",),
        "may",
        "It decides whether a division by zero or an overflow stops the program or runs on.",
        "https://numpy.org/doc/stable/reference/generated/numpy.seterr.html",
    ),
    EffectRule(
        ("numpy.random_state", "python.random_state", "python.hash.sample"),
        "cannot",
        "Each unseeded process draws another value, so it differs between two audits of one environment.",
        "https://docs.python.org/3/library/random.html",
    ),
    EffectRule(
        ("python.version", "python.implementation", "python.cache_tag", "python.hash.*"),
        "changes",
        "Python 3.12 made the built-in sum of floats more accurate, so it gives other bits; hashes of strings, and "
        "with them the order of sets, differ between releases and hash settings.",
        "https://github.com/python/cpython/issues/100425",
        "library",
    ),
    EffectRule(
        ("python.float.*", "python.byte_order"),
        "changes",
        "It defines the format of numbers and their arithmetic.",
        "https://docs.python.org/3/library/sys.html#sys.float_info",
        "processor",
    ),
    EffectRule(
        ("python.free_threaded", "python.gil", "python.switch_interval"),
        "may",
        "It decides how Python's threads alternate, and so in which order they use shared objects.",
        "https://docs.python.org/3/howto/free-threading-python.html",
    ),
    EffectRule(
        (
            "python.build",
            "python.compiler",
            "python.revision",
            "python.platform",
            "python.optimised",
            "python.debug",
            "python.flags*",
            "python.warnings",
            "python.recursion_limit",
            "python.start_up_hooks*",
            "python.environment.system_packages",
        ),
        "may",
        "It decides what Python runs or how it was built, and rarely what is computed.",
        sources.REASONING,
    ),
    EffectRule(
        ("python.gc.*",),
        "may",
        "It decides when objects in reference cycles are freed, and so when their memory is used again.",
        sources.REASONING,
    ),
    EffectRule(
        ("python.encoding.stdout",),
        "cannot",
        "It decides how output is written.",
        sources.PYTHON_SYS,
    ),
    EffectRule(
        ("python.encoding.*", "python.utf8_mode", "python.locale", "python.time_zone*"),
        "may",
        "Locale, encoding and time zone decide how texts are sorted, read and written, numbers among them.",
        "https://docs.python.org/3/library/locale.html",
    ),
    EffectRule(
        ("python.environment", "python.executable", "python.prefix", "python.base_prefix", "python.path"),
        "cannot",
        "It is the location of Python and its packages; their content is compared separately.",
        sources.PYTHON_SYS,
    ),
    EffectRule(
        ("compilers.nvcc", "compilers.hipcc", "compilers.c", "compilers.cxx", "compilers.gxx"),
        "may",
        "Inductor, Triton and extensions compile kernels with it at run time.",
        sources.REASONING,
    ),
    EffectRule(
        ("compilers.*",),
        "may",
        "It matters if the user's program builds something at run time.",
        sources.REASONING,
    ),
    EffectRule(
        ("run.setup_sha256",),
        "may",
        "The set-up file sets the experiment's seeds and switches before anything is measured.",
        "docs/how-to/audit-your-experiment.md",
    ),
    EffectRule(
        ("run.tier",),
        "cannot",
        "It decides how many checks were made, not what they measured.",
        "docs/reference/manifest-format.md",
    ),
)
