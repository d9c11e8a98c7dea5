"""
Operators give the same bits from call to call while several threads work on them.

Why: threads that add to one place do so in order of arrival, and floating-point sums depend on the order. On 2 cores
`index_put_` with accumulate gave 20 results in 20 calls on equal inputs. Torch documents some of these operators, and
its determinism switch orders them or refuses to run them. The check repeats the calls on an idle machine, at sizes that
are split over the threads. With fewer than two threads it proves nothing.

Remedy: call `torch.use_deterministic_algorithms(True)`, which orders these operators at some cost in speed. Or use
`index_add_` or `scatter_add_`, which did not race on CPU. An operator that the switch refuses (`put_` without
accumulate) needs another form. On CUDA also export `CUBLAS_WORKSPACE_CONFIG=:4096:8` before the process starts.
"""

from __future__ import annotations

import warnings

from ..declare import Check
from . import _cases, _races, _state

SOURCE = "https://docs.pytorch.org/docs/stable/generated/torch.use_deterministic_algorithms.html"
DOCUMENTED_ON_CPU = (
    "index_put_",
    "index_put_ accumulate",
    "index_put_ accumulate rows",
    "put_",
    "put_ accumulate",
    "index_copy_",
    "index backward",
    "take backward",  # the derivative of `take` is `put_` with accumulate
)
DOCUMENTED_ON_CUDA = (
    *DOCUMENTED_ON_CPU,
    "scatter_",
    "scatter_add_",
    "scatter_add_ rows",
    "scatter_reduce_ mean",
    "scatter_reduce_ prod",
    "index_add_",
    "index_add_ rows",
    "gather backward",
    "index_select backward",
    "repeat_interleave backward",
    "bincount weights",
    "histc",
    "cumsum",
    "conv2d backward",
    "conv3d backward",
    "conv_transpose2d backward",
    "interpolate bilinear backward",
    "pad reflect backward",
    "grid_sample backward",
    "cross_entropy backward",
    "embedding_bag max backward",
    "adaptive_avg_pool2d backward",
)
"""What the switch's page lists for each kind of device."""

CHECK = Check(
    tier="quick",
    rule="identical",
    across=("repeat",),
    needs=("numpy",),
    quiet=True,
    repeats=20,
    cure="framework-switch",
    explains=("one-thread",),
    requires={"threads": 2},
    documented=dict.fromkeys(
        (*DOCUMENTED_ON_CPU, *("cuda:" + name for name in DOCUMENTED_ON_CUDA)),
        SOURCE,
    ),
)


def measure(settings):
    """A digest of each operator's results on equal inputs, and how many threads could race for them."""
    values = {}
    with _state.seeded(13), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # beta operators are measured as well
        for prefix, device in _state.devices():
            for name, call in _races.cases(device.type).items():
                if prefix + name in settings.get("names", (prefix + name,)):
                    values[prefix + name] = _cases.outcome(call)
    return dict(values, conditions={"threads": _cases.usable_threads()})
