"""The learning-rate schedulers and gradient scalers that the program has made, and what they hold."""

from __future__ import annotations

import functools
import weakref

OWN = (int, float, bool)
DERIVED = ("verbose", "mode", "min_lrs", "eps")
"""Attributes that are settings, not state."""


class Schedules:
    """Of one process, in the order in which they were made."""

    def __init__(self):
        self._schedulers, self._scalers = [], []

    def follow_schedulers(self, module):
        """Wrap the constructors of `torch.optim.lr_scheduler`."""
        for name in ("LRScheduler", "ReduceLROnPlateau"):
            if hasattr(module, name):
                _follow(getattr(module, name), self._schedulers)

    def follow_scalers(self, module):
        """Wrap the constructor of `torch.amp.GradScaler`, which those of devices call."""
        _follow(module.GradScaler, self._scalers)

    def now(self, optimizer):
        """(the state of the schedulers of an optimizer, and of the scalers): a dictionary for each."""
        alive = (one() for one in self._schedulers)
        own = [one for one in alive if one is not None and _inner(getattr(one, "optimizer", None)) is optimizer]
        return [_scheduler(one) for one in own], [_scaler(one()) for one in self._scalers if one() is not None]


def _follow(kind, made):
    plain = kind.__init__

    @functools.wraps(plain)
    def initialise(self, *args, **kwargs):
        if not any(one() is self for one in made):  # a subclass calls its base's
            made.append(weakref.ref(self))
        plain(self, *args, **kwargs)

    kind.__init__ = initialise


def _inner(optimizer):
    """The optimizer that others wrap (accelerate)."""
    return getattr(optimizer, "optimizer", optimizer)


def _scheduler(one):
    found = {"kind": type(one).__name__}
    for name, value in vars(one).items():
        if not name.startswith("_") and name not in DERIVED and type(value) in OWN:
            found[name] = repr(value)
    return found


def _scaler(one):
    if not one.is_enabled():
        return {"kind": type(one).__name__, "enabled": "False"}
    return {
        "kind": type(one).__name__,
        "scale": repr(one.get_scale()),
        "growth_tracker": repr(one._get_growth_tracker()),
    }
