"""
A data loader gives the same batches with 0, 1 and 2 workers, and each worker and epoch its own augmentation.

Why: forked workers that all started from the parent's NumPy state augmented every sample alike in many published
projects (pytorch#5059, pytorch#7882), and a framework that reseeds workers each epoch repeats the same augmentation for
ever (lightning#20412). Draws of Python, NumPy and torch inside forked workers must repeat under a seed and differ
between workers and epochs. The order of samples must not depend on the number of workers. Draws that differ between 0,
1 and 2 workers are by design and are recorded; so is the fact that iterating advances the global generator.

Remedy: seed Python, NumPy and torch at the start, and in a `worker_init_fn` derive every seed from
`torch.initial_seed()`, which differs for each worker and epoch. Never pass a constant there. Compare only runs with the
same number of workers, and give the loader its own `generator=`, so that iterating it does not affect other draws.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _loading, _state

CHECK = Check(tier="quick", rule="expected", needs=("numpy",))
SEED, EPOCHS, WORKERS = 20260101, 2, (0, 1, 2)


def measure(settings):
    """Two digests where values must be equal, a text where they must differ; the rest goes to the conditions."""
    import torch

    orders = {workers: _epochs(_loading.batched(workers)) for workers in WORKERS}
    values = {"order with %d worker(s)" % count: _alike(orders[0], orders[count]) for count in WORKERS[1:]}
    values["order of the second epoch"] = _other(orders[2][0] != orders[2][1])
    found = {workers: _epochs(_loading.drawing(workers)) for workers in WORKERS}
    again = _epochs(_loading.drawing(2))
    kept = _epochs(_loading.drawing(2, persistent_workers=True))
    for source in _loading.SOURCES:
        values.update(_of_source(source, found[2], again))
        values["%s: second epoch of persistent workers" % source] = _epoch_differs(kept, source)
    alone, own = _moved(None), _moved(torch.Generator().manual_seed(SEED))
    return dict(values, conditions=dict(_recorded(found), iterating_moves_generator=alone, also_with_its_own=own))


def _epochs(loader):
    with _state.seeded(SEED):
        return [_loading.epoch(loader) for _ in range(EPOCHS)]


def _of_source(source, epochs, again):
    """Whether one generator's draws repeat, and differ between workers and between epochs."""
    first, second = _loading.by_worker(epochs[0], source)
    return {
        "%s: the same seed again" % source: _alike(
            *([_loading.drawn(rows, source) for rows in run] for run in (epochs, again))
        ),
        "%s: other draws in each worker" % source: _other(not first & second),
        "%s: other draws in each epoch" % source: _epoch_differs(epochs, source),
    }


def _epoch_differs(epochs, source):
    first, second = (set(_loading.drawn(rows, source)) for rows in epochs)
    return _other(not first & second)


def _moved(generator):
    """Whether iterating a loader without any random operation advances torch's global generator."""
    import torch

    with _state.seeded(SEED):
        before = torch.get_rng_state()
        list(torch.utils.data.DataLoader(range(4), generator=generator))
        return not torch.equal(before, torch.get_rng_state())


def _recorded(found):
    """How many different augmentations 0, 1 and 2 workers give for the same epoch, for each generator."""
    return {
        "draws_by_workers_%s" % source: len({digest(_loading.drawn(epochs[0], source)) for epochs in found.values()})
        for source in _loading.SOURCES
    }


def _alike(expected, observed):
    return {"expected": digest(expected), "observed": digest(observed)}


def _other(differs):
    return {"expected": "other values", "observed": "other values" if differs else "values of the first again"}
