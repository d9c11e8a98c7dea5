"""
The same seed gives the same bits, again in this process and in a fresh one.

Why: three compiled training steps of a small model (embedding, convolution, norm, attention, dropout with keys, dense,
Adam), and its last layers op by op, must give the same bits again. They did not on GPUs, nor in 2 % of runs on a CPU
(jax#13672, jax#4823, xla#8471).

Remedy: derive every key from one `jax.random.key(seed)`. Draw nothing from time, `os.urandom` or an unseeded NumPy
generator. On a GPU start the job with `XLA_FLAGS=--xla_gpu_deterministic_ops=true`.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _model, _state

CHECK = Check(
    tier="quick",
    rule="identical",
    across=("repeat", "process", "perturbed"),
    explains=("one-thread",),
    compiles=True,
)
SEED, STEPS = 17, 3


def measure(settings):
    """Digests of each layer's parameters, the losses, masks and keys of training, and of the dense layers op by op."""
    import jax

    with _state.seeded(SEED):
        key, values = jax.random.key(SEED), jax.jit(_model.parameters)(jax.random.key(SEED + 1))
        zeros = {layer: jax.numpy.zeros_like(array) for layer, array in values.items()}
        moments, data = (zeros, zeros), _model.batch(SEED)
        draw, step = jax.jit(_model.draw), jax.jit(_step)
        trail = {"keys": [], "masks": [], "losses": [], "dense layers op by op": []}
        for number in range(1, STEPS + 1):
            key, mask = draw(key)
            trail["keys"].append(jax.random.key_data(key))
            trail["masks"].append(mask)
            trail["dense layers op by op"].append(_model.head(values, mask[:, 0].astype("float32"), data[1]))
            lost, values, moments = step(values, moments, number, data, mask)
            trail["losses"].append(lost)
    reading = {"parameters of %s" % layer: digest(array) for layer, array in values.items()}
    return dict(reading, **{name: digest(arrays) for name, arrays in trail.items()})


def _step(values, moments, number, data, mask):
    """One training step: loss, new parameters, new moments."""
    import jax

    lost, gradients = jax.value_and_grad(_model.loss)(values, *data, mask)
    return (lost, *_model.adam(values, gradients, moments, number))
