"""Shared by the checks of compiled code: whether Inductor works here, and the step that is compiled."""

from __future__ import annotations

import contextlib
import copy
import os
import shutil
import sys

from ..declare import NotApplicable
from . import _models, _state


def missing_compiler():
    """Why `torch.compile` cannot build CPU code here, else empty: Inductor runs $CXX, else g++ (macOS: clang++)."""
    name = os.environ.get("CXX") or ("clang++" if sys.platform == "darwin" else "g++")
    return "" if shutil.which(name.split()[0]) else "torch.compile needs a C++ compiler, and there is no %s" % name


def refuse_without_compiler():
    """Raise NotApplicable where Inductor cannot build CPU code."""
    if missing_compiler():
        raise NotApplicable(missing_compiler())


@contextlib.contextmanager
def fresh_tracing():
    """
    Discard compiled code before and after, so that counters and guards of one check do not affect another.

    The compiler sets its cache folder in the environment and raises Python's recursion limit to 2000 when it compiles
    again (torch 2.13, `_inductor/compile_fx.py`): both are restored.
    """
    import torch

    before, limit = dict(os.environ), sys.getrecursionlimit()
    torch._dynamo.reset()
    try:
        yield
    finally:
        torch._dynamo.reset()
        sys.setrecursionlimit(limit)
        os.environ.clear()
        os.environ.update(before)


class TrainingStep:
    """One forward and backward run of a model, always from the same parameters; by default the classifier."""

    def __init__(self, device="cpu", make=None):
        with _state.seeded(5):
            self.model = (make() if make else _models.classifier(dropout=0.0)).to(device)
            self.batch = tuple(part.to(device) for part in _models.batch())
        self._start = {name: value.clone() for name, value in self.model.state_dict().items()}

    def names(self):
        """The names of what a run gives."""
        return ["output", "loss", *("gradient %s" % name for name, _ in self.model.named_parameters())]

    def fresh(self):
        """The model with its initial parameters."""
        self.model.load_state_dict(self._start)
        return self.model

    def run(self, function):
        """Output, loss, and each parameter's gradient, through `function` (the model or a compiled form of it)."""
        return _step(self.fresh(), function, self.batch)

    def run_in(self, module):
        """The same through a module that holds its own parameters, under the model's names."""
        module.load_state_dict(self._start)
        return _step(module, module, self.batch)

    def exact(self):
        """The same in float64."""
        reference = copy.deepcopy(self.fresh()).double()
        return _step(reference, reference, self.batch)


def _step(model, function, batch):
    model.zero_grad()
    output, loss = function(*batch)
    loss.backward()
    gradients = {"gradient %s" % name: parameter.grad.clone() for name, parameter in model.named_parameters()}
    return dict(gradients, output=output.detach(), loss=loss.detach())


def tagger():
    """A model with few kernels, for compiling without a cache: embedding, linear, a sum of branches, layer norm."""
    import torch
    from torch import nn
    from torch.nn import functional

    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(_models.VOCABULARY, _models.WIDTH)
            self.hidden = nn.Linear(_models.WIDTH, _models.WIDTH, bias=False)
            self.layer_norm = nn.LayerNorm(_models.WIDTH)
            self.head = nn.Linear(_models.WIDTH, _models.CLASSES)

        def forward(self, tokens, labels):
            entered = self.embedding(tokens)
            active = functional.gelu(self.hidden(entered))
            hidden = self.layer_norm(entered + active + torch.tanh(entered) + torch.sin(active))
            output = self.head(hidden.mean(1))
            return output, functional.cross_entropy(output, labels)

    return Tagger()


def summed(name):
    """Length of the longest sum behind one element of the tensor of that name (elements)."""
    return _models.SUMMED[name.split(" ")[0]]
