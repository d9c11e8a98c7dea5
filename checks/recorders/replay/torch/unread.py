"""
Whether an operation reads the places of its inputs that differ from another run: it is called again with other values.

The other run kept the inputs of the same operation (`dump.py`). Here the operation has run, and its inputs were copied
before. It is called with the copies as they are, which must give what it gave; then several times with random values at
the differing places alone. If what it gives never changes, it does not read them.
"""

from __future__ import annotations

import atexit
import gc
import json
import os

from ..dump import FILE_MODE
from .inputs import tensors_in

SCALES = (1.0, 1000.0, 0.001, -30.0)
"""Of the random values: one call for each."""
SEED = 1
ALIVE = "alive"
"""Name of the file that says that a tensor which differs is still alive when the process ends."""
CONTAINERS = (list, tuple)


class Again:
    """Calls one operation again. `folders`: the other run's dump, and this run's."""

    def __init__(self, torch, contents, folders):
        self._torch, self._contents, (self._other, self._own) = torch, contents, folders

    def called(self, kind, call, taken, outputs):
        """
        What the calls show: {"differing": elements, "stable": bool, "unread": bool, "state": bool}.

        `stable`: equal inputs gave what the operation gave. `state`: a differing input is a parameter's or an
        optimizer's memory. Raises what the operator raises.

        Args:
            kind: the properties of the operator (`kinds.py`).
            call: (operator, args, kwargs) of the program.
            taken: (tensor, its copy) of each tensor in them, in the order of the dump.
            outputs: the tensors that the operation gave, or wrote.
        """
        torch = self._torch
        differing = list(_differing(torch, taken, self._other))
        tensors = [tensor for tensor, _, _ in differing]
        count = sum(int(where.sum()) for _, _, where in differing)
        answer = {"differing": count, "stable": False, "unread": False, "state": _is_state(torch, tensors)}
        if not count or kind.draws:
            return answer
        _watch(tensors, self._own)
        given = [self._contents.digest(one) for one in outputs]
        answer["stable"] = self._gives(kind, call, taken, {}) == given
        generator = torch.Generator().manual_seed(SEED)
        answer["unread"] = answer["stable"] and all(
            self._gives(kind, call, taken, _others(torch, differing, scale, generator)) == given for scale in SCALES
        )
        return answer

    def _gives(self, kind, call, taken, values):
        """The digests of what the operation gives with these values (id of a tensor: content), and else the copies."""
        torch, (func, args, kwargs) = self._torch, call
        fresh = {id(tensor): _like(torch, tensor, values.get(id(tensor), plain)) for tensor, plain in taken}
        args = _replaced(torch, args, fresh)
        kwargs = {name: _replaced(torch, one, fresh) for name, one in kwargs.items()}
        found = kind.values(args, kwargs, func(*args, **kwargs))
        return [self._contents.digest(one) for one in tensors_in(torch.Tensor, found)]


def _differing(torch, taken, folder):
    """(tensor, copy, mask) of each input with elements whose bytes differ from the other run's."""
    with open(os.path.join(folder, "dump.json"), encoding="utf-8") as handle:
        inputs = json.load(handle)["inputs"]
    if len(inputs) != len(taken):
        raise ValueError("the other run called the operation with other inputs")
    for (tensor, plain), told in zip(taken, inputs):
        with open(os.path.join(folder, os.path.basename(told["file"])), "rb") as handle:
            data = bytearray(handle.read())
        own = plain.reshape(-1).view(torch.uint8) if plain.numel() else None
        if own is None or len(data) != own.numel():
            continue
        where = (own != torch.frombuffer(data, dtype=torch.uint8)).reshape(-1, plain.element_size()).any(1)
        if bool(where.any()):
            yield tensor, plain, where.reshape(plain.shape)


def _others(torch, differing, scale, generator):
    return {id(tensor): _other(torch, plain, where, scale, generator) for tensor, plain, where in differing}


def _other(torch, plain, where, scale, generator):
    """A copy with random values at these places: of whole numbers, such as lie between those that are there."""
    changed = plain.clone()
    size = int(where.sum())
    if plain.dtype is torch.bool:
        changed[where] = ~plain[where]
    elif plain.is_floating_point() or plain.is_complex():
        changed[where] = (torch.randn(size, generator=generator) * scale).to(plain.dtype)
    elif plain.dtype is torch.uint8:
        changed[where] = torch.randint(256, (size,), generator=generator).to(plain.dtype)
    else:  # an index outside of what it points into would crash the operator
        changed[where] = plain[where][torch.randperm(size, generator=generator)]
    return changed


def _like(torch, tensor, plain):
    """A tensor of its own with this content, on the device and with the strides of the program's."""
    plain = plain.to(tensor.device)
    if any(size > 1 and not stride for size, stride in zip(tensor.shape, tensor.stride())):
        return plain.clone()  # expanded: its elements share memory
    fresh = torch.empty_strided(tuple(tensor.shape), tensor.stride(), dtype=tensor.dtype, device=tensor.device)
    return fresh.copy_(plain)


def _replaced(torch, value, fresh):
    if isinstance(value, torch.Tensor):
        return fresh[id(value)]
    if type(value) in CONTAINERS:
        return type(value)(_replaced(torch, one, fresh) for one in value)
    return value


def _memory(tensor):
    return tensor.untyped_storage()._cdata


def _is_state(torch, tensors):
    """Whether any of them lies in the memory of a parameter or of an optimizer's state."""
    memory = {_memory(one) for one in tensors}
    held = []
    for one in gc.get_objects():
        if isinstance(one, torch.nn.Parameter):
            held += [one] if one.grad is None else [one, one.grad]
        elif isinstance(one, torch.optim.Optimizer):
            held += [value for state in one.state.values() for value in state.values()]
    plain = (one for one in held if isinstance(one, torch.Tensor) and one.layout is torch.strided)
    return any(_memory(one) in memory for one in plain)


def _watch(tensors, folder):
    """When the process ends, leave a file if the memory of one of them is still in use."""
    from torch.multiprocessing.reductions import StorageWeakRef

    watched = [StorageWeakRef(one.untyped_storage()) for one in tensors]

    def look():
        if not all(one.expired() for one in watched):
            os.close(os.open(os.path.join(folder, ALIVE), os.O_WRONLY | os.O_CREAT, FILE_MODE))

    atexit.register(look)
