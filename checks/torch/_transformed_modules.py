"""Modules called functionally, stacked to an ensemble or checkpointed, each with its plain call."""

from __future__ import annotations

import copy

from . import _state
from ._transforms import WIDTH, Constants


def pairs(device):
    """Yield (name, plain, call, exact): modules called functionally, stacked to an ensemble, and checkpointed."""
    import torch
    from torch import nn

    def made():
        layers = (nn.Linear(WIDTH, 16), nn.Tanh(), nn.Dropout(0.5), nn.LayerNorm(16), nn.Linear(16, 4))
        return nn.Sequential(*layers).to(device)

    batch, exact_batch = Constants(device, torch.float32).batch, Constants(device, torch.float64).batch
    with _state.seeded(3):
        models = [made() for _ in range(3)]
    yield from _checkpointed(models[0], batch)
    models = [model.eval() for model in models]
    plain = torch.stack([model(batch) for model in models])
    parameters, buffers = torch.func.stack_module_state(models)

    def call(chosen, held):
        return torch.func.functional_call(models[0], (chosen, held), (batch,))

    exact = torch.stack([copy.deepcopy(model).double()(exact_batch) for model in models])
    named = dict(models[0].named_parameters()), dict(models[0].named_buffers())
    yield "functional_call", plain[0], lambda: call(*named), exact[0]
    yield "ensemble of modules: vmap", plain, lambda: torch.func.vmap(call)(parameters, buffers), exact


def _checkpointed(model, batch):
    """Output and gradients with dropout: a recomputation must repeat the mask; float64 would draw another one."""
    from torch.utils.checkpoint import checkpoint, checkpoint_sequential

    plain = _with_gradients(model, batch, model)
    ways = {
        "checkpoint": lambda given: checkpoint(model, given, use_reentrant=False),
        "reentrant checkpoint": lambda given: checkpoint(model, given, use_reentrant=True),
        "checkpoint in segments": lambda given: checkpoint_sequential(model, 2, given, use_reentrant=False),
    }
    for name, call in ways.items():
        for part, value in _with_gradients(call, batch, model).items():
            yield "%s: %s" % (name, part), plain[part], lambda found=value: found, plain[part].double()


def _with_gradients(call, batch, model):
    given = batch.detach().clone().requires_grad_()
    model.zero_grad()
    with _state.seeded(9):
        output = call(given)
        output.pow(2).sum().backward()
    found = {"gradient of %s" % name: parameter.grad.clone() for name, parameter in model.named_parameters()}
    return dict(found, output=output.detach(), **{"gradient of the input": given.grad})
