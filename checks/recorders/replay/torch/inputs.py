"""The detail tier: which storages an operation's tensors lie in, who wrote these last, and its other arguments."""

from __future__ import annotations

import os
import weakref

from ..trace.format import ARG, IN, METAS, MOST_POSITION, TEXTS, writer_of
from . import later
from .modules import Modules

MOST_TEXT = 400
"""Characters of an operation's scalar arguments that are kept."""
CONTAINERS = (list, tuple)


class Inputs:
    """What goes into operations, and the storages that they have written."""

    def __init__(self, torch, process, contents):
        self._process, self._contents, self._tensor = process, contents, torch.Tensor
        self._storages, self._writers = {}, {}
        self._modules = Modules()
        self._modules.follow(torch)
        os.register_at_fork(after_in_child=self._writers.clear)  # they name records of the parent's streams

    def taken(self, values):
        """(position, storage, meta, content, writer) of each tensor in these (position, argument)."""
        found = []
        for place, value in values:
            for one in tensors_in(self._tensor, value):
                storage = self._storage(one)
                content = self._contents.digest(one)
                found.append((place, storage, self._contents.meta(one), content, self._writers.get(storage, 0)))
        return found

    def write(self, stream, taken):
        """One record for each."""
        for position, storage, meta, content, writer in taken:
            place = min(position, MOST_POSITION)
            later.append(stream, IN, 0, place, storage, 0, stream.define(METAS, meta), content, writer)

    def wrote(self, tensors, place):
        """The record at that place of this task has written these."""
        for tensor in tensors:
            self._writers[self._storage(tensor)] = writer_of(self._process.task.ordinal, place)

    def write_arguments(self, stream, values):
        """The arguments that are no tensors, and the module at work."""
        text = ", ".join(_scalar(value, self._tensor) for value in values)
        path = self._modules.path_of_operation()
        module = stream.define(TEXTS, path) if path else 0
        stream.append(ARG, name=stream.define(TEXTS, text[:MOST_TEXT]), meta=module)

    def _storage(self, tensor):
        """An ordinal for the storage, in order of first sight; a new storage at an old address has a new one."""
        try:
            storage = tensor.untyped_storage()
        except (NotImplementedError, RuntimeError):  # of a sparse tensor, of a wrapper
            return 0
        key = storage._cdata
        known = self._storages.get(key)
        if known is None or known[0]() is None:
            number = self._process.next_storage()
            known = self._storages[key] = (weakref.ref(storage), number)
        return known[1]


def tensors_in(tensor, value):
    """The tensors in an argument or a result: alone, or in lists."""
    if isinstance(value, tensor):
        return (value,)
    if isinstance(value, CONTAINERS):
        return [found for one in value for found in tensors_in(tensor, one)]
    return ()


def _scalar(value, tensor):
    """An argument as text; a tensor as a mark, since its content stands beside."""
    if isinstance(value, tensor):
        return "T"
    if isinstance(value, CONTAINERS):
        return "[%s]" % ", ".join(_scalar(one, tensor) for one in value)
    if isinstance(value, (int, float, bool, str, complex)) or value is None:
        return repr(value)
    return type(value).__name__ if "object at 0x" in repr(value) else repr(value)
