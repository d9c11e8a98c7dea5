"""
Compiled programs that are vectorised, differentiated, looped or sharded agree with op-by-op execution.

Why: `jax-compiled-eager` compiles plain functions. Real programs nest the compiler and the transformations, and some
nestings were wrong: a gradient of 1 where 0 is right, a floor division in a loop (jax#8022, jax#9604). The check
compares each nesting with the same transformation op by op, and both with float64, to tell rounding from error.

Remedy: reverse the nesting that the finding names (`jax.jit` outermost), move that part out of `jax.jit`, or compile
with `XLA_FLAGS=--xla_backend_optimization_level=1`. Report it, and update jaxlib.
"""

from __future__ import annotations

from ..agreement import agreement
from ..declare import Check, NotApplicable
from . import _devices, _layers, _model
from .compiled_eager import REDUCTION, _inputs

CHECK = Check(
    tier="full",
    rule="within",
    isolates=True,
    compiles=True,
    explains=("one-thread", "memory-fill"),
)
STEPS = 6


def measure(settings):
    """Agreement of each compiled and transformed program with the same op by op."""
    devices = _usable_devices()
    return dict(_of_the_model(devices), **_of_loops(), conditions={"devices": len(devices)})


def _usable_devices():
    """As many devices as divide the batch of 8 rows; none if there is one, and sharding is left out."""
    try:
        devices = _devices.host_devices()
    except NotApplicable:
        return []
    return devices[: max(count for count in (2, 4, 8) if count <= len(devices))]


def _of_the_model(devices):
    """Gradients of, and losses of single rows through, an embedding and two dense layers."""
    import jax

    values, words, classes = _inputs()
    inputs = ({layer: jax.numpy.asarray(values[layer]) for layer in ("embedding", "dense")}, words, classes)
    ways = {
        "grad of jit": (jax.grad(_lost), jax.grad(jax.jit(_lost))),
        "jit of grad of jit": (jax.grad(_lost), jax.jit(jax.grad(jax.jit(_lost)))),
        "vmap of jit": (_of_rows, lambda *given: _of_rows(*given, nested=jax.jit)),
        "jit of vmap": (_of_rows, jax.jit(_of_rows)),
        "jit of vmap of grad": (_gradients_of_rows, jax.jit(_gradients_of_rows)),
    }
    if devices:
        ways["jit over devices"] = (jax.grad(_lost), _over_devices(jax.grad(_lost), devices))
    return {
        "%s: %s" % (way, name): one
        for way, (plain, compiled) in ways.items()
        for name, one in _agreements(plain(*inputs), compiled(*inputs), _layers.exact(plain, *inputs)).items()
    }


def _agreements(plain, compiled, exact):
    return {name: agreement(plain[name], compiled[name], exact[name], REDUCTION) for name in exact}


def _lost(values, words, classes):
    return _model.head(values, values["embedding"][0][words].mean(1), classes)


def _of_rows(values, words, classes, nested=lambda run: run):
    """The loss of each row alone."""
    import jax

    run = nested(lambda word, number: _lost(values, word[None], number[None]))
    return {"rows": jax.vmap(run)(words, classes)}


def _gradients_of_rows(values, words, classes):
    """The gradients of each row alone."""
    import jax

    return jax.vmap(jax.grad(_lost), (None, 0, 0))(values, words[:, None], classes[:, None])


def _over_devices(run, devices):
    """`run`, compiled for a batch that is sharded over the devices."""
    import jax

    rows = _devices.sharded(devices)
    whole = jax.sharding.NamedSharding(rows.mesh, jax.sharding.PartitionSpec())
    return jax.jit(run, in_shardings=(whole, rows, rows), out_shardings=whole)


def _of_loops():
    """Loops: compiled, and unrolled op by op."""
    import jax

    matrix, reading = _inputs()[0]["dense"][0], {}
    for name, run in _loops().items():
        with jax.disable_jit():
            eager, exact = run(matrix), _layers.exact(run, matrix)
        for nesting, compiled in {"jit of %s": jax.jit(run), "jit of vmap of %s": _vectorised(run)}.items():
            reading[nesting % name] = agreement(eager, compiled(matrix), exact, REDUCTION)
    return reading


def _vectorised(run):
    """The second result of `run` under vmap and jit on two copies of its input."""
    import jax

    return lambda matrix: jax.jit(jax.vmap(run))(jax.numpy.stack([0 * matrix, matrix]))[1]


def _loops():
    """Name to a function of one square matrix."""
    import jax
    from jax import lax
    from jax import numpy as jnp

    def scan(matrix):
        return lax.scan(lambda carry, row: (jnp.tanh(matrix @ carry) + row,) * 2, matrix[0], matrix[:STEPS])[1]

    def loop(matrix):
        return lax.fori_loop(0, STEPS, lambda at, value: value * 0.5 + jnp.sin(matrix[at]) // 0.25, matrix)

    def branch(matrix):
        return lax.map(lambda row: lax.cond(row[0] > 0, jnp.exp, jnp.cumsum, row), matrix)

    return {
        "scan": scan,
        "grad of scan": jax.grad(lambda matrix: (scan(matrix) ** 2).sum()),
        "loop": loop,
        "conditions in a map": branch,
    }
