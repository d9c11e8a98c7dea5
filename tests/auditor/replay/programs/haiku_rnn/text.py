"""A small language of sums written out, as a stream of characters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

ALPHABET = "0123456789+=;"
INDEX = {character: index for index, character in enumerate(ALPHABET)}


def make_stream(sums: int, seed: int) -> np.ndarray:
    """Write sums such as 12+5=17; one after the other."""
    rng = np.random.default_rng(seed)
    pairs = rng.integers(0, 50, (sums, 2))
    text = "".join(f"{a}+{b}={a + b};" for a, b in pairs.tolist())
    return np.array([INDEX[character] for character in text], dtype=np.int32)


def sample_batches(
    stream: np.ndarray, *, batch_size: int, length: int, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield inputs and targets that are cut out at random places, without end; time is the first axis."""
    rng = np.random.default_rng(seed)
    while True:
        starts = rng.integers(0, len(stream) - length - 1, batch_size)
        windows = stream[starts[:, None] + np.arange(length + 1)]
        yield windows[:, :-1].T, windows[:, 1:].T
