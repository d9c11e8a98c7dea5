"""Facts of the interpreter, of NumPy and of the compilers."""

from __future__ import annotations

from . import sources
from .rule import Rule

PYTHON = (
    Rule(
        ("numpy.version", "numpy.blas.*", "numpy.lapack.name"),
        "changes",
        "Functions change by a unit in the last place between releases of NumPy and of its BLAS.",
        sources.NUMPY_VERSION,
        "library",
    ),
    Rule(
        ("numpy.simd.*",),
        "changes",
        "sin, exp and their like have other implementations for other instruction sets.",
        sources.NUMPY_VECTORS,
        "processor",
    ),
    Rule(
        ("numpy.compiler.*",),
        "may",
        "The same source built otherwise can round otherwise.",
        "https://numpy.org/doc/stable/reference/simd/build-options.html",
    ),
    Rule(
        ("numpy.errors*",),
        "may",
        "It decides whether a division by zero or an overflow stops the program or runs on.",
        "https://numpy.org/doc/stable/reference/generated/numpy.seterr.html",
    ),
    Rule(
        ("numpy.random_state", "python.random_state", "python.hash.sample"),
        "cannot",
        "An unseeded process draws another one each time: it differs between two audits of one environment.",
        "https://docs.python.org/3/library/random.html",
    ),
    Rule(
        ("python.version", "python.implementation", "python.cache_tag", "python.hash.*"),
        "changes",
        "Hashes of strings, the random module and the built-in sum differ between releases and hash settings.",
        "https://docs.python.org/3/whatsnew/3.12.html#other-language-changes",
        "library",
    ),
    Rule(
        ("python.float.*", "python.byte_order"),
        "changes",
        "It is the arithmetic itself.",
        "https://docs.python.org/3/library/sys.html#sys.float_info",
        "processor",
    ),
    Rule(
        ("python.free_threaded", "python.gil", "python.switch_interval"),
        "may",
        "It decides how Python's threads take turns, and so in which order they reach what they share.",
        "https://docs.python.org/3/howto/free-threading-python.html",
    ),
    Rule(
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
        "It decides what Python runs, or how it was built; seldom what is computed.",
        sources.PYTHON_SYS,
    ),
    Rule(
        ("python.gc.*",),
        "may",
        "It decides when objects die, and with that when memory is used again.",
        "https://docs.python.org/3/library/gc.html",
    ),
    Rule(
        ("python.encoding.stdout",),
        "cannot",
        "It decides how output is written.",
        sources.PYTHON_SYS,
    ),
    Rule(
        ("python.encoding.*", "python.utf8_mode", "python.locale", "python.time_zone*"),
        "may",
        "Locale, encoding and time zone decide how texts are sorted, read and written, numbers among them.",
        "https://docs.python.org/3/library/locale.html",
    ),
    Rule(
        ("python.environment", "python.executable", "python.prefix", "python.base_prefix", "python.path"),
        "cannot",
        "It tells where Python and its packages lie; what they are is compared by itself.",
        sources.PYTHON_SYS,
    ),
    Rule(
        ("compilers.nvcc", "compilers.hipcc", "compilers.c", "compilers.cxx", "compilers.gxx"),
        "may",
        "Inductor, Triton and extensions compile kernels with it at run time.",
        "https://docs.pytorch.org/docs/stable/torch.compiler.html",
    ),
    Rule(
        ("compilers.*",),
        "may",
        "It matters where the user's own program builds something at run time.",
        "https://docs.pytorch.org/docs/stable/cpp_extension.html",
    ),
    Rule(
        ("run.setup_sha256",),
        "may",
        "The set-up file makes the experiment's own seeds and switches before anything is measured.",
        "docs/how-to/audit-your-experiment.md",
    ),
    Rule(
        ("run.tier",),
        "cannot",
        "It decides how many checks were made, not what they measured.",
        "docs/reference/manifest-format.md",
    ),
)
