"""The model of the nnx checks, which holds its own parameters, running state and random streams."""

from __future__ import annotations

import os
import tempfile

from ..agreement import agreement
from ..fingerprint import digest
from ..jax import _state
from ..process import child
from . import _training


def model(dropout, seed=_training.SEED):
    """Embedding, convolution, batch norm, attention, dropout, dense; created under `nnx.jit`, which is faster."""
    from flax import nnx

    class Network(nnx.Module):
        def __init__(self, rngs):
            width = _training.WIDTH
            self.embedding = nnx.Embed(_training.WORDS, width, rngs=rngs)
            self.convolution = nnx.Conv(width, width, (3,), use_bias=False, rngs=rngs)
            self.batch_norm = nnx.BatchNorm(width, rngs=rngs)
            self.attention = nnx.MultiHeadAttention(2, width, decode=False, use_bias=False, rngs=rngs)
            self.dropout = nnx.Dropout(dropout, rngs=rngs)
            self.dense = nnx.Linear(width, _training.CLASSES, rngs=rngs)

        def __call__(self, words):
            hidden = self.batch_norm(self.convolution(self.embedding(words)))
            hidden = self.dropout(hidden + self.attention(hidden))
            return self.dense(hidden.mean(1))

    return nnx.jit(lambda: Network(nnx.Rngs(seed)))()


def prepared(seed=_training.SEED):
    """A model with dropout, and its optimizer."""
    from flax import nnx

    network = model(0.2, seed)
    return network, nnx.Optimizer(network, _training.optimizer(), wrt=nnx.Param)


def train(network, optimizer, steps):
    """Train in place under `nnx.jit`; returns the losses."""
    from flax import nnx

    def loss(network, words, classes):
        return _training.cross_entropy(network(words), classes)

    @nnx.jit
    def step(network, optimizer, words, classes):
        lost, gradients = nnx.value_and_grad(loss)(network, words, classes)
        optimizer.update(network, gradients)
        return lost

    return [step(network, optimizer, *_training.data()) for _ in range(steps)]


def same_seed():
    """Digests of the losses, the optimizer and each layer, with its running state and random stream."""
    from flax import nnx

    with _state.seeded(_training.SEED):
        network, optimizer = prepared()
        losses = train(network, optimizer, _training.STEPS)
    names = ("embedding", "convolution", "batch_norm", "attention", "dropout", "dense")
    values = {"layer:" + name: digest(arrays(nnx.state(getattr(network, name)))) for name in names}
    return dict(values, optimizer=digest(arrays(nnx.state(optimizer))), losses=digest(losses))


def arrays(state):
    """The leaves of a state; a key is represented by its data."""
    import jax

    leaves = jax.tree.leaves(state)
    return [jax.random.key_data(leaf) if _is_key(leaf) else leaf for leaf in leaves]


def _is_key(leaf):
    import jax

    return jax.dtypes.issubdtype(leaf.dtype, jax.dtypes.prng_key)


def compiled_eager():
    """Agreement of loss, output and gradients under `nnx.jit` and op by op, with float64 as reference."""
    import jax
    from flax import nnx

    network = model(0)

    def run(network, words, classes):
        def loss(network):
            logits = network(words)
            return _training.cross_entropy(logits, classes), logits

        (lost, logits), gradients = nnx.value_and_grad(loss, has_aux=True)(network)
        return {"loss": lost, "output": logits, "gradient": nnx.to_pure_dict(gradients)}

    eager = _training.named(run(nnx.clone(network), *_training.data()))
    compiled = _training.named(nnx.jit(run)(nnx.clone(network), *_training.data()))
    graph, state = nnx.split(network)
    with _state.switched("jax_enable_x64", True):
        wide = nnx.merge(graph, jax.tree.map(_widened, state))
        exact = _training.named(nnx.jit(run)(wide, *_training.data()))
    return {name: agreement(eager[name], compiled[name], exact[name], _training.REDUCTION) for name in eager}


def _widened(leaf):
    return leaf.astype("float64") if str(leaf.dtype) == "float32" else leaf


def resume():
    """Digests after continuing in this process, and in a fresh one from the states of model and optimizer."""
    from flax import nnx, serialization

    with _state.seeded(_training.SEED), tempfile.TemporaryDirectory() as folder:
        pair = prepared()
        train(*pair, _training.STEPS)
        path = os.path.join(folder, "half")
        with open(path, "wb") as handle:
            handle.write(serialization.to_bytes(arrays(nnx.state(pair))))
        expected = _continued(pair)
        observed = child.run("flax._nnx.resumed", {"path": path}, timeout_seconds=_training.CHILD_SECONDS)
    return {name: {"expected": value, "observed": observed.get(name)} for name, value in expected.items()}


def resumed(arguments):
    """In the child: a model and optimizer from another seed load the states and continue training."""
    import jax
    from flax import nnx, serialization

    pair = prepared(seed=1)
    leaves, tree = jax.tree.flatten(nnx.state(pair))
    with open(arguments["path"], "rb") as handle:
        loaded = serialization.from_bytes(arrays(nnx.state(pair)), handle.read())
    wrapped = [jax.random.wrap_key_data(new) if _is_key(old) else new for old, new in zip(leaves, loaded)]
    nnx.update(pair, jax.tree.unflatten(tree, wrapped))
    return _continued(pair)


def _continued(pair):
    from flax import nnx

    losses = train(*pair, _training.STEPS)
    kinds = {"parameters": nnx.Param, "running state": nnx.BatchStat, "random streams": nnx.RngState}
    values = {name: digest(arrays(nnx.state(pair[0], kind))) for name, kind in kinds.items()}
    return dict(values, optimizer=digest(arrays(nnx.state(pair[1]))), losses=digest(losses))
