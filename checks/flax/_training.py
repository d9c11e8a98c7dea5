"""
Training of a model given as two functions (Flax linen, Haiku), with optax; the whole state is one tree of arrays.

A model is given as `init(keys, words) -> (parameters, state)` and `apply(parameters, state, key, words) -> (logits,
state)`; what a step changes is the carry: parameters, state, the optimizer's moments, and the key that dropout draws
from.
"""

from __future__ import annotations

import os
import tempfile

from ..agreement import agreement
from ..fingerprint import digest
from ..jax import _state
from ..process import child

CHILD_SECONDS = 300
SEED, STEPS = 20260404, 3
ROWS, LENGTH, WORDS, WIDTH, CLASSES = 16, 12, 16, 16, 16
"""Equal sizes on purpose: fewer different kernels, each of which takes JAX 0.05 s to compile."""
REDUCTION = ROWS * LENGTH
"""Elements summed behind a gradient of the convolution: every position of every row."""


def data():
    """Words (ROWS, LENGTH) and classes (ROWS,) from a separate NumPy generator."""
    import numpy

    draws = numpy.random.RandomState(7)
    words = draws.randint(0, WORDS, (ROWS, LENGTH)).astype("int32")
    return words, draws.randint(0, CLASSES, ROWS).astype("int32")


def optimizer():
    """AdamW with a warm-up: its step count matters as much as its moments."""
    import optax

    return optax.adamw(optax.linear_schedule(1e-3, 1e-2, 6))


def cross_entropy(logits, classes):
    """The mean over the rows."""
    import optax

    return optax.softmax_cross_entropy_with_integer_labels(logits, classes).mean()


def start(model, seed=SEED):
    """The carry before the first step."""
    import jax

    init, _ = model
    first, second, rest = jax.random.split(jax.random.key(seed), 3)
    parameters, state = jax.jit(init)((first, second), data()[0])
    moments = jax.jit(optimizer().init)(parameters)
    return {"parameters": parameters, "state": state, "moments": moments, "key": rest}


def train(model, carry, steps):
    """The carry after that many steps, and their losses."""
    import jax

    def loss(parameters, state, key, words, classes):
        logits, state = model[1](parameters, state, key, words)
        return cross_entropy(logits, classes), state

    def step(carry, words, classes):
        import optax

        rest, drawn = jax.random.split(carry["key"])
        told, gradients = jax.value_and_grad(loss, has_aux=True)(
            carry["parameters"], carry["state"], drawn, words, classes
        )
        updates, moments = optimizer().update(gradients, carry["moments"], carry["parameters"])
        moved = optax.apply_updates(carry["parameters"], updates)
        return told[0], {"parameters": moved, "state": told[1], "moments": moments, "key": rest}

    compiled, losses = jax.jit(step), []
    for _ in range(steps):
        lost, carry = compiled(carry, *data())
        losses.append(lost)
    return carry, losses


def same_seed(model):
    """Digests of each layer's parameters, running state, optimizer, key and losses of seeded training."""
    import jax

    with _state.seeded(SEED):
        carry, losses = train(model, start(model), STEPS)
    layers = {"layer:" + name: digest(jax.tree.leaves(arrays)) for name, arrays in layered(carry["parameters"]).items()}
    return dict(layers, **told(carry), losses=digest(losses))


def layered(parameters):
    """The parameters by layer: the first part of each name."""
    found = {}
    for name, arrays in parameters.items():
        found.setdefault(name.split("/")[0], []).append(arrays)
    return found


def told(carry):
    """Digests of the parts of a carry that are not parameters."""
    import jax

    arrays = {"state": carry["state"], "optimizer": carry["moments"], "key": jax.random.key_data(carry["key"])}
    return {name: digest(jax.tree.leaves(value)) for name, value in arrays.items()}


def compiled_eager(model):
    """Agreement of loss, output and gradients under `jax.jit` and op by op, with float64 as reference."""
    import jax

    carry = start(model)
    inputs = carry["parameters"], carry["state"]

    def run(parameters, state, words, classes):
        def loss(parameters):
            logits, _ = model[1](parameters, state, None, words)
            return cross_entropy(logits, classes), logits

        (lost, logits), gradients = jax.value_and_grad(loss, has_aux=True)(parameters)
        return {"loss": lost, "output": logits, "gradient": gradients}

    eager, compiled = run(*inputs, *data()), jax.jit(run)(*inputs, *data())
    with _state.switched("jax_enable_x64", True):
        wide = jax.tree.map(lambda array: array.astype("float64"), inputs)
        exact = named(jax.jit(run)(*wide, *data()))
    eager, compiled = named(eager), named(compiled)
    return {name: agreement(eager[name], compiled[name], exact[name], REDUCTION) for name in eager}


def named(tree):
    """Leaves by their path, for example `gradient/dense/kernel`, as NumPy arrays."""
    import jax
    import numpy

    found = jax.tree_util.tree_flatten_with_path(tree)[0]
    return {"/".join(str(getattr(key, "key", key)) for key in path): numpy.asarray(leaf) for path, leaf in found}


def resume(model, save, function):
    """Digests after continuing in this process, and in a fresh one from the file of `save(carry, path)`."""
    carry, _ = train(model, start(model), STEPS)
    with _state.seeded(SEED), tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "half")
        save(carry, path)
        expected = continued(model, carry)
        observed = child.run(function, {"path": path}, timeout_seconds=CHILD_SECONDS)
    return {name: {"expected": value, "observed": observed.get(name)} for name, value in expected.items()}


def continued(model, carry):
    """Digests after the second half of the training."""
    import jax

    carry, losses = train(model, carry, STEPS)
    parameters = digest(jax.tree.leaves(carry["parameters"]))
    return dict(told(carry), parameters=parameters, losses=digest(losses))
