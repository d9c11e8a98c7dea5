"""
Stress cases for races: calls whose threads may write to one place, at sizes that torch splits over its threads.

Sizes are chosen by trial on 2 cores (torch 2.13): 300,000 values over 100,000 bins raced in 20 of 20 calls, over 1,000
bins in 1 or 2 of 20. What never raced there keeps a size above the 32,768 elements from which torch splits work.
"""

from __future__ import annotations

import functools

from ._gradients import gradients

VALUES, BINS = 300_000, 100_000
MANY = 2**20 + 3
"""Values of the accumulations that did not race; some kernels are chosen above 2^20."""
ROWS, ROW_BINS, WIDTH = 30_000, 5_000, 16


@functools.lru_cache(maxsize=None)
def inputs(kind):
    """The inputs for one kind of device, made once for all calls of a process; the cases never change them."""
    import torch

    generator = torch.Generator().manual_seed(13)

    def normal(*shape):
        return torch.randn(*shape, generator=generator).to(kind)

    def below(high, *shape):
        return torch.randint(high, shape, generator=generator).to(kind)

    return {
        "places": below(BINS, VALUES),
        "values": normal(VALUES),
        "table": normal(BINS),
        "many places": below(BINS, MANY),
        "many values": normal(MANY),
        "rows": below(ROW_BINS, ROWS),
        "row values": normal(ROWS, WIDTH),
        "row table": normal(ROW_BINS, WIDTH),
        "image": normal(8, 16, 28, 28),
        "filter": normal(16, 16, 3, 3),
        "channel": normal(16),
        "grid": normal(8, 28, 28, 2),
        "offsets": torch.arange(0, ROWS, 5).to(kind),
        "heads": normal(2, 4, 256, 16),
        "targets": below(16, 8, 28, 28),
        "volume": normal(2, 8, 12, 12, 12),
        "cube": normal(8, 8, 3, 3, 3),
        "features": normal(2048, 128),
        "gain": normal(128),
        "weight": normal(128, 128),
    }


def cases(kind):
    """All cases on one kind of device: name to a function without arguments that returns tensors."""
    from torch.nn import functional

    given = inputs(kind)
    found = {}
    for family in (_accumulation, _overwriting, _gathers, _layers, _reductions):
        found.update(family(given, functional))
    return found


def _zeros(given):
    return given["table"].new_zeros(BINS)


def _accumulation(given, nn):
    places, values, rows, more = given["places"], given["values"], given["rows"], given["row values"]
    wide = rows[:, None].expand(-1, WIDTH)
    return {
        "index_put_ accumulate": lambda: _zeros(given).index_put_((places,), values, accumulate=True),
        "index_put_ accumulate rows": lambda: given["row table"].clone().index_put_((rows,), more, accumulate=True),
        "put_ accumulate": lambda: _zeros(given).put_(places, values, accumulate=True),
        "index_add_": lambda: _twice(lambda: _zeros(given).index_add_(0, given["many places"], given["many values"])),
        "index_add_ rows": lambda: given["row table"].clone().index_add_(0, rows, more),
        "scatter_add_": lambda: _twice(
            lambda: _zeros(given).scatter_add_(0, given["many places"], given["many values"])
        ),
        "scatter_add_ rows": lambda: given["row table"].clone().scatter_add_(0, wide, more),
        "scatter_reduce_ mean": lambda: _zeros(given).scatter_reduce_(0, places, values, "mean"),
        "scatter_reduce_ prod": lambda: _zeros(given).scatter_reduce_(0, places, values, "prod"),
        "bincount weights": lambda: places.bincount(values, minlength=BINS),
        "histc": lambda: values.histc(100),
        "segment_reduce": lambda: _segments(more),
        "sparse to dense": lambda: _sparse(rows, more),
    }


def _twice(call):
    """
    The results of two calls: an operator that errs in a tenth of its calls is right in 20 of them in 12 % of audits.

    Only what did not race while the sizes were chosen is called twice.
    """
    return [call(), call()]


