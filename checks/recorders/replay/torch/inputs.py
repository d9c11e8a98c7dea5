"""The detail tier: the inputs of an operation, the record that wrote each of them last, and the other arguments."""

from __future__ import annotations

import os
import weakref

from ..trace.format import ARG, IN, METAS, MOST_POSITION, TEXTS, writer_of
from . import later
from .modules import Modules

MOST_TEXT = 400
"""Most characters of an operation's scalar arguments."""
SHORT = frozenset(("dtype", "device", "layout", "memory_format", "Size", "SymInt", "SymFloat", "SymBool"))
"""Types whose text is short and the same in every run."""
CONTAINERS = (list, tuple)


class Inputs:
    """The inputs of operations, and the last writer of each storage."""

    def __init__(self, torch, process, contents):
        self._process, self._contents, self._tensor = process, contents, torch.Tensor
        self._storages, self._writers = {}, {}
        self._modules = Modules()
        self._modules.follow(torch)
        os.register_at_fork(after_in_child=self._writers.clear)  # they refer to records of the parent's streams

    def taken(self, values):
        """(position, storage, meta, digest, writer) of each tensor in these pairs (position, argument)."""
        found = []
        for place, value in values:
            for one in tensors_in(self._tensor, value):
                storage = self._storage(one)
                content = self._contents.digest(one)
                found.append((place, storage, self._contents.meta(one), content, self._writers.get(storage, 0)))
        return found

    def write(self, stream, taken):
        """Write one IN record for each result of `taken`."""
        for position, storage, meta, content, writer in taken:
            place = min(position, MOST_POSITION)
            later.append(stream, IN, 0, place, storage, 0, stream.define(METAS, meta), content, writer)

    def wrote(self, tensors, place):
        """Note that the record at index `place` of this task wrote these tensors."""
        for tensor in tensors:
            self._writers[self._storage(tensor)] = writer_of(self._process.task.ordinal, place)

    def write_arguments(self, stream, values, called_from):
        """
        Write the ARG record: the arguments that are no tensors, and the path of the module that is running.

        `called_from` is the site id of the line in another file that called the one of the operation.
        """
        text = ", ".join(_scalar(value, self._tensor) for value in values)
        path = self._modules.path_of_operation()
        module = stream.define(TEXTS, path) if path else 0
        stream.append(ARG, name=stream.define(TEXTS, text[:MOST_TEXT]), site=called_from, meta=module)

    def _storage(self, tensor):
        """The ordinal of a tensor's storage, in order of first use; 0 without one. A reused address gets a new one."""
        try:
            storage = tensor.untyped_storage()
        except (NotImplementedError, RuntimeError):  # a sparse tensor or a wrapper subclass has none
            return 0
        key = storage._cdata
        known = self._storages.get(key)
        if known is None or known[0]() is None:
            number = self._process.next_storage()
            known = self._storages[key] = (weakref.ref(storage), number)
        return known[1]


def tensors_in(tensor, value):
    """The tensors in an argument or result, which is a tensor or nested lists of them."""
    if isinstance(value, tensor):
        return (value,)
    if isinstance(value, CONTAINERS):
        return [found for one in value for found in tensors_in(tensor, one)]
    return ()


def _scalar(value, tensor):
    """An argument as text; `T` for a tensor, which has an IN record."""
    if isinstance(value, tensor):
        return "T"
    if isinstance(value, CONTAINERS):
        return "[%s]" % ", ".join(_scalar(one, tensor) for one in value)
    if isinstance(value, (int, float, bool, str, complex)) or value is None:
        return repr(value)
    name = type(value).__name__
    return repr(value) if name in SHORT else name  # a storage's `repr` takes seconds, and is its content
