"""
The processor's vector instructions do not change the bits.

Why: XLA compiles for the processor. Wider vectors group sums differently and use other approximations of functions, so
two machines of one cluster give different bits (FastSurfer PR#892 and pytorch#155423 met it in torch). Nobody promises
otherwise, so differences under AVX alone, without its wider successors, are recorded and do not fail; but rounding to
whole numbers, signs, orders and integers are exact, and must not change.

Remedy: where machines differ, start every job with the vector instructions that all of them have:
`XLA_FLAGS=--xla_cpu_max_isa=AVX2`, and `ONEDNN_MAX_CPU_ISA=AVX2` for convolutions, which XLA delegates to oneDNN.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from ..lacking import Lacking
from . import _layers, same_seed

CHECK = Check(tier="full", rule="identical", across=("isa",), compiles=True)


def measure(settings):
    """Digests of layers, of draws, of mathematical functions and of a short training."""
    import jax

    given, values, lacking = _layers.weights(), {}, Lacking()
    for name, (kind, layer) in _layers.layers().items():
        with lacking.case(name):
            values[name] = digest(jax.jit(layer)(_layers.inputs(8)[kind], given))
    for name in ("exp", "log1p", "sin", "tanh", "cbrt", "arctan"):
        values[name] = digest(jax.jit(getattr(jax.numpy, name))(abs(_layers.inputs(8)["flat"])))
    halves = jax.numpy.arange(-64, 64, dtype="float32").reshape(8, 16) / 2
    for name in ("round", "floor", "ceil", "trunc", "sign", "abs", "sort"):
        values["exact: %s" % name] = digest(jax.jit(getattr(jax.numpy, name))(halves))
    values["exact: integers"] = digest(jax.jit(_integers)((halves * 2).astype("int32")))
    values["normal draws"] = digest(jax.jit(lambda: jax.random.normal(jax.random.key(3), (1000,)))())
    values["uniform draws"] = digest(jax.jit(lambda: jax.random.uniform(jax.random.key(3), (1000,)))())
    values.update({"training: %s" % name: value for name, value in same_seed.measure(settings).items()})
    return dict(values, conditions=lacking.conditions)


def _integers(whole):
    return whole.sum(), whole.cumsum(1), whole * whole, whole // 3, whole % 5, whole >> 1
