"""Data loaders whose samples draw from every generator, and their output."""

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
"""One augmented sample: its worker, its index, and one draw each of Python, NumPy and torch."""
SOURCES = ("python", "numpy", "torch")


def drawing(workers, method="fork", **options):
    """
    A loader of single samples; their augmentation draws in the process that loads them.

    A spawned worker imports functions by name, and the payload has no importable name. So the augmentation is
    the built-in `eval` with a text, which every worker can import.
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
    """The samples of one epoch of a loader, in order, as plain numbers."""
    return [item.tolist() if hasattr(item, "tolist") else list(item) for item in loader]


def drawn(rows, source):
    """The draws of one generator for these rows, in order."""
    return [row[2 + SOURCES.index(source)] for row in rows]


def by_worker(rows, source):
    """The draws of one generator, as one set for each worker."""
    found = {}
    for row, value in zip(rows, drawn(rows, source)):
        found.setdefault(row[0], set()).add(value)
    return list(found.values())
