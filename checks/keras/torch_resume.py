"""
Keras on PyTorch: training that is saved, loaded in a fresh process and continued equals uninterrupted training.

Why: a `.keras` file holds weights and optimizer, and the documentation says that training can continue from it. It does
not hold the state that dropout draws from, so the resumed run draws other masks (keras#19796, keras#2378). On PyTorch
dropout draws from torch's own generator, whatever the layers' seed generators hold. The check judges losses, weights
and optimizer with both restored separately, and the generators as they were loaded.

Remedy: where only the generators differ, save `torch.get_rng_state()` beside the file, with the
`non_trainable_variables` whose path ends with `seed_generator_state`. Restore the latter after `load_model`, and
torch's state in a callback's `on_train_begin`: the first `fit` of a loaded model draws from it while it builds. Also
keep `initial_epoch`, and reseed before a `fit` that shuffles.
"""

from __future__ import annotations

from ..declare import Check
from . import _contract

CHECK = Check(
    tier="full",
    rule="expected",
    needs=("keras",),
    compiles=True,
    on="torch",
    under={"keras-backend": "torch"},
)


def measure(settings):
    """Digests expected from training through, and observed after loading."""
    return _contract.resume()
