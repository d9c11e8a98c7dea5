"""Random draws of compiled, vectorised and transformed code, each with the expected value."""

from __future__ import annotations

from ..fingerprint import digest
from . import _state

SEED, ROWS, DRAWN = 3, 3, 256


def inputs(device):
    """Ones that require a gradient: a mask is visible in every product with them."""
    import torch

    return torch.ones(8, DRAWN, device=device).requires_grad_()


def draws(given):
    """Draws of each kind in sequence; those that require a gradient are dropouts of the input."""
    import torch
    from torch.nn import functional

    places = {"device": given.device}
    return {
        "rand": torch.rand(DRAWN, **places),
        "randn": torch.randn(DRAWN, **places),
        "randint": torch.randint(1000, (DRAWN, 1), **places),
        "second randint": torch.randint(1000, (DRAWN // 2, 1), **places),
        "rand_like": torch.rand_like(given),
        "bernoulli": torch.bernoulli(torch.full((DRAWN,), 0.5, **places)),
        "randperm": torch.randperm(DRAWN, **places),
        "dropout": functional.dropout(given, 0.5),
        "dropout2d": functional.dropout2d(given.view(2, 4, 16, 16), 0.5),
    }


def branches(given):
    """Dropout in two independent branches; a scheduler may run either first."""
    from torch.nn import functional
    from torch.utils.checkpoint import checkpoint

    plain = functional.dropout(given, 0.5)
    recomputed = checkpoint(lambda value: functional.dropout(value.sin(), 0.5), given, use_reentrant=False)
    return {"dropout in a branch": plain, "checkpointed dropout in a branch": recomputed}


STEPS = (draws, branches)


def masks(prefix, step, device):
    """Whether the backward run uses the forward run's mask, for each dropout of a step (or of its compiled form)."""
    import torch

    found = {}
    with _state.seeded(SEED):
        given = inputs(device)
        for name, output in step(given).items():
            if output.requires_grad:
                gradient = torch.autograd.grad(output.sum(), given, retain_graph=True)[0]
                found["%s%s: the backward mask" % (prefix, name)] = alike(
                    output.reshape(gradient.shape) != 0, gradient != 0
                )
    return found


def vectorised(device):
    """The draws of rows under `vmap`, for each of its three promises."""
    import torch

    given, found = torch.ones(ROWS, DRAWN, device=device), {}

    def rows(draw, randomness, seed=SEED):
        with _state.seeded(seed):
            return torch.func.vmap(draw, randomness=randomness)(given)

    for name, draw in _row_draws().items():
        same, apart = rows(draw, "same"), rows(draw, "different")
        found["vmap same %s: all rows" % name] = alike(same[0].expand_as(same), same)
        found["vmap different %s: rows" % name] = other(apart[0], apart[1])
        found["vmap different %s: the same seed again" % name] = alike(apart, rows(draw, "different"))
        found["vmap different %s: another seed" % name] = other(apart, rows(draw, "different", SEED + 1))
        found["vmap error %s" % name] = {"expected": "refused", "observed": _refusal(rows, draw, "error")}
    return found


def _row_draws():
    import torch
    from torch.nn import functional

    return {
        "rand": lambda row: torch.rand(DRAWN, device=row.device) * row,
        "randn_like": torch.randn_like,
        "dropout": lambda row: functional.dropout(row, 0.5),
        "bernoulli": lambda row: torch.bernoulli(torch.full((DRAWN,), 0.5, device=row.device)),
        "randperm": lambda row: torch.randperm(DRAWN, device=row.device),
    }


def transformed(device):
    """Dropout through `torch.func` compared with its plain form, and the masks of the plain backward run."""
    import torch

    model = torch.nn.Sequential(torch.nn.Dropout(0.5))
    given = inputs(device)

    def plain():
        output = model(given)
        return output.detach(), torch.autograd.grad(output.sum(), given)[0]

    def by_func():
        value = given.detach()
        (_, output), gradient = _value_and_gradient(model, value)
        return output, gradient

    def by_call():
        return torch.func.functional_call(model, {}, (given.detach(),)), None

    output, gradient = _seeded(plain)
    func_output, func_gradient = _seeded(by_func)
    found = {
        "torch.func.grad dropout: as plain": alike(output, func_output),
        "torch.func.grad dropout: the backward mask": alike(gradient, func_gradient),
        "functional_call dropout: as plain": alike(output, _seeded(by_call)[0]),
    }
    return dict(found, **masks("eager ", draws, device), **masks("eager ", branches, device))


def _value_and_gradient(model, value):
    import torch

    def total(given):
        output = model(given)
        return output.sum(), output

    gradient, output = torch.func.grad(total, has_aux=True)(value)
    return (None, output), gradient


def _seeded(call):
    with _state.seeded(SEED):
        return call()


def _refusal(call, *arguments):
    try:
        call(*arguments)
    except RuntimeError:
        return "refused"
    return "drew"


def alike(expected, observed):
    """Two tensors that must have the same bits."""
    return {"expected": digest(expected), "observed": digest(observed)}


def other(first, second):
    """Two tensors that must not have the same bits."""
    return {
        "expected": "other draws",
        "observed": "other draws" if digest(first) != digest(second) else "the same draws",
    }
