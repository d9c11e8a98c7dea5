"""
A seed reaches every generator that a torch program draws from, and different seeds give different draws.

Why: `torch.manual_seed` seeds torch's generators on all devices, but not Python's and NumPy's. A library that draws
from another generator, or reseeds one, makes a seeded run change or two seeds train alike (bicleaner#72; the Keras page
on reproducibility seeds all three). The check makes each kind of draw (default generators, dropout, initialisers,
samplers, distributions) under three seeds. A restored state must give the same continuation, including the cached half
of an odd normal draw: a later call restores what the first call of the process saved.

Remedy: call `random.seed`, `numpy.random.seed` and `torch.manual_seed` before the first draw. Then look for code that
draws from, or reseeds, the generator that the finding names. Where a continuation differs, save the states with
`random.getstate`, `numpy.random.get_state`, `torch.get_rng_state` and `torch.cuda.get_rng_state_all`.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _draws, _state

CHECK = Check(
    tier="quick",
    rule="different",
    across=("repeat", "process"),
    needs=("numpy",),
    explains=("entropy",),
)
SEEDS = (1, 2, 3, 20260101)
"""Neighbours on both sides of an even number: a seed whose lowest bit is ignored gives two of them equal draws."""
_saved = {}
"""Generator to the state that the first call in this process saved; later calls restore it."""


def measure(settings):
    """For each kind of draw, its digests under each seed; for each generator, a continuation after its first draws."""
    found, values = dict(_draws.host_draws(), **_draws.loader_draws()), {}
    for prefix, device in _state.devices():
        found.update({prefix + name: draw for name, draw in _draws.draws(device).items()})
    for name, draw in found.items():
        values[name] = [_seeded(seed, draw) for seed in SEEDS]
    for prefix, device in _state.devices():
        for name, generator in _draws.generators(device, prefix).items():
            with _state.seeded(SEEDS[0]):
                values["continuation of %s" % name] = _continuation(name, *generator)
    return values


def _seeded(seed, draw):
    with _state.seeded(seed):
        return digest(draw())


def _continuation(name, seed, draw, save, restore):
    """The second draw: the first call draws twice, later calls restore the saved state."""
    if name in _saved:
        restore(_saved[name])
    else:
        seed(SEEDS[0])
        draw()
        _saved[name] = save()
    return digest(draw())
