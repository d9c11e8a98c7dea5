"""Gradients with exact answers, of operators whose backward form the determinism switch runs differently."""

from __future__ import annotations

LINE, TABLE = [1.0, 2.0, 3.0], [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
SQUARE, FOURS = [[1.0, 2.0], [3.0, 4.0]], [[4.0, 4.0], [4.0, 4.0]]


def problems(made):
    """Name to (call, answer), as in `_known_answers`, which creates the constants."""
    return {**_lookups(made), **_losses(made), **_bags(made), **_resampled(made), **_convolved(made)}


def _gradient(made, values, function):
    """A call that returns the gradient of a sum: how often each element was used, times its weight."""
    import torch

    def call():
        given = made.leaf(values)
        return torch.autograd.grad(function(given).sum(), given)[0]

    return call


def _lookups(made):
    from torch.nn import functional

    used, rows = made.places([1, 0, 1]), made([[1.0], [2.0], [4.0]])
    weights, repeats = rows[:, 0], made.places([2, 0, 3])
    counted = [[2.0, 2.0], [5.0, 5.0], [0.0, 0.0]]
    of_tables = {
        "index": lambda given: given[used] * rows,
        "index_select": lambda given: given.index_select(0, used) * rows,
        "embedding": lambda given: functional.embedding(used, given) * rows,
    }
    of_lines = {
        "gather": (lambda given: given.gather(0, used) * weights, [2.0, 5.0, 0.0]),
        "take": (lambda given: given.take(used) * weights, [2.0, 5.0, 0.0]),
        "repeat_interleave": (lambda given: given.repeat_interleave(repeats), [2.0, 0.0, 3.0]),
        "cumsum": (lambda given: given.cumsum(0), [3.0, 2.0, 1.0]),
    }
    found = {"%s backward" % name: (_gradient(made, TABLE, each), counted) for name, each in of_tables.items()}
    for name, (function, answer) in of_lines.items():
        found["%s backward" % name] = (_gradient(made, LINE, function), answer)
    return found


def _losses(made):
    from torch.nn import functional

    labels = made.places([0, 1, 1])
    return {
        "nll_loss backward": (
            _gradient(made, TABLE, lambda given: functional.nll_loss(given, labels, reduction="sum")),
            [[-1.0, 0.0], [0.0, -1.0], [0.0, -1.0]],
        ),
        "median backward": (_gradient(made, LINE, lambda given: given.median(0).values), [0.0, 1.0, 0.0]),
    }


def _bags(made):
    from torch.nn import functional

    members, offsets = made.places([0, 1, 1, 2]), made.places([0, 2])
    found = {}
    for mode, answer in (("sum", [[4.0, 6.0], [8.0, 10.0]]), ("max", [[3.0, 4.0], [5.0, 6.0]])):

        def forward(mode=mode):
            return functional.embedding_bag(members, made(TABLE), offsets, mode=mode)

        found["embedding_bag %s" % mode] = (forward, answer)
    for mode, share in (("sum", 1.0), ("mean", 0.5)):

        def bagged(given, mode=mode):
            return functional.embedding_bag(members, given, offsets, mode=mode)

        answer = [[share] * 2, [2 * share] * 2, [share] * 2]
        found["embedding_bag %s backward" % mode] = (_gradient(made, TABLE, bagged), answer)
    return found


def _resampled(made):
    from torch.nn import functional

    corners = made([[[[-1.0, -1.0], [1.0, 1.0]]]])
    functions = {
        "interpolate nearest": (lambda given: functional.interpolate(given, scale_factor=2), FOURS),
        "interpolate bilinear": (lambda given: functional.interpolate(given, scale_factor=2, mode="bilinear"), FOURS),
        "pad reflect": (lambda given: functional.pad(given, (1, 1, 0, 0), mode="reflect"), [[2.0, 2.0], [2.0, 2.0]]),
        "pad replicate": (
            lambda given: functional.pad(given, (1, 0, 0, 0), mode="replicate"),
            [[2.0, 1.0], [2.0, 1.0]],
        ),
        "max_pool2d": (lambda given: functional.max_pool2d(given, 2), [[0.0, 0.0], [0.0, 1.0]]),
        "adaptive_avg_pool2d": (
            lambda given: 4 * functional.adaptive_avg_pool2d(given, 1),
            [[1.0, 1.0], [1.0, 1.0]],
        ),
        "grid_sample": (
            lambda given: functional.grid_sample(given, corners, align_corners=True),
            [[1.0, 0.0], [0.0, 1.0]],
        ),
    }
    return {
        "%s backward" % name: (_gradient(made, [[SQUARE]], function), [[answer]])
        for name, (function, answer) in functions.items()
    }


def _convolved(made):
    from torch.nn import functional

    image, kernel = made([[SQUARE]]), made([[[[1.0, 2.0], [0.0, 1.0]]]])
    return {
        "conv2d": (
            lambda: functional.conv2d(image, kernel, padding=1)[0, 0],
            [[1.0, 2.0, 0.0], [5.0, 9.0, 2.0], [6.0, 11.0, 4.0]],
        ),
        "conv2d backward": (
            _gradient(made, [[SQUARE]], lambda given: functional.conv2d(given, kernel, padding=1)),
            [[FOURS]],
        ),
        "conv_transpose2d": (
            lambda: functional.conv_transpose2d(image, kernel)[0, 0],
            [[1.0, 4.0, 4.0], [3.0, 11.0, 10.0], [0.0, 3.0, 4.0]],
        ),
    }
