"""Writes the inputs and outputs of one operation of torch as files."""

from __future__ import annotations

import ctypes
import os
import sys

from ..dump import FILE_MODE, MOST_BLOCKS_OF_TEXTS, MOST_BYTES, requested, save
from .unread import Again

EXACT = 1 << 53
"""2^53: JSON readers round larger integers."""


def wanted(torch, process):
    """A Dump if the request of this run names an operation; else None."""
    place = requested(process)
    return Dump(torch, process, place) if place else None


class Dump:
    """Waits for one operation, copies its inputs before it runs, and writes inputs and outputs after it."""

    def __init__(self, torch, process, place):
        self._torch, self._process = torch, process
        self._place = place
        self._folder = os.path.join(process.folder, "dump")
        self._taken = self._call = None
        self._done = False

    def before(self, args, kwargs):
        """Copy the inputs if this may be the requested operation: its record follows the texts that are new in it."""
        if self._done or not self._is_here():
            return
        self._taken = None
        stream = self._process.task.stream
        at = int(self._place["at"])
        if stream is None or not stream.records <= at <= stream.records + MOST_BLOCKS_OF_TEXTS:
            return
        try:
            inputs = _Encoded(self._torch)
            told = [inputs.encoded(one) for one in args], {name: inputs.encoded(one) for name, one in kwargs.items()}
            inputs.copy()
            self._taken, self._call = (inputs, told), (args, kwargs)
        except Exception as problem:
            self._taken = problem

    def after(self, place, func, outputs, kind=None, contents=None):
        """
        Write the files if this was the requested operation.

        If the request names another run's dump (`other`), the operation is called again (`unread.py`); `kind` and
        `contents` are needed for that.
        """
        if self._done or not self._is_here():
            return
        (taken, self._taken), (call, self._call) = (self._taken, None), (self._call, None)
        if taken is None or place != int(self._place["at"]):
            return
        self._done = True
        save(self._folder, lambda: self._document(taken, func, outputs, self._again(call, kind, contents)))

    def _again(self, call, kind, contents):
        """What calls the operation again, if the request names the other run's dump."""

        def again(func, inputs, outputs):
            if not self._place.get("other") or kind is None:
                return None
            calls = Again(self._torch, contents, (self._place["other"], self._folder))
            with self._torch.no_grad():
                return calls.called(kind, (func, *call), list(zip(inputs._tensors, inputs._copies)), outputs)

        return again

    def _is_here(self):
        """Whether the requested operation is in this process and this task."""
        return self._process.lineage == self._place.get("lineage") and self._process.task.ordinal == self._place.get(
            "ordinal"
        )

    def _document(self, taken, func, outputs, again):
        """The JSON document. Raises the exception of copying the inputs, if there was one."""
        if isinstance(taken, Exception):
            raise taken
        torch, (inputs, (arguments, keywords)) = self._torch, taken
        results = _Encoded(torch)
        for one in outputs:
            results.encoded(one)
        results.copy()
        schema = func._schema
        return {
            "again": again(func, inputs, outputs),
            "operator": str(schema.name),
            "overload": str(schema.overload_name),
            "arguments": arguments,
            "keywords": keywords,
            "inputs": inputs.write(self._folder, "input"),
            "outputs": results.write(self._folder, "output"),
            "draws": torch.Tag.nondeterministic_seeded in func.tags,
            "threads": torch.get_num_threads(),
            "deterministic": torch.are_deterministic_algorithms_enabled(),
            "torch": str(torch.__version__),
            "python": sys.executable,
        }


class _Encoded:
    """Arguments as JSON, and the tensors among them, each once."""

    def __init__(self, torch):
        self._torch = torch
        self._tensors, self._numbers = [], {}
        self._copies = []

    def encoded(self, value):
        """A value as JSON with its type: {"tensor": 0}, {"list": [...]}, {"float": "0x1p+0"}. Raises TypeError."""
        torch = self._torch
        if isinstance(value, torch.Tensor):
            number = self._numbers.setdefault(id(value), len(self._tensors))
            if number == len(self._tensors):
                self._tensors.append(value)
            return {"tensor": number}
        if isinstance(value, (list, tuple)):
            return {"list": [self.encoded(one) for one in value]}
        if isinstance(value, int) and not -EXACT < value < EXACT:
            return {"integer": str(value)}
        if value is None or isinstance(value, (bool, int, str)):
            return {"plain": value}
        if isinstance(value, float):
            return {"float": value.hex()}
        if isinstance(value, complex):
            return {"complex": [value.real.hex(), value.imag.hex()]}
        if isinstance(value, torch.device):
            return {"device": str(value)}
        if isinstance(value, (torch.dtype, torch.layout, torch.memory_format)):
            return {"constant": str(value).partition(".")[2]}
        raise TypeError("an argument of type %s cannot be kept" % type(value).__name__)

    def copy(self):
        """Copy the tensors to the CPU, before the operation changes them. Raises ValueError or TypeError."""
        total = sum(one.numel() * one.element_size() for one in self._tensors)
        if total > MOST_BYTES:
            raise ValueError("its tensors have %d bytes, more than the %d that are kept" % (total, MOST_BYTES))
        for one in self._tensors:
            if one.layout is not self._torch.strided:
                raise TypeError("a tensor of layout %s cannot be kept" % one.layout)
            plain = one.detach().resolve_conj().resolve_neg().cpu().contiguous()
            self._copies.append(plain.clone() if plain.data_ptr() == one.data_ptr() else plain)

    def write(self, folder, kind):
        """Write one file per tensor; returns their descriptions."""
        told = []
        for number, (tensor, plain) in enumerate(zip(self._tensors, self._copies)):
            name = "%s-%d.bin" % (kind, number)
            size = plain.numel() * plain.element_size()
            path = os.path.join(folder, name)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
            with open(handle, "wb") as file:
                if size:
                    file.write((ctypes.c_char * size).from_address(plain.data_ptr()))
            told.append(
                {
                    "file": name,
                    "dtype": str(tensor.dtype).partition(".")[2],
                    "shape": list(tensor.shape),
                    "stride": list(tensor.stride()),
                    "device": str(tensor.device),
                }
            )
        return told
