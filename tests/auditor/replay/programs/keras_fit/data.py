"""Synthetic glyph images: ten prototypes, moved, scaled in brightness and covered with noise."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    """Images as float32 with a channel axis, and integer labels."""

    images: np.ndarray
    labels: np.ndarray


def make_split(count: int, *, size: int, classes: int, seed: int) -> Split:
    """Draw one split; prototypes are the same for each split."""
    prototypes = np.random.default_rng(1234).random((classes, size, size), dtype=np.float32)
    prototypes = np.where(prototypes > 0.6, 1.0, 0.0).astype(np.float32)
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, count)
    shifts = rng.integers(-1, 2, (count, 2))
    images = np.stack(
        [np.roll(prototypes[label], tuple(shift), axis=(0, 1)) for label, shift in zip(labels, shifts, strict=True)]
    )
    images *= rng.uniform(0.5, 1.0, (count, 1, 1)).astype(np.float32)
    images += rng.normal(0.0, 0.35, images.shape).astype(np.float32)
    return Split(images[..., None], labels.astype(np.int32))
