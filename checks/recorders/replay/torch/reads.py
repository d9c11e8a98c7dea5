"""
Records where the program reads the values of tensors: `numpy`, `tolist`, `__array__`, `torch.save`.

None of these is an operation. `item` calls one, which is recorded as such.
"""

from __future__ import annotations

import functools
import threading

from ..trace.format import METAS, NAMES, READ
from . import later

METHODS = ("numpy", "tolist", "__array__")
MOST_OBJECTS = 1 << 20
"""Most objects inside a saved object that are searched for tensors."""
LEAVES = (str, bytes, int, float, complex, bool, type(None), type)


def follow(torch, recorder, process, sites):
    """Wrap the functions that read. A read within a read belongs to the outer one and is not recorded."""
    reads = Reads(torch, recorder, process, sites)
    for name in METHODS:
        method = reads.reading("torch.Tensor." + name, getattr(torch.Tensor, name))
        method.__module__, method.__qualname__ = "torch", "Tensor." + name  # the name by which pickle finds it
        setattr(torch.Tensor, name, method)
    torch.save = torch.serialization.save = reads.reading("torch.save", torch.save)


class Reads:
    """Writes READ records."""

    def __init__(self, torch, recorder, process, sites):
        self._torch, self._recorder, self._process, self._sites = torch, recorder, process, sites
        self._local = threading.local()

    def reading(self, name, plain):
        """Wrap a function that reads its first argument or the tensors inside it."""

        @functools.wraps(plain)
        def read(*args, **kwargs):
            local = self._local
            if getattr(local, "inside", False):
                return plain(*args, **kwargs)
            local.inside = True
            try:
                result = plain(*args, **kwargs)
            finally:
                local.inside = False
            self._write(name, args[0] if args else kwargs.get("obj"))
            return result

        return read

    def _write(self, name, value):
        """Write one record for all tensors that one call reads."""
        recorder = self._recorder
        try:
            with recorder.paused(), self._torch._C.DisableTorchFunctionSubclass():
                tensors = [one for one in self._tensors(value) if not hasattr(one, "fake_mode")]
                place = self._sites.here(self._process, strict=False, anywhere=True) if tensors else None
                if place is None:
                    return
                stream, site = place
                contents = recorder.contents
                digest = contents.digest(tensors[0]) if len(tensors) == 1 else contents.mixed(tensors)
                meta = stream.define(METAS, contents.metas(tensors))
                taken = recorder.taken(tensors)
                later.append(stream, READ, 0, 0, stream.define(NAMES, name), site, meta, digest)
                if self._process.numbers and len(tensors) == tensors[0].numel() == 1:
                    self._process.numbers.note(tensors[0].item())
                recorder.write_inputs(stream, taken)
        except Exception as problem:
            self._process.problem(problem)

    def _tensors(self, value):
        """The tensors in a value, each once: in containers and in the attributes of modules and other objects."""
        seen, found, waiting = set(), [], [value]
        while waiting and len(seen) < MOST_OBJECTS:
            one = waiting.pop()
            if isinstance(one, LEAVES) or id(one) in seen:
                continue
            seen.add(id(one))
            if isinstance(one, self._torch.Tensor):
                found.append(one)
            elif isinstance(one, dict):
                waiting += reversed(list(one.values()))
            elif isinstance(one, (list, tuple)):
                waiting += reversed(one)
            else:
                waiting += reversed(list((getattr(one, "__dict__", None) or {}).values()))
        return found