def _segments(values):
    import torch

    lengths = torch.full((len(values) // 30,), 30, device=values.device)
    return torch.segment_reduce(values, "sum", lengths=lengths)


def _sparse(rows, values):
    import torch

    return torch.sparse_coo_tensor(rows[None], values, (ROW_BINS, WIDTH), check_invariants=False).to_dense()


def _overwriting(given, nn):
    """Several values written to one place: which one stays is a race as well."""
    places, values = given["places"], given["values"]
    return {
        "index_put_": lambda: _zeros(given).index_put_((places,), values),
        "put_": lambda: _zeros(given).put_(places, values),
        "index_copy_": lambda: _zeros(given).index_copy_(0, places, values),
        "scatter_": lambda: _zeros(given).scatter_(0, places, values),
    }


def _gathers(given, nn):
    places, table, rows, wide = given["places"], given["table"], given["rows"], given["row table"]
    return {
        "gather backward": lambda: gradients(lambda x: x.gather(0, places), table),
        "index backward": lambda: gradients(lambda x: x[places], table),
        "index_select backward": lambda: gradients(lambda x: x.index_select(0, rows), wide),
        "take backward": lambda: gradients(lambda x: x.take(places), table),
        "embedding backward": lambda: gradients(lambda x: nn.embedding(rows, x), wide),
        "embedding_bag sum backward": lambda: gradients(
            lambda x: nn.embedding_bag(rows, x, given["offsets"], mode="sum"), wide
        ),
        "embedding_bag max backward": lambda: gradients(
            lambda x: nn.embedding_bag(rows, x, given["offsets"], mode="max"), wide
        ),
        "repeat_interleave backward": lambda: gradients(lambda x: x.repeat_interleave(3), table),
    }


def _layers(given, nn):
    image, channel, features, heads = given["image"], given["channel"], given["features"], given["heads"]
    return {
        "conv2d backward": lambda: gradients(nn.conv2d, image, given["filter"], channel),
        "conv3d backward": lambda: gradients(nn.conv3d, given["volume"], given["cube"]),
        "conv_transpose2d backward": lambda: gradients(nn.conv_transpose2d, image, given["filter"]),
        "max_pool2d backward": lambda: gradients(lambda x: nn.max_pool2d(x, 3, 1), image),
        "adaptive_avg_pool2d backward": lambda: gradients(lambda x: nn.adaptive_avg_pool2d(x, (5, 7)), image),
        "interpolate bilinear backward": lambda: gradients(
            lambda x: nn.interpolate(x, size=(51, 47), mode="bilinear"), image
        ),
        "grid_sample backward": lambda: gradients(
            lambda x, g: nn.grid_sample(x, g, align_corners=False), image, given["grid"]
        ),
        "pad reflect backward": lambda: gradients(lambda x: nn.pad(x, (3, 3, 3, 3), mode="reflect"), image),
        "batch_norm backward": lambda: gradients(
            lambda x, w, b: nn.batch_norm(x, None, None, w, b, True), image, channel, channel
        ),
        "layer_norm backward": lambda: gradients(
            lambda x, w, b: nn.layer_norm(x, (128,), w, b), features, given["gain"], given["gain"]
        ),
        "linear backward": lambda: gradients(nn.linear, features, given["weight"], given["gain"]),
        "attention backward": lambda: gradients(
            lambda q, k, v: nn.scaled_dot_product_attention(q, k, v, is_causal=True), heads, heads, heads
        ),
        "cross_entropy backward": lambda: gradients(lambda x: nn.cross_entropy(x, given["targets"]), image),
    }


def _reductions(given, nn):
    values, image = given["values"], given["image"]
    return {
        "cumsum": lambda: values.cumsum(0),
        "sum": lambda: [values.sum(), image.sum((0, 2, 3)), values.norm()],
        "var": lambda: image.var((0, 2, 3)),
        "logsumexp": lambda: values.logsumexp(0),
        "sort": lambda: list(given["places"].sort(stable=False)),
        "topk of ties": lambda: list((given["places"] % 1000).topk(5000)),
    }
