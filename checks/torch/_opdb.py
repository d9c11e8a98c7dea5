"""PyTorch's test catalogue of operators (`op_db`): imports it without side effects and lists its cases."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import types
import unittest
from dataclasses import dataclass

from .. import sampled
from ..declare import NotApplicable

MODULE = "torch.testing._internal.common_methods_invocations"
SECOND_DTYPES = ("int64", "complex64", "bfloat16", "bool", "float16", "uint8")
"""The first of these that an operator supports is measured beside float32: integers have separate kernels."""


@dataclass(frozen=True, eq=False)
class Case:
    """One operator with one dtype on one kind of device."""

    name: str
    """`operator dtype`, as torch's catalogue spells the operator; on CUDA with the prefix `cuda:`."""
    operator: object
    """The catalogue's entry (OpInfo): samples, and the function itself."""
    dtype: object
    device: str
    differentiable: bool
    """Whether the entry promises gradients for this dtype on this device."""


def cases(device, prefix="", names=(), part=""):
    """
    The cases on one kind of device, in the catalogue's order: only the named ones, or all.

    `part`: `full` for the part of the full tier, every dtype of one operator in three.
    """
    found = _every_case(device, prefix)
    if names:
        return [case for case in found if case.name in names]
    return [case for case in found if sampled.taken(case.operator.full_name, part)]


@functools.lru_cache(maxsize=None)
def _every_case(device, prefix):
    return [
        Case(
            "%s%s %s" % (prefix, label, str(dtype).replace("torch.", "")),
            entry,
            dtype,
            device,
            dtype in entry.supported_backward_dtypes(device),
        )
        for label, entry in labelled()
        for dtype in _dtypes(entry, device)
    ]


def labelled():
    """Every entry with a unique name: a name that several entries share gets a number appended."""
    seen = {}
    for entry in entries():
        label = entry.full_name.replace(" ", "_")
        seen[label] = seen.get(label, 0) + 1
        yield (label if seen[label] == 1 else "%s#%d" % (label, seen[label])), entry


def _dtypes(entry, device):
    """float32 where the entry supports it, and one more."""
    import torch

    known = entry.supported_dtypes(device)
    others = [getattr(torch, name) for name in SECOND_DTYPES if getattr(torch, name) in known]
    found = [torch.float32] if torch.float32 in known else []
    return found + others[:1] or sorted(known, key=str)[:1]


@functools.lru_cache(maxsize=None)
def entries():
    """
    The entries of `op_db`. Raises NotApplicable where a module that torch's catalogue imports is not installed.

    Importing it freezes torch's backend flags, replaces the calls of scripted functions and sets a variable. All of
    this is restored, because other checks run in this process.
    """
    with _undisturbed(), _expecttest():
        try:
            module = __import__(MODULE, fromlist=["op_db"])
        except ModuleNotFoundError as missing:
            raise NotApplicable(
                "torch's test catalogue of operators needs %s, which is missing" % missing.name
            ) from None
    return tuple(module.op_db)


@contextlib.contextmanager
def _undisturbed():
    """Restore what the import of torch's test helpers changes permanently."""
    import torch

    flag, backends = "__allow_nonbracketed_mutation_flag", torch.backends.flags_frozen.__globals__
    before = backends[flag]
    calls = [(kind, kind.__call__) for kind in (torch._C.ScriptFunction, torch._C.ScriptMethod)]
    try:
        with environment_kept():
            yield
    finally:
        backends[flag] = before
        for kind, call in calls:
            kind.__call__ = call


@contextlib.contextmanager
def environment_kept():
    """Restore environment variables: importing parts of torch's compiler sets TORCHINDUCTOR_CACHE_DIR."""
    before = dict(os.environ)
    try:
        yield
    finally:
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)


@contextlib.contextmanager
def one_thread():
    """
    One intra-op thread for the duration.

    Samples are too small to race, and waiting threads spin: with two threads on busy processors the table took ten
    times as long. Other checks cover threads.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextlib.contextmanager
def _expecttest():
    """A stand-in for the one third-party module that the catalogue imports, for a base class that is never run."""
    if "expecttest" in sys.modules:
        yield
        return
    stand_in = types.ModuleType("expecttest")
    stand_in.TestCase = type("TestCase", (unittest.TestCase,), {})
    sys.modules["expecttest"] = stand_in
    try:
        yield
    finally:
        del sys.modules["expecttest"]
