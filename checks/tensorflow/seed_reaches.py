"""
A seed reaches every draw of a TensorFlow program, two seeds differ, and a restored state continues.

Why: `tf.random.set_seed` seeds neither Python's nor NumPy's generator, Keras 3 keeps seeds of its own, and a
`tf.random.Generator` follows none of them. A seeded run then changes, or two seeds train alike (bicleaner#72; the Keras
page on reproducibility seeds all of them). The check makes each kind of draw (operators, functions, datasets, layers,
initialisers) under three seeds. Streams that are split from one seed must differ. A restored state must give the same
continuation: a later call restores what the first call of the process saved.

Remedy: call `keras.utils.set_random_seed(N)` before the first draw; it seeds Python, NumPy, TensorFlow and Keras.
Create generators with `tf.random.Generator.from_seed(N)`. Then look for code that draws from, or reseeds, what the
finding names. Where a continuation differs, keep the generator's `state` in the checkpoint.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _draws, _keras, _state

CHECK = Check(tier="quick", rule="different", across=("repeat", "process"), explains=("entropy",))
SEEDS = (1, 2, 3, 20260101)
"""Neighbours on both sides of an even number: a seed whose lowest bit is ignored gives two of them equal draws."""
_saved = {}
"""Generator to the state that the first call in this process saved; later calls restore it."""


def measure(settings):
    """For each kind of draw, its digests under each seed; for each generator, a continuation after its first draws."""
    values = {}
    for name, draw in _draws.by_global_seed().items():
        values[name] = [_seeded(_state.seeded, seed, draw) for seed in SEEDS]
    for name, draw in _draws.by_keras_seed().items():
        values[name] = [_seeded(_keras.seeded, seed, draw) for seed in SEEDS]
    for name, draw in _draws.by_own_seed().items():
        values[name] = [digest(draw(seed)) for seed in SEEDS]
    with _state.seeded(SEEDS[0]):
        values.update({name: [digest(draw) for draw in draws] for name, draws in _draws.streams().items()})
    for name, generator in _draws.generators().items():
        values["continuation of %s" % name] = _continuation(name, *generator)
    return values


def _seeded(seeding, seed, draw):
    with seeding(seed):
        return digest(draw())


def _continuation(name, draw, save, restore):
    """The second draw: the first call draws twice, later calls restore the saved state."""
    if name in _saved:
        restore(_saved[name])
    else:
        draw()
        _saved[name] = save()
    return digest(draw())
