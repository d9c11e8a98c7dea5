"""Data loaders whose samples draw from every generator, and what they gave."""

from __future__ import annotations

import functools
import multiprocessing

from ..declare import NotApplicable

SAMPLES = 24
WAIT_SECONDS = 60
"""How long a worker may take for a sample before it counts as lost."""
DRAW = (
    "(getattr(__import__('torch').utils.data.get_worker_info(), 'id', -1), index, __import__('random').random(), "
    "__import__('numpy').random.random(), __import__('torch').rand((), dtype=__import__('torch').float64).item())"
)
"""One augmented sample: which worker made it, its index, and a draw of Python, NumPy and torch each."""
SOURCES = ("python", "numpy", "torch")


def drawing(workers, method="fork", **options):
    """
    A loader of single samples whose augmentation draws in the process that loads them.

    A spawned worker imports by name what it is given, and the payload has no importable name: so the augmentation is
    the built-in `eval` of text, which every worker knows.
    """
    augment = functools.partial(eval, DRAW)
    samples = [{"index": number} for number in range(SAMPLES)]
    return _loader(samples, workers, method, batch_size=None, collate_fn=augment, **options)


def batched(workers):
    """A shuffled loader of batches of numbers, without any augmentation."""
    return _loader(range(SAMPLES), workers, "fork", batch_size=4)


def _loader(samples, workers, method, **options):
    from torch.utils import data

    if method not in multiprocessing.get_all_start_methods():
        raise NotApplicable("this platform cannot start workers by %s" % method)
    if workers:
        options.update(multiprocessing_context=method, timeout=WAIT_SECONDS)
    return data.DataLoader(samples, shuffle=True, num_workers=workers, **options)


def epoch(loader):
    """What one epoch of a loader gave, in order, as plain numbers."""
    return [item.tolist() if hasattr(item, "tolist") else list(item) for item in loader]


def drawn(rows, source):
    """What one generator drew for these rows, in order."""
    return [row[2 + SOURCES.index(source)] for row in rows]


def by_worker(rows, source):
    """What one generator drew, a set for each worker."""
    found = {}
    for row, value in zip(rows, drawn(rows, source)):
        found.setdefault(row[0], set()).add(value)
    return list(found.values())
