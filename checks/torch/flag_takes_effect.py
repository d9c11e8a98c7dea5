"""
The determinism switch does what it promises: before compiling, in compiled code, and still after the workload.

Why: with `use_deterministic_algorithms(True)` torch promises that fresh memory is filled (NaN, or the largest integer),
that racing operators run in a fixed order, and that operators without such a form refuse to run. Compiled code ignores
the fill (pytorch#174386), and switches have read as on while they did nothing (pytorch#113707). The check tests each
promise with a known answer instead of reading the switch back.

Remedy: where the fill fails in compiled code, do not use `torch.empty` there. Write `torch.zeros`, or do not compile
that part. Where a promise fails in eager code, find the code that resets the switch, and set the switch after all
imports.
"""

from __future__ import annotations

import warnings

from ..declare import Check
from . import _compiling

CHECK = Check(
    tier="quick",
    rule="expected",
    needs=("numpy", "torch._inductor"),
    isolates=True,
    last=True,
    compiles=True,
)
VALUES, BINS, CALLS = 300_000, 100_000, 10
"""A size at which `index_put_` with accumulate raced in 20 of 20 calls on 2 cores (torch 2.13)."""
FRESH = 4096
"""Elements of a fresh tensor: recycled memory of this size holds old values."""


def measure(settings):
    """Each promise of the switch with its known answer, as expected and observed."""
    import torch

    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = True
    inputs = _inputs(torch)
    values = _eager(torch, inputs)
    if not _compiling.missing_compiler():
        values.update(_compiled(torch, inputs))
    values["switch still on after the workload"] = _pair(True, torch.are_deterministic_algorithms_enabled())
    values["fill still on after the workload"] = _pair(True, torch.utils.deterministic.fill_uninitialized_memory)
    values["put_ without accumulate refuses after the workload"] = _pair("refused", _put(torch))
    torch.use_deterministic_algorithms(True, warn_only=True)
    values["put_ without accumulate warns"] = _pair("warned", _put(torch))
    torch.use_deterministic_algorithms(False)
    values["put_ without accumulate runs with the switch off"] = _pair("ran", _put(torch))
    return dict(values, conditions={"threads": torch.get_num_threads(), "compiler": not _compiling.missing_compiler()})


def _inputs(torch):
    generator = torch.Generator().manual_seed(3)
    places = torch.randint(BINS, (VALUES,), generator=generator)
    return torch.full((FRESH,), 3.0), places, torch.randn(VALUES, generator=generator)


def _fresh(torch, like):
    """Fresh memory from each function that the switch fills; the same calls run eagerly and compiled."""
    return {
        "empty": torch.empty(FRESH),
        "empty int32": torch.empty(FRESH, dtype=torch.int32),
        "empty_like": torch.empty_like(like),
        "new_empty": like.new_empty(FRESH),
        "empty_strided": torch.empty_strided((FRESH,), (1,)),
    }


def _accumulate(torch, places, values):
    return torch.zeros(BINS).index_put_((places,), values, accumulate=True)


def _eager(torch, inputs):
    like, places, values = inputs
    found = {name + " is filled": _filled(torch, fresh) for name, fresh in _fresh(torch, like).items()}
    found["resize_ is filled"] = _filled(torch, like[:2].clone().resize_(FRESH)[2:])
    results = [_accumulate(torch, places, values) for _ in range(CALLS)]
    found["index_put_ repeats (results)"] = _pair(1, _distinct(torch, results))
    found["put_ without accumulate refuses"] = _pair("refused", _put(torch))
    return found


def _compiled(torch, inputs):
    """The same in one small graph that is compiled while the switch is on."""

    def work(like, places, values):
        return _fresh(torch, like), _accumulate(torch, places, values)

    compiled = torch.compile(work, fullgraph=True, dynamic=False)
    calls = [compiled(*inputs) for _ in range(CALLS)]
    found = {"compiled %s is filled" % name: _filled(torch, fresh) for name, fresh in calls[-1][0].items()}
    found["compiled index_put_ repeats (results)"] = _pair(1, _distinct(torch, [result for _, result in calls]))
    return found


def _filled(torch, fresh):
    """Whether every element has the promised value: NaN, or the largest integer of the dtype."""
    if fresh.is_floating_point():
        good = bool(fresh.isnan().all())
    else:
        good = bool((fresh == torch.iinfo(fresh.dtype).max).all())
    return _pair("filled", "filled" if good else "not filled")


def _distinct(torch, results):
    return 1 + sum(
        not any(torch.equal(result, other) for other in results[:place])
        for place, result in enumerate(results)
        if place
    )


def _put(torch):
    """What `put_` without accumulate does (refused, warned, ran): torch has no deterministic form of it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            torch.zeros(5).put_(torch.tensor([1]), torch.tensor([2.0]))
        except RuntimeError:
            return "refused"
    return "warned" if any("deterministic" in str(each.message) for each in caught) else "ran"


def _pair(expected, observed):
    return {"expected": expected, "observed": observed}
