"""More stress cases for races, by family: those that the quick check omits, and the racing families compiled."""

from __future__ import annotations

import functools

from ._gradients import gradients
from ._races import BINS, ROWS, WIDTH, inputs

COUNTED = 60_000
"""Number of values whose distinct members are counted: sorting more takes most of a second."""
STEPS, BATCH, LETTERS, TARGET = 50, 64, 32, 20


def cases(kind):
    """Eager cases on one kind of device: name to a function without arguments that returns tensors."""
    from torch.nn import functional

    given, found = inputs(kind), {}
    for family in (_indexing, _histograms, _segments, _windows):
        found.update(family(given, functional))
    return found


def _indexing(given, nn):
    places, values, rows, more = given["places"], given["values"], given["rows"], given["row values"]
    table, wide, columns = given["table"], given["row table"], given["rows"] % WIDTH
    return {
        "index_put_ accumulate pairs": lambda: wide.clone().index_put_((rows, columns), more[:, 0], accumulate=True),
        "index_reduce_ prod": lambda: table.new_ones(BINS).index_reduce_(0, places, values, "prod"),
        "index_reduce_ mean rows": lambda: wide.clone().index_reduce_(0, rows, more, "mean"),
        "scatter_reduce_ amax": lambda: table.clone().scatter_reduce_(0, places, values, "amax"),
        "masked_scatter_": lambda: table.clone().masked_scatter_(table > 0, values),
        "index pairs backward": lambda: gradients(lambda x: x[rows, columns], wide),
        "masked_select backward": lambda: gradients(lambda x: x[x > 0], table),
        "take_along_dim backward": lambda: gradients(lambda x: x.take_along_dim(places, 0), table),
        "unfold backward": lambda: gradients(lambda x: x.unfold(0, 7, 3), table),
    }


def _histograms(given, nn):
    places, values = given["places"], given["values"]
    found = {
        "bincount": lambda: places.bincount(minlength=BINS),
        "unique counts": lambda: list(places[:COUNTED].unique(return_inverse=True, return_counts=True)),
    }
    if values.device.type == "cpu":  # torch has no `histogram` on CUDA
        found["histogram weights"] = lambda: list(values.histogram(100, weight=values.abs()))
    return found


def _segments(given, nn):
    import torch

    rows, more, wide, offsets = given["rows"], given["row values"], given["row table"], given["offsets"]
    lengths = torch.full((ROWS // 30,), 30, device=rows.device)
    return {
        "segment_reduce backward": lambda: gradients(lambda x: torch.segment_reduce(x, "sum", lengths=lengths), more),
        "embedding_bag mean backward": lambda: gradients(
            lambda x: nn.embedding_bag(rows, x, offsets, mode="mean"), wide
        ),
        "embedding_bag weights backward": lambda: gradients(
            lambda x, w: nn.embedding_bag(rows, x, offsets, mode="sum", per_sample_weights=w), wide, more[:, 0]
        ),
        "ctc_loss backward": lambda: _ctc(rows, nn),
    }


def _ctc(rows, nn):
    import torch

    scores = torch.linspace(-1, 1, STEPS * BATCH * LETTERS, device=rows.device).sin().reshape(STEPS, BATCH, LETTERS)
    targets = rows[: BATCH * TARGET].reshape(BATCH, TARGET) % (LETTERS - 1) + 1
    steps, lengths = torch.full((BATCH,), STEPS), torch.full((BATCH,), TARGET)
    return gradients(lambda x: nn.ctc_loss(x.log_softmax(2), targets, steps, lengths), scores)


def _windows(given, nn):
    image, volume, filters = given["image"], given["volume"], given["filter"]
    return {
        "conv1d backward": lambda: gradients(nn.conv1d, image.flatten(2), filters[..., 0]),
        "conv2d grouped backward": lambda: gradients(lambda x, w: nn.conv2d(x, w, groups=16), image, filters[:, :1]),
        "fold": lambda: nn.fold(nn.unfold(image, 3), (28, 28), 3),
        "max_unpool2d": lambda: nn.max_unpool2d(*nn.max_pool2d(image, 2, return_indices=True), 2),
        "max_pool3d backward": lambda: gradients(lambda x: nn.max_pool3d(x, 3, 1), volume),
        "adaptive_max_pool2d backward": lambda: gradients(lambda x: nn.adaptive_max_pool2d(x, (5, 7)), image),
    }


@functools.lru_cache(maxsize=None)
def compiled_cases(kind):
    """The racing families as compiled code; all calls of a process share the compiled functions."""
    import torch

    found = {}
    for name, (function, leaf) in _to_compile(inputs(kind)).items():
        compiled = torch.compile(function, fullgraph=True, dynamic=False)
        if leaf is None:
            found["compiled " + name] = compiled
        else:
            found["compiled %s backward" % name] = functools.partial(gradients, compiled, leaf)
    return found


def _to_compile(given):
    """Name to a function and the tensor whose gradient is computed (None: the function takes no argument)."""
    from torch.nn import functional

    places, values, rows, more = given["places"], given["values"], given["rows"], given["row values"]
    table, wide, image, filters = given["table"], given["row table"], given["image"], given["filter"]
    return {
        "index_put_ accumulate": (lambda: table.new_zeros(BINS).index_put((places,), values, accumulate=True), None),
        "index_put_": (lambda: table.new_zeros(BINS).index_put((places,), values), None),
        "index_add_": (lambda: table.new_zeros(BINS).index_add(0, places, values), None),
        "scatter_add_": (lambda: table.new_zeros(BINS).scatter_add(0, places, values), None),
        "scatter_": (lambda: table.new_zeros(BINS).scatter(0, places, values), None),
        "index_add_ rows": (lambda: wide.index_add(0, rows, more), None),
        "bincount weights": (lambda: places.bincount(values, minlength=BINS), None),
        "gather": (lambda x: x.gather(0, places), table),
        "index": (lambda x: x[places], table),
        "embedding": (lambda x: functional.embedding(rows, x), wide),
        "conv2d": (lambda x: functional.conv2d(x, filters), image),
    }
