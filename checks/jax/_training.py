"""A short training whose whole state is saved to a file: parameters, Adam's moments, key, step number."""

from __future__ import annotations

import importlib.util

from ..fingerprint import digest
from ..lacking import NotInThisRelease
from . import _model
from .same_seed import _step

SEED, STEPS = 20260707, 3
"""Half of the training's steps; the state is saved after them."""
EXPORTED = "continued by the exported step"


def start():
    """The initial state of a new program."""
    import jax

    values = jax.jit(_model.parameters)(jax.random.key(SEED))
    zeros = {layer: jax.numpy.zeros_like(array) for layer, array in values.items()}
    return {"parameters": values, "moments": (zeros, zeros), "key": jax.random.key(SEED + 1), "count": 0}


def train(state, step):
    """STEPS more steps with the compiled function `step`: (state, losses). The step number selects the batch."""
    import jax
    import numpy

    draw, losses, state = jax.jit(_model.draw), [], dict(state)
    for _ in range(STEPS):
        state["count"] += 1
        state["key"], mask = draw(state["key"])
        data = _model.batch(SEED + state["count"])
        number = numpy.int32(state["count"])
        lost, state["parameters"], state["moments"] = step(state["parameters"], state["moments"], number, data, mask)
        losses.append(lost)
    return state, losses


def parts(state, losses=None):
    """A digest of each part of the state, and of the losses if there are any."""
    import jax

    first, second = state["moments"]
    found = {"parameters of %s" % layer: array for layer, array in state["parameters"].items()}
    found.update(count=int(state["count"]), key=jax.random.key_data(state["key"]))
    found.update({"first moments": first, "second moments": second}, **({"losses": losses} if losses else {}))
    return {name: digest(value) for name, value in found.items()}


def save(state, path):
    """Write the full state: arrays by name, and the typed key as its data."""
    import jax
    import numpy

    numpy.savez(path, **_flat(dict(state, key=jax.random.key_data(state["key"]))))


def load(path):
    """Read the state; parts that the file lacks keep their initial values, as in a program that misses a loss."""
    import jax
    import numpy

    new = start()
    new["key"] = jax.random.key_data(new["key"])
    with numpy.load(path) as held:
        flat = {name: held.get(name, value) for name, value in _flat(new).items()}
    state = jax.tree.unflatten(jax.tree.structure(new), flat.values())
    return dict(state, key=jax.random.wrap_key_data(state["key"]), count=int(state["count"]))


def _flat(tree):
    """Name such as `moments/0/conv` to leaf, in the tree's order."""
    import jax

    return {"/".join(map(_part, path)): leaf for path, leaf in jax.tree_util.tree_flatten_with_path(tree)[0]}


def _part(key):
    """One part of a leaf's path: a dictionary's key, or a sequence's index (`keystr` joins them since jax 0.5)."""
    return str(getattr(key, "key", getattr(key, "idx", key)))


def export(state, path):
    """
    Export the step as a StableHLO program, which can be called without its source code; returns the path.

    Raises NotInThisRelease without the package flatbuffers, which jax.export needs and JAX does not require.
    """
    if importlib.util.find_spec("flatbuffers") is None:
        raise NotInThisRelease("the package flatbuffers, with which jax.export writes")
    import jax
    import numpy
    from jax.export import export as exported

    mask = numpy.zeros((_model.ROWS, _model.LENGTH, _model.WIDTH), bool)
    inputs = (state["parameters"], state["moments"], numpy.int32(1), _model.batch(SEED), mask)
    with open(path, "wb") as handle:
        handle.write(exported(jax.jit(_step))(*inputs).serialize())
    return path


def resumed(arguments):
    """In the child: the parts as loaded, and after continuing with the retraced step and with the exported one."""
    import jax
    from jax.export import deserialize

    steps = {"continued": jax.jit(_step)}
    if "exported" in arguments:
        with open(arguments["exported"], "rb") as handle:
            steps[EXPORTED] = jax.jit(deserialize(bytearray(handle.read())).call)
    state = load(arguments["state"])
    found = {stage: parts(*train(state, step)) for stage, step in steps.items()}
    return dict(found, loaded=parts(state))
