"""Synthetic images of digits: one smooth pattern a class, moved by some pixels and covered with noise."""

import numpy as np

CLASSES = 10
SIZE = 28


def _patterns(rng):
    """One smooth image a class."""
    coarse = rng.normal(size=(CLASSES, 7, 7))
    return np.kron(coarse, np.ones((4, 4))).astype(np.float32)


def make_split(count, *, split_seed):
    """Return `count` images (N, 1, 28, 28) and their labels (N,)."""
    patterns = _patterns(np.random.default_rng(1998))
    rng = np.random.default_rng(split_seed)
    labels = rng.integers(0, CLASSES, size=count)
    images = np.empty((count, 1, SIZE, SIZE), dtype=np.float32)
    for index, label in enumerate(labels):
        moved = np.roll(patterns[label], rng.integers(-3, 4, size=2), axis=(0, 1))
        images[index, 0] = moved + rng.normal(scale=1.5, size=(SIZE, SIZE))
    return images, labels.astype(np.int64)
