"""
Which operators a case of a check calls, and at which of them its runs first differ with equal inputs: the guilty one.

Used by `tools/measure_reach.py`, whose results are kept with the payload (`checks/reach.json`).
"""

from __future__ import annotations

from ....fingerprint import digest
from ....process import discovery, settings
from ...replay.torch.kinds import Kind
from ...replay.trace.format import ALLOCATES, ENTERS, READS_OUT
from .ops import UNCOUNTED, tensors_of


class Call:
    """One call of an operator: what it is, and digests of what it read and gave."""

    __slots__ = ("backward", "dtype", "elements", "inputs", "operator", "outputs")

    def __init__(self, operator, dtype, elements, inputs, backward):
        self.operator, self.dtype, self.elements, self.inputs = operator, dtype, elements, inputs
        self.backward, self.outputs = backward, ""


def calls(case):
    """Every counted call of operators while `case()` runs, in order, views and allocations left out."""
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode

    found, kinds = [], {}

    class Listing(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            kwargs = kwargs or {}
            kind = kinds.get(id(func))
            if kind is None:
                kind = kinds[id(func)] = Kind(torch, func)
            silent = (kind.views and not kind.flags & ENTERS) or kind.flags & (ALLOCATES | READS_OUT | ENTERS)
            if silent or kind.name.startswith(UNCOUNTED):
                return func(*args, **kwargs)
            call = _begun(torch, kind, args, kwargs)
            result = func(*args, **kwargs)
            call.outputs = _digest(tensors_of(torch, kind.values(args, kwargs, result)))
            found.append(call)
            return result

    with Listing():
        case()
    return found


def _begun(torch, kind, args, kwargs):
    given = tensors_of(torch, (*args, *kwargs.values()))
    dtype = str(given[0].dtype).replace("torch.", "") if given else ""
    elements = max((one.numel() for one in given), default=0)
    backward = torch._C._current_graph_task_id() != -1
    return Call(kind.name, dtype, elements, _digest(given), backward)


def _digest(tensors):
    try:
        return digest([one.detach() for one in tensors])
    except (TypeError, RuntimeError, NotImplementedError):  # a layout without a digest: it is never called guilty
        return ""


def guilty(runs):
    """
    The first call whose inputs are equal in two runs and whose outputs differ; None if there is none.

    `runs` are lists of calls of one case. Runs that call other operators are not compared.
    """
    first = runs[0]
    for run in runs[1:]:
        if [one.operator for one in run] != [one.operator for one in first]:
            continue
        for before, now in zip(first, run):
            if before.inputs and before.inputs == now.inputs and before.outputs != now.outputs:
                return before
    return None


# -------------------------------------------------------------------------------------------------- cases of checks


class _Told(str):
    """The digest of a case, with the calls that it made."""

    __slots__ = ("calls",)


RUNS = ({}, {}, {"fill": "85"}, {"fill": "170"}, {"fill": "255"}, {})
"""How the runs of a check are made: as it is, and with fresh memory filled."""


def of_checks(arguments):
    """
    Of each check (the name of its module) and case: the operators that it calls, and the guilty one, if runs differ.

    Only checks that run their cases by `torch._cases.outcome` name their cases.
    """
    return {name: _of_check(name) for name in arguments["checks"]}


def _of_check(name):
    module = discovery.load("torch.%s" % name)
    cases = discovery.load("torch._cases")
    plain, runs = cases.outcome, []

    def outcome(call):
        made, results = [], []
        told = _Told(plain(lambda: made.extend(calls(lambda: results.append(call()))) or results[0]))
        told.calls = made
        return told

    cases.outcome = outcome
    try:
        for how in RUNS:
            settings.for_step({"memory-fill": how.get("fill", "0")})
            runs.append({case: told.calls for case, told in module.measure({}).items() if isinstance(told, _Told)})
    finally:
        settings.for_step({"memory-fill": "0"})
        cases.outcome = plain
    return {case: _row([run[case] for run in runs if case in run]) for case in runs[0]}


def _row(runs):
    """The document of one case."""
    row = {"operators": sorted({"%s %s" % (one.operator, one.dtype) for one in runs[0]})}
    blamed = guilty(runs)
    if blamed is not None:
        row["guilty"] = {
            "operator": blamed.operator,
            "dtype": blamed.dtype,
            "elements": blamed.elements,
            "backward": blamed.backward,
        }
    return row
