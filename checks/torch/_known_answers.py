"""Small problems with exact answers, for every family of operators that the determinism switch runs differently."""

from __future__ import annotations

from . import _known_gradients

LARGE_VALUES, BINS = 320_000, 1000
"""Number of values written, and number of places they are written to."""


def problems(device):
    """
    Name to (call, answer as nested lists). Every number is a small integer or a half, so sums are exact in any order.

    The calls run under the switch; each makes its own inputs.
    """
    import torch

    class Tensors:
        """Creates the problems' constants on the device."""

        def __call__(self, values, dtype=torch.float32):
            return torch.tensor(values, dtype=dtype, device=device)

        def places(self, values):
            return self(values, torch.int64)

        def leaf(self, values):
            return self(values).requires_grad_()

    made = Tensors()
    return {
        **_index_puts(torch, made),
        **_writes(torch, made),
        **_scatters(torch, made),
        **_reductions(torch, made),
        **_fills(torch, made),
        **_large(torch, made),
        **_known_gradients.problems(made),
    }


def _index_puts(torch, made):
    places, values = made.places([1, 3, 1]), made([2.0, 4.0, 3.0])
    rows = made([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    mask = made([0, 1, 0, 1], torch.bool)

    def assigned(key, value):
        result = torch.zeros(4, device=values.device)
        result[key] = value
        return result

    def zeros(*shape):
        return torch.zeros(shape, device=values.device)

    apart = made.places([3, 0, 2])
    return {
        "index_put_": (lambda: zeros(4).index_put_((apart,), values), [4.0, 0.0, 3.0, 2.0]),
        "index_put_ accumulate": (
            lambda: zeros(4).index_put_((places,), values, accumulate=True),
            [0.0, 5.0, 0.0, 4.0],
        ),
        "index_put_ accumulate rows": (
            lambda: zeros(4, 2).index_put_((places,), rows, accumulate=True),
            [[0.0, 0.0], [6.0, 8.0], [0.0, 0.0], [3.0, 4.0]],
        ),
        "index_put_ accumulate two axes": (
            lambda: zeros(2, 3).index_put_((made.places([0, 1, 0]), made.places([2, 0, 2])), values, accumulate=True),
            [[0.0, 0.0, 5.0], [4.0, 0.0, 0.0]],
        ),
        "index_put_ broadcast": (lambda: zeros(4).index_put_((apart,), made(7.0)), [7.0, 0.0, 7.0, 7.0]),
        "index_put_ in a view": (
            lambda: zeros(2, 4).t().index_put_((apart,), rows),
            [[3.0, 4.0], [0.0, 0.0], [5.0, 6.0], [1.0, 2.0]],
        ),
        "setitem by number": (lambda: assigned(apart, values), [4.0, 0.0, 3.0, 2.0]),
        "setitem by mask": (lambda: assigned(mask, made([5.0, 6.0])), [0.0, 5.0, 0.0, 6.0]),
        "setitem by negative number": (lambda: assigned(made.places([-1]), made([9.0])), [0.0, 0.0, 0.0, 9.0]),
        "masked_scatter": (lambda: zeros(4).masked_scatter(mask, values), [0.0, 2.0, 0.0, 4.0]),
    }


def _writes(torch, made):
    places, values, apart = made.places([1, 3, 1]), made([2.0, 4.0, 3.0]), made.places([3, 0, 2])
    rows = made([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])

    def zeros(*shape):
        return torch.zeros(shape, device=values.device)

    return {
        "put_": (lambda: zeros(4).put_(apart, values), [4.0, 0.0, 3.0, 2.0]),
        "put_ accumulate": (lambda: zeros(4).put_(places, values, accumulate=True), [0.0, 5.0, 0.0, 4.0]),
        "index_add_": (lambda: zeros(4).index_add_(0, places, values, alpha=2), [0.0, 10.0, 0.0, 8.0]),
        "index_add_ columns": (
            lambda: zeros(3, 4).index_add_(1, made.places([1, 1]), rows),
            [[0.0, 3.0, 0.0, 0.0], [0.0, 7.0, 0.0, 0.0], [0.0, 11.0, 0.0, 0.0]],
        ),
        "index_copy_": (lambda: zeros(4).index_copy_(0, apart, values), [4.0, 0.0, 3.0, 2.0]),
        "index_copy_ columns": (
            lambda: zeros(3, 3).index_copy_(1, made.places([2, 0]), rows),
            [[2.0, 0.0, 1.0], [4.0, 0.0, 3.0], [6.0, 0.0, 5.0]],
        ),
        "index_fill_": (lambda: zeros(4).index_fill_(0, apart, 8.0), [8.0, 0.0, 8.0, 8.0]),
    }


def _scatters(torch, made):
    values, places = made([2.0, 4.0, 3.0]), made.places([1, 3, 1])
    apart = made.places([3, 0, 2])

    def ones(*shape):
        return torch.ones(shape, device=values.device)

    def reduced(how):
        return lambda: ones(4).scatter_reduce(0, places, values, how)

    return {
        "scatter": (lambda: ones(4).scatter(0, apart, values), [4.0, 1.0, 3.0, 2.0]),
        "scatter of a number": (lambda: ones(4).scatter(0, apart, 5.0), [5.0, 1.0, 5.0, 5.0]),
        "scatter two axes": (
            lambda: ones(2, 3).scatter(1, made.places([[2], [0]]), made([[5.0], [6.0]])),
            [[1.0, 1.0, 5.0], [6.0, 1.0, 1.0]],
        ),
        "scatter_add": (lambda: ones(4).scatter_add(0, places, values), [1.0, 6.0, 1.0, 5.0]),
        "scatter_add two axes": (
            lambda: ones(2, 3).scatter_add(0, made.places([[1, 1, 0]] * 2), made([[2.0, 3.0, 4.0], [5.0, 6.0, 7.0]])),
            [[1.0, 1.0, 12.0], [8.0, 10.0, 1.0]],
        ),
        "scatter_reduce sum": (reduced("sum"), [1.0, 6.0, 1.0, 5.0]),
        "scatter_reduce prod": (reduced("prod"), [1.0, 6.0, 1.0, 4.0]),
        "scatter_reduce mean": (reduced("mean"), [1.0, 2.0, 1.0, 2.5]),
        "scatter_reduce amax": (reduced("amax"), [1.0, 3.0, 1.0, 4.0]),
        "index_reduce_ prod": (lambda: ones(4).index_reduce_(0, places, values, "prod"), [1.0, 6.0, 1.0, 4.0]),
    }


def _reductions(torch, made):
    numbers = made([5.0, 1.0, 4.0, 2.0, 3.0])
    bins, weights = made.places([0, 2, 2, 1]), made([1.0, 2.0, 3.0, 0.5])
    rows = made([[1.0, 2.0], [3.0, 4.0]])
    return {
        "cumsum": (lambda: numbers.cumsum(0), [5.0, 6.0, 10.0, 12.0, 15.0]),
        "cumsum rows": (lambda: rows.cumsum(1), [[1.0, 3.0], [3.0, 7.0]]),
        "bincount": (lambda: bins.bincount(minlength=4), [1, 1, 2, 0]),
        "bincount weights": (lambda: bins.bincount(weights), [1.0, 0.5, 5.0]),
        "histc": (lambda: numbers.histc(5, 0.5, 5.5), [1.0] * 5),
        "median": (lambda: list(numbers.median(0)), [3.0, 4]),
        "kthvalue": (lambda: list(numbers.kthvalue(2)), [2.0, 3]),
        "sort": (lambda: list(numbers.sort()), [[1.0, 2.0, 3.0, 4.0, 5.0], [1, 3, 4, 2, 0]]),
        "sort stable": (
            lambda: made([2.0, 1.0, 2.0, 1.0]).sort(stable=True).indices,
            [1, 3, 0, 2],
        ),
        "repeat_interleave": (
            lambda: rows.repeat_interleave(made.places([2, 1]), 0),
            [[1.0, 2.0], [1.0, 2.0], [3.0, 4.0]],
        ),
        "bmm": (lambda: torch.bmm(rows[None], rows[None]), [[[7.0, 10.0], [15.0, 22.0]]]),
        "sparse matmul": (lambda: torch.sparse.mm(rows.to_sparse(), rows), [[7.0, 10.0], [15.0, 22.0]]),
        "sparse coalesce": (
            lambda: torch.sparse_coo_tensor(made.places([[1, 0, 1]]), made([2.0, 4.0, 3.0]), (3,)).to_dense(),
            [4.0, 5.0, 0.0],
        ),
    }


def _large(torch, made):
    """
    Counts at a size that is split over threads and sorted by other kernels: every bin gets the same count.

    Integers below 2^24 are exact in float32, so sums are exact in any order.
    """
    device = made(0.0).device
    places = torch.arange(LARGE_VALUES, device=device).remainder(BINS)
    ones, rows = torch.ones(LARGE_VALUES, device=device), torch.ones(LARGE_VALUES // 8, 8, device=device)
    each, few = float(LARGE_VALUES // BINS), float(LARGE_VALUES // BINS // 8)

    def bounds(call):
        return lambda: torch.stack(call().aminmax())

    def zeros(*shape):
        return torch.zeros(shape, device=device)

    def looked_up():
        table = zeros(BINS, 8).requires_grad_()
        return torch.autograd.grad(table[places[: len(rows)]].sum(), table)[0]

    calls = {
        "index_put_ accumulate": lambda: zeros(BINS).index_put_((places,), ones, accumulate=True),
        "put_ accumulate": lambda: zeros(BINS).put_(places, ones, accumulate=True),
        "index_add_": lambda: zeros(BINS).index_add_(0, places, ones),
        "scatter_add": lambda: zeros(BINS).scatter_add(0, places, ones),
        "bincount weights": lambda: places.bincount(ones),
    }
    found = {"large %s" % name: (bounds(call), [each, each]) for name, call in calls.items()}
    found["large index_add_ rows"] = (
        bounds(lambda: zeros(BINS, 8).index_add_(0, places[: len(rows)], rows)),
        [few, few],
    )
    found["large index backward"] = (bounds(looked_up), [few, few])
    found["large cumsum"] = (lambda: ones.cumsum(0)[-1], float(LARGE_VALUES))
    return found


def _fills(torch, made):
    """Operations that promise to write their whole result: the fill of fresh memory must not remain in it."""
    device = made(0.0).device
    return {
        "zeros": (lambda: torch.zeros(3, device=device), [0.0, 0.0, 0.0]),
        "resize_ keeps what was there": (lambda: made([1.0, 2.0]).resize_(4)[:2], [1.0, 2.0]),
        "cat": (lambda: torch.cat([made([1.0]), made([2.0, 3.0])]), [1.0, 2.0, 3.0]),
        "matmul without terms": (
            lambda: torch.empty(2, 0, device=device) @ torch.empty(0, 2, device=device),
            [[0.0, 0.0], [0.0, 0.0]],
        ),
        "tril in place": (lambda: made([[1.0, 2.0], [3.0, 4.0]]).tril_(), [[1.0, 0.0], [3.0, 4.0]]),
        "nonzero": (lambda: made([0.0, 1.0, 0.0, 2.0]).nonzero()[:, 0], [1, 3]),
        "unique": (lambda: made([2.0, 1.0, 2.0]).unique(), [1.0, 2.0]),
    }
