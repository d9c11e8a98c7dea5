"""
Calls one of torch's operators again, in several arms.

Arms are repeats, one thread, more threads than cores, memory fills, and the determinism switch.
"""

from __future__ import annotations

import contextlib
import time

from ....declare import NotApplicable
from ....fingerprint import digest
from ....process import settings
from ...replay.torch.kinds import Kind
from .. import grid
from . import made
from .arguments import NUMBERS
from .ops import tensors_of

MOST_SECONDS = 3.0
"""For the calls of one arm; two are made in any case."""
FILLS = ("85", "170", "255")
CANARY_ELEMENTS = 1021
"""Elements of the float32 tensor that shows whether a fill reaches torch's allocator."""


class Again:
    """One signature, ready to be called."""

    def __init__(self, signature):
        import torch

        self._torch = torch
        self._function = _function(torch, signature["operator"])
        self._kind = Kind(torch, self._function)
        self._settings = signature["settings"]
        self._statistics = list(signature.get("statistics") or [])
        self._made = 0
        with _threads(torch, 1):
            positional, named = signature["arguments"]
            self._args = [self._built(one) for one in positional]
            self._kwargs = {name: self._built(one) for name, one in named.items()}

    # -------------------------------------------------------------------------------------------------------- inputs

    def _built(self, described):
        """One argument from its description. Raises NotApplicable for an opaque one."""
        torch = self._torch
        if "tensor" in described:
            return self._tensor(described)
        for kind in ("dtype", "layout", "memory_format"):
            if kind in described:
                return getattr(torch, _last(described[kind]))
        if "list" in described:
            return [self._built(one) for one in described["list"]]
        if "device" in described:
            return torch.device(described["device"])
        if "value" in described:
            return described["value"]
        if "float" in described:
            return float.fromhex(described["float"])
        if "integer" in described:
            return int(described["integer"], 16)
        if "generator" in described:
            return torch.Generator(described["generator"]).manual_seed(grid.SEED)
        raise NotApplicable("it takes %s" % described.get("opaque", "an argument that is not known"))

    def _tensor(self, described):
        if "opaque" in described:
            raise NotApplicable("it takes a tensor of %s" % described["opaque"])
        if described["device"] != "cpu" and not getattr(self._torch, described["device"]).is_available():
            raise NotApplicable("there is no device %s here" % described["device"])
        told = self._statistics[self._made] if self._made < len(self._statistics) else None
        self._made += 1
        try:
            return made.tensor(self._torch, described, told, self._made)
        except grid.TooLarge as reason:
            raise NotApplicable(str(reason)) from reason

    def _fresh(self, value):
        """A copy of an argument, for an operator that writes into it."""
        torch = self._torch
        if isinstance(value, torch.Tensor):
            whole = value.as_strided((value.untyped_storage().nbytes() // value.element_size(),), (1,), 0).clone()
            return whole.as_strided(value.shape, value.stride())
        if isinstance(value, list):
            return [self._fresh(one) for one in value]
        if isinstance(value, torch.Generator):
            return torch.Generator(value.device).manual_seed(grid.SEED)
        return value

    # --------------------------------------------------------------------------------------------------------- calls

    def measured(self, arms):
        """The digests of every arm: name to a list; an arm that raised holds `refused: TYPE`."""
        torch = self._torch
        answers = {}
        with _threads(torch, 1):
            inputs = digest([one.contiguous() for one in tensors_of(torch, (*self._args, *self._kwargs.values()))])
        for name, wanted in arms.items():
            answers[name] = self._arm(wanted)
        first = next(iter(answers.values()))
        if first and first[0].startswith("refused"):
            raise NotApplicable("it was not accepted with made inputs: %s" % first[0])
        return {"inputs": inputs, "arms": answers}

    def _arm(self, wanted):
        torch = self._torch
        threads = wanted.get("threads") or self._settings.get("threads") or torch.get_num_threads()
        deterministic = wanted.get("deterministic", self._settings.get("deterministic", False))
        found = []
        with _threads(torch, threads), _switched(torch, deterministic), self._mode():
            until = time.monotonic() + MOST_SECONDS
            for number in range(wanted.get("calls", 1)):
                if number > 1 and time.monotonic() > until:
                    break
                with _filled(torch, wanted.get("fill")) as reaches:
                    told = self._called() if reaches else "not reached"
                found.append(told)
        return found

    def _called(self):
        """The digest of one call's outputs and of what it wrote into its arguments."""
        torch = self._torch
        args = [self._fresh(one) for one in self._args]
        kwargs = {name: self._fresh(one) for name, one in self._kwargs.items()}
        if self._kind.draws:
            torch.manual_seed(grid.SEED)
        try:
            result = self._function(*args, **kwargs)
        except Exception as problem:
            return "refused: %s: %s" % (
                type(problem).__name__,
                str(problem).splitlines()[0][:160] if str(problem) else "",
            )
        values = tensors_of(torch, self._kind.values(args, kwargs, result)) or [
            one for one in (result if isinstance(result, (list, tuple)) else (result,)) if type(one) in NUMBERS
        ]
        return digest([one.detach() if isinstance(one, torch.Tensor) else one for one in values])

    def _mode(self):
        torch = self._torch
        if self._settings.get("mode") == "inference":
            return torch.inference_mode()
        return torch.no_grad()


def _function(torch, operator):
    """The operator of a name such as `aten::add.Tensor`. Raises NotApplicable if it is not registered here."""
    space, _, rest = operator.partition("::")
    name, _, overload = rest.partition(".")
    try:
        packet = getattr(getattr(torch.ops, space), name)
        return getattr(packet, overload or "default")
    except AttributeError:
        raise NotApplicable("the operator %s is not registered here: its library was not imported" % operator) from None


def _last(text):
    return text.rpartition(".")[2]


@contextlib.contextmanager
def _threads(torch, number):
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextlib.contextmanager
def _switched(torch, deterministic):
    """The determinism switch on; fresh memory is then filled too, as the switch does it."""
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(bool(deterministic))
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)


@contextlib.contextmanager
def _filled(torch, fill):
    """Fresh memory filled with a byte; yields whether a canary shows the fill."""
    if fill is None:
        yield True
        return
    settings.for_step({"memory-fill": fill})
    try:
        canary = torch.empty(CANARY_ELEMENTS).view(torch.uint8)
        yield bool((canary == 255 - int(fill)).float().mean() > 0.9)
    finally:
        settings.for_step({"memory-fill": "0"})
