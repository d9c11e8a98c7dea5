"""
Keras on PyTorch: to train, save, load in a fresh process and train on is to train through.

Why: a `.keras` file holds weights and optimizer, and is said to let training go on where it left off; what dropout
draws from is not in it, so the resumed run draws other masks (keras#19796, keras#2378). On PyTorch that is the
framework's own generator, whatever the states of the layers' seed generators say. Losses, weights and optimizer are
judged with both handed over beside the file; the generators are judged as they were loaded.

Remedy: where only the generators differ, save `torch.get_rng_state()` beside the file, with the
`non_trainable_variables` whose path ends with `seed_generator_state`. Set the states after `load_model`, and torch's
in a callback's `on_train_begin`: the first `fit` of a loaded model draws from it while it builds. Keep `initial_epoch`
too, and seed anew before a `fit` that shuffles.
"""

from __future__ import annotations

from ..declare import Check
from . import _contract

CHECK = Check(
    severity="medium",
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
