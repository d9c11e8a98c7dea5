"""
XLA's autotuning chooses the same kernels each time, and kernels that give the same bits as without it.

Why: on a GPU the compiler times several kernels for a matmul or a convolution and uses the fastest. A busy machine can
change the choice, and with it the order of summation (jax discussion 10674). Three fresh processes without a compile
cache compile the same programs: twice unchanged, and once with autotuning off.

Remedy: start the job with `XLA_FLAGS=--xla_gpu_autotune_level=0`. Or keep the choice: use one
`JAX_COMPILATION_CACHE_DIR` for all machines, or `--xla_gpu_dump_autotune_results_to` once and
`--xla_gpu_load_autotune_results_from` afterwards.
"""

from __future__ import annotations

import os
import re

from ..declare import Check, NotApplicable
from ..fingerprint import digest
from ..process import child
from . import _stages

DOCUMENTED = "https://openxla.org/xla/determinism"
"""The documentation: another compilation may pick other kernels, because measured times fluctuate."""
CHECK = Check(tier="full", rule="expected", quiet=True, documented={"*": DOCUMENTED})
LEVEL = "--xla_gpu_autotune_level=0"
FRESH = {"JAX_ENABLE_COMPILATION_CACHE": "false", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
"""A cache would keep an earlier choice; the children share the GPU with this process."""


def measure(settings):
    """For each program: kernels and bits of one compilation, compared with another and (bits) without autotuning."""
    import jax

    if jax.default_backend() != "gpu":
        raise NotApplicable("XLA does not autotune for %s: its compiler times no kernels" % jax.default_backend())
    flags = ("%s %s" % (os.environ.get("XLA_FLAGS", ""), LEVEL)).strip()
    first, again = (child.run("jax.autotune.in_child", {}, FRESH) for _ in range(2))
    off = child.run("jax.autotune.in_child", {}, dict(FRESH, XLA_FLAGS=flags))
    return compared(first, again, off)


def compared(first, again, off):
    """The reading of two compilations, and of one without autotuning."""
    values = {}
    for name, plain in first.items():
        values["%s, kernels of another compilation" % name] = (plain["kernels"], again[name]["kernels"])
        values["%s, bits of another compilation" % name] = (plain["bits"], again[name]["bits"])
        values["%s, bits without autotuning" % name] = (plain["bits"], off[name]["bits"])
    return {name: {"expected": expected, "observed": observed} for name, (expected, observed) in values.items()}


def in_child(_arguments):
    """The digests of kernels and results of each program."""
    import jax

    found = {}
    for name, (run, inputs) in _programs().items():
        compiled = jax.jit(run).lower(*inputs).compile()
        found[name] = {"kernels": digest(kernels(compiled.as_text())), "bits": digest(compiled(*inputs))}
    return found


def kernels(text):
    """
    The sorted words of each instruction of the optimised program, which include kernels and their tuned parameters.

    Sorted, because XLA prints parts of a kernel's parameters in no fixed order (its page on determinism).
    """
    return [" ".join(sorted(re.findall(r"[\w.-]+", line))) for line in _stages.optimised(text).splitlines()]


def _programs():
    """Name to (program, inputs): operations that XLA tunes, at sizes with several kernels."""
    import numpy
    from jax import lax
    from jax import numpy as jnp

    draws = numpy.random.RandomState(12)
    left, right = draws.standard_normal((2, 768, 768)).astype("float32")
    image = draws.standard_normal((8, 33, 33, 16)).astype("float32")
    filters = draws.standard_normal((3, 3, 16, 32)).astype("float32")

    def half(left, right):
        return jnp.tanh(left.astype("bfloat16") @ right.astype("bfloat16"))

    def convolution(image, filters):
        return lax.conv_general_dilated(image, filters, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))

    return {
        "matmul float32": (lambda left, right: left @ right, (left, right)),
        "matmul bfloat16": (half, (left, right)),
        "convolution": (convolution, (image, filters)),
    }
