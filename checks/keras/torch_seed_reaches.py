"""
`keras.utils.set_random_seed` reaches every draw of Keras's layers on PyTorch, and different seeds differ.

Why: layers that draw (dropout, noise, augmentation) hold a generator of their own, and one that is made without a seed
takes it from Python's `random`. `torch.manual_seed` does not reach that one, and Keras documents it. A layer whose
generator no seed reaches makes a seeded run change; one that takes equal seeds makes two seeds train alike. The check
makes each layer and initialiser without a seed, and the order of `fit`, under two seeds, and once more after the
framework's own seed call alone.

Remedy: call `keras.utils.set_random_seed(N)` before the model is built: it seeds Python, NumPy and the backend. Or give
each layer its `seed`.
"""

from __future__ import annotations

from ..declare import Check
from . import _draws

CHECK = Check(
    tier="full",
    rule="different",
    across=("repeat", "process"),
    needs=("keras",),
    explains=("entropy",),
    documented=_draws.DOCUMENTED,
    on="torch",
    under={"keras-backend": "torch"},
)


def measure(settings):
    """For each kind of draw, its digests under each seed."""
    return _draws.reached(settings, framework_alone=True)
