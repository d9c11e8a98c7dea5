"""A short training whose whole state goes through a file: parameters, Adam's moments, the key, the step's number."""

from __future__ import annotations

from ..fingerprint import digest
from . import _model
from .same_seed import _step

SEED, STEPS = 20260707, 3
"""The training has twice as many steps, and is saved after half of them."""


def start():
    """The state before the first step, as a new program makes it."""
    import jax

    values = jax.jit(_model.parameters)(jax.random.key(SEED))
    zeros = {layer: jax.numpy.zeros_like(array) for layer, array in values.items()}
    return {"parameters": values, "moments": (zeros, zeros), "key": jax.random.key(SEED + 1), "count": 0}


def train(state, step):
    """STEPS more steps by the compiled function `step`: (state, losses). The step's number chooses its batch."""
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
    """A digest of each part of the state, and of the losses where there are any."""
    import jax

    first, second = state["moments"]
    found = {"parameters of %s" % layer: array for layer, array in state["parameters"].items()}
    found.update(count=int(state["count"]), key=jax.random.key_data(state["key"]))
    found.update({"first moments": first, "second moments": second}, **({"losses": losses} if losses else {}))
    return {name: digest(value) for name, value in found.items()}


def save(state, path):
    """Write the state as a careful user does: arrays by name, and the typed key as its numbers."""
    import jax
    import numpy

    numpy.savez(path, **_flat(dict(state, key=jax.random.key_data(state["key"]))))


def load(path):
    """Read the state; what the file lacks stays as a new program makes it, which is how losses go unnoticed."""
    import jax
    import numpy

    new = start()
    new["key"] = jax.random.key_data(new["key"])
    with numpy.load(path) as held:
        flat = {name: held.get(name, value) for name, value in _flat(new).items()}
    state = jax.tree.unflatten(jax.tree.structure(new), flat.values())
    return dict(state, key=jax.random.wrap_key_data(state["key"]), count=int(state["count"]))


def _flat(tree):
    """Names such as `moments/0/conv` to the leaves, in the tree's order."""
    import jax

    return {jax.tree_util.keystr(path, simple=True, separator="/"): leaf for path, leaf in _leaves(jax, tree)}


def _leaves(jax, tree):
    return jax.tree_util.tree_flatten_with_path(tree)[0]


def export(state, path):
    """Write the step as a program of its own (StableHLO), which needs no source code to be called again."""
    import jax
    import numpy

    mask = numpy.zeros((_model.ROWS, _model.LENGTH, _model.WIDTH), bool)
    inputs = (state["parameters"], state["moments"], numpy.int32(1), _model.batch(SEED), mask)
    with open(path, "wb") as handle:
        handle.write(jax.export.export(jax.jit(_step))(*inputs).serialize())


def resumed(arguments):
    """In the child: the parts as loaded, and as trained on by the step traced anew and by the exported one."""
    import jax

    with open(arguments["exported"], "rb") as handle:
        exported = jax.export.deserialize(bytearray(handle.read()))
    steps = {"continued": jax.jit(_step), "continued by the exported step": jax.jit(exported.call)}
    state = load(arguments["state"])
    found = {stage: parts(*train(state, step)) for stage, step in steps.items()}
    return dict(found, loaded=parts(state))
