"""
A model that TorchScript traced or scripted agrees with the eager one up to rounding.

Why: TorchScript is deprecated, but many deployed models still use it. Its executor rewrites a graph after it has seen
it run, so the third call may compute differently from the first. A trace also keeps the branch and the constants of its
example inputs. The check traces the model and runs it three times with its gradients; it scripts functions with a loop
and a branch and runs both branches. It compares each with float64.

Remedy: turn the rewriting off with `torch._C._jit_set_profiling_executor(False)`. Script code that branches on its data
instead of tracing it, or move the model to `torch.export`.
"""

from __future__ import annotations

import itertools
import warnings

from ..agreement import agreement
from ..declare import Check, NotApplicable
from . import _compiling

CHECK = Check(tier="full", rule="within", needs=("numpy",), explains=("memory-fill",))
INNER = ("abs", "cos", "exp", "neg", "sigmoid", "sin", "square", "tanh")
OUTER = ("abs", "ceil", "cos", "erf", "exp", "floor", "frac", "neg", "relu", "round", "sigmoid", "sin", "tanh", "trunc")
CALLS = 3
"""The executor profiles the first calls, and runs its optimised graph from then on."""


def measure(settings):
    """The agreement of eager and TorchScript, with float64 as reference, in the first and in the last call."""
    import torch

    if not hasattr(torch.jit, "trace"):
        raise NotApplicable("this release has no TorchScript")
    values = {}
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):  # its dropout draws even at a rate of 0
        warnings.simplefilter("ignore")  # deprecated since 2.10: measured as long as it is there
        step = _compiling.TrainingStep()
        eager, exact = step.run(step.model), step.exact()
        for call, found in _calls(step):
            for name, plain in eager.items():
                label = "%s/traced, %s call" % (name, call)
                values[label] = agreement(plain, found[name], exact[name], _compiling.summed(name))
        values.update(_branches(torch))
        values.update(_chains(torch))
    return values


def _calls(step):
    import torch

    traced = torch.jit.trace(step.fresh(), step.batch, check_trace=False)
    found = [step.run_in(traced) for _ in range(CALLS)]
    return ("first", found[0]), ("last", found[-1])


def _branches(torch):
    """A scripted function on inputs that take each branch."""
    plain, values = _running_mean(torch), {}
    scripted = torch.jit.script(plain)
    rows = torch.randn(40, 30, generator=torch.Generator().manual_seed(3))
    for name, given in (("rising", rows + 2.0), ("falling", rows - 2.0)):
        found = [scripted(given) for _ in range(CALLS)][-1]
        label = "running mean, %s/scripted" % name
        values[label] = agreement(plain(given), found, plain(given.double()), rows.shape[0])
    return values


def _chains(torch):
    """A traced function that applies each function of one argument to the result of another: fusers rewrite pairs."""
    names = ["%s of %s" % pair for pair in itertools.product(OUTER, INNER)]

    def chains(rows):
        return tuple(
            getattr(torch, outer)(getattr(torch, inner)(rows)) for outer, inner in itertools.product(OUTER, INNER)
        )

    rows = torch.randn(1030, generator=torch.Generator().manual_seed(59))
    traced = torch.jit.trace(chains, rows, check_trace=False)
    found = [traced(rows) for _ in range(CALLS)][-1]
    sides = zip(names, chains(rows), found, chains(rows.double()))
    return {"%s/traced" % name: agreement(*parts, 1) for name, *parts in sides}


def _running_mean(torch):
    def running_mean(rows):  # without annotations, each argument is a tensor to TorchScript
        mean = torch.zeros_like(rows[0])
        if bool(rows.sum() < 0.0):
            rows = rows.abs()
        for place in range(rows.size(0)):
            share = 1.0 / (place + 1.0)
            mean = mean * (1.0 - share) + torch.tanh(rows[place]) * share
        return mean

    return running_mean
