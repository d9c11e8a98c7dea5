"""
Tells each step of torch's optimizers: what it starts from, what it was given, and what it leaves.

Weights, optimizer state and learning rates are those before the step; the gradient, the loss and the rows that entered
the model those that it used. All are digests: a state is compared with another run's, never kept.
"""

from __future__ import annotations

import functools
import sys

from . import inputs as taken_in
from .schedules import Schedules

MOST_LOSSES = 64
"""Losses between two steps that are told."""
PLAIN = (int, float, bool, type(None), str)


class Optimizers:
    """The hooks of one process. An error becomes a problem of the trace and never reaches the program."""

    def __init__(self, torch, process, sites, recorder, generators, notes):  # noqa: PLR0917 - made in one place
        self._torch, self._process, self._sites, self._recorder = torch, process, sites, recorder
        self._contents, self._generators, self._notes = recorder.contents, generators, notes
        self._inputs = taken_in.Inputs(torch, recorder.contents, self._quiet)
        self.schedules = Schedules()
        self._before, self._numbers, self._losses = {}, {}, []

    def follow(self, finder):
        """Install the hooks."""
        optimizers = sys.modules["torch.optim.optimizer"]
        optimizers.register_optimizer_step_pre_hook(self._guarded(self._starts))
        optimizers.register_optimizer_step_post_hook(self._guarded(self._ends))
        self._follow_backward(self._torch.autograd)
        self._inputs.follow_modules(self._process.problem)
        finder.when_imported(
            "torch.utils.data.dataloader",
            lambda module: self._inputs.follow_loader(module, self._generators, self._process.problem),
        )
        finder.when_imported("torch.optim.lr_scheduler", self.schedules.follow_schedulers)
        finder.when_imported("torch.amp.grad_scaler", self.schedules.follow_scalers)

    def _quiet(self):
        return _Quiet(self._torch, self._recorder)

    def _guarded(self, body):
        def hook(optimizer, _args, _kwargs):
            try:
                with self._quiet():
                    body(optimizer)
            except Exception as error:
                self._process.problem(error)

        return hook

    def _follow_backward(self, autograd):
        plain = autograd.backward

        @functools.wraps(plain)
        def backward(tensors, *args, **kwargs):
            try:
                with self._quiet():
                    self._loss(tensors)
            except Exception as error:
                self._process.problem(error)
            return plain(tensors, *args, **kwargs)

        autograd.backward = backward

    def _loss(self, tensors):
        one = tensors if isinstance(tensors, self._torch.Tensor) else next(iter(tensors), None)
        if one is not None and one.numel() == 1 and len(self._losses) < MOST_LOSSES:
            self._losses.append(repr(float(one.detach())))

    # ------------------------------------------------------------------------------------------------- one step

    def _starts(self, optimizer):
        """What a step starts from."""
        schedulers, scalers = self.schedules.now(optimizer)
        self._before[id(optimizer)] = {
            "weights": self._digest(_weights(optimizer)),
            "slots": self._slots(optimizer),
            "groups": [_settings(group) for group in optimizer.param_groups],
            "schedulers": schedulers,
            "scalers": scalers,
        }

    def _ends(self, optimizer):
        """What it used, and what it leaves."""
        before = self._before.pop(id(optimizer), None)
        stream = self._process.task.stream
        if before is None or stream is None:
            return
        rows, samples = self._inputs.taken()
        losses, self._losses = self._losses, []
        gradients = [one.grad for one in _weights(optimizer) if one.grad is not None]
        frame = self._sites.frame(2)
        told = {
            **before,
            "optimizer": self._numbers.setdefault(id(optimizer), len(self._numbers)),
            "kind": type(optimizer).__name__,
            "records": stream.records,
            "site": self._sites.text(frame),
            "gradient": self._digest(gradients),
            "after": self._digest(_weights(optimizer)),
            "buffers": self._digest(self._buffers()),
            "losses": losses,
            "rows": rows,
            "samples": samples,
            "workers": self._inputs.workers,
            "passes": self._inputs.passes,
            "generators": self._generators.now(self._torch),
        }
        self._notes.step(told)

    def _slots(self, optimizer):
        """Name of a slot to the digest of its values, in the order of the weights."""
        values = {}
        for weight in _weights(optimizer):
            for name, value in optimizer.state.get(weight, {}).items():
                values.setdefault(str(name), []).append(value)
        return {name: self._of_values(many) for name, many in values.items()}

    def _of_values(self, values):
        tensors = [one for one in values if isinstance(one, self._torch.Tensor)]
        plain = [one for one in values if isinstance(one, PLAIN)]
        return self._digest(tensors) if tensors else ";".join(map(repr, plain))

    def _buffers(self):
        model = self._inputs.model
        return [] if model is None else list(model.buffers())

    def _digest(self, tensors):
        found = self._contents.mixed(tensors)
        if not isinstance(found, int):
            found = found.value(iter(self._contents.fetched(found.begun())))
        return "%016x" % found


class _Quiet:
    """A block in which the recorder records nothing, and no gradient and no mode of the program's is active."""

    def __init__(self, torch, recorder):
        from torch.utils._python_dispatch import _disable_current_modes

        parts = recorder.paused(), _disable_current_modes(), torch._C.DisableTorchFunctionSubclass(), torch.no_grad()
        self._parts = parts

    def __enter__(self):
        for part in self._parts:
            part.__enter__()

    def __exit__(self, *told):
        for part in reversed(self._parts):
            part.__exit__(*told)


def _weights(optimizer):
    return [one for group in optimizer.param_groups for one in group["params"]]


def _settings(group):
    """The settings of a group of weights as text; what does not change a step is left out."""
    return {name: repr(_plain(value)) for name, value in group.items() if name not in ("params", "initial_lr")}


def _plain(value):
    """Numbers of tensors (a learning rate may be one) as Python's."""
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    if hasattr(value, "item") and hasattr(value, "numel"):
        return float(value.detach())
    return value if isinstance(value, PLAIN) else type(value).__name__
