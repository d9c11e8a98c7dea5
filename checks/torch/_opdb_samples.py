"""The samples of one case of torch's test catalogue: made once, cloned for each run, digested and described."""

from __future__ import annotations

import functools
import random
import zlib

SEED = 1234
SHOWN_CHARACTERS = 160
"""Length limit of a sample's description: a few shapes identify the sample."""
PLAIN = (bool, int, float, complex, str, bytes, type(None))


@functools.lru_cache(maxsize=None)
def samples(case):
    """All samples of a case, from one seed; runs work on clones, so the samples are made once."""
    import numpy

    seed(case.device, SEED)
    random.seed(SEED)
    numpy.random.seed(SEED)
    wanted = {"requires_grad": case.differentiable, "set_seed": False}
    return tuple(case.operator.sample_inputs(case.device, case.dtype, **wanted))


def seed(device, number):
    """
    Seed the generators that operators on this kind of device draw from.

    Without `torch.manual_seed`: when CUDA is not in use, it keeps a formatted stack trace of each call (3 ms, 10 kB).
    """
    import torch

    torch.default_generator.manual_seed(number)
    if device == "cuda":
        torch.cuda.manual_seed_all(number)


def arguments(sample):
    """The operator's arguments: (input, positional, named)."""
    return sample.input, sample.args, sample.kwargs


def cloned(value):
    """Arguments with cloned tensors, because operators may write into their arguments."""
    import torch

    if isinstance(value, torch.Tensor):
        return _cloned_tensor(torch, value)
    if type(value) in (list, tuple):
        return type(value)(cloned(item) for item in value)
    if type(value) is dict:
        return {key: cloned(item) for key, item in value.items()}
    return value


def _cloned_tensor(torch, tensor):
    """A leaf with the same layout; a view gets a copy of its whole storage, because `as_strided` reads beyond it."""
    plain = tensor.detach()
    if tensor.layout == torch.strided and tensor.device.type == "cpu" and not tensor.is_nested:
        storage = tensor.untyped_storage()
        if storage.nbytes() != tensor.numel() * tensor.element_size() and not (tensor.is_conj() or tensor.is_neg()):
            whole = torch.empty(0, dtype=tensor.dtype)
            whole.set_(storage.clone(), tensor.storage_offset(), tensor.shape, tensor.stride())
            return whole.requires_grad_(tensor.requires_grad)
    return plain.clone().requires_grad_(tensor.requires_grad)


def tensors(value):
    """The tensors in nested lists, tuples and dictionaries, in order."""
    import torch

    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from tensors(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from tensors(item)


def checksum(value, seen=0):
    """
    A CRC-32 (int) over nested tensors and plain values: shape, dtype and raw bits of each, in order.

    Other objects count by the name of their type only: their `repr` may hold an address.
    """
    import torch

    if isinstance(value, torch.Tensor):
        return _tensor_checksum(torch, value, seen)
    if isinstance(value, (list, tuple)):
        seen = zlib.crc32(b"[%d" % len(value), seen)
        for item in value:
            seen = checksum(item, seen)
        return seen
    if isinstance(value, dict):
        seen = zlib.crc32(b"{%d" % len(value), seen)
        for key, item in value.items():
            seen = checksum(item, zlib.crc32(str(key).encode(), seen))
        return seen
    text = repr(value) if isinstance(value, (*PLAIN, torch.dtype, torch.device, torch.layout)) else type(value).__name__
    return zlib.crc32(text.encode("utf-8", "surrogatepass"), seen)


def _tensor_checksum(torch, tensor, seen):
    plain = tensor.detach()
    if plain.layout != torch.strided or plain.is_nested or plain.is_quantized:
        return checksum(_parts(torch, plain), seen)
    seen = zlib.crc32(("%s%s" % (plain.dtype, tuple(plain.shape))).encode(), seen)
    if not plain.numel():
        return seen
    if plain._is_zerotensor():  # zeros without memory, which autograd returns for some gradients
        plain = torch.zeros(plain.shape, dtype=plain.dtype)
    dense = plain.cpu().resolve_conj().resolve_neg().contiguous()
    flat = dense.as_strided((dense.numel(),), (1,))  # `reshape` keeps the unusual stride that a single element may have
    return zlib.crc32(flat.view(torch.uint8).numpy(), seen)


def _parts(torch, tensor):
    """Layout, shape and plain component tensors of a tensor that is no plain array."""
    head = [str(tensor.layout), str(tensor.dtype)]
    if tensor.is_nested:
        return [*head, *tensor.unbind()]
    head.append(tuple(tensor.shape))
    if tensor.is_quantized:
        return [*head, tensor.int_repr()]
    if tensor.layout == torch.sparse_coo:
        return [*head, tensor._indices(), tensor._values()]
    if tensor.layout in (torch.sparse_csr, torch.sparse_bsr):
        return [*head, tensor.crow_indices(), tensor.col_indices(), tensor.values()]
    if tensor.layout in (torch.sparse_csc, torch.sparse_bsc):
        return [*head, tensor.ccol_indices(), tensor.row_indices(), tensor.values()]
    return [*head, tensor.to_dense()]


def described(sample):
    """One line about a sample: shapes of tensors, and plain arguments."""
    given, positional, named = arguments(sample)
    parts = [_text(given), *(_text(item) for item in positional)]
    parts += ["%s=%s" % (key, _text(item)) for key, item in named.items()]
    text = ", ".join(parts)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def _text(value):
    import torch

    if isinstance(value, torch.Tensor):
        return "%s[%s]" % (str(value.dtype).replace("torch.", ""), ",".join(str(side) for side in value.shape))
    if isinstance(value, (list, tuple)):
        return "(%s)" % ", ".join(_text(item) for item in value)
    if isinstance(value, (*PLAIN, torch.dtype, torch.device, torch.layout)):
        return repr(value).replace("torch.", "")
    return type(value).__name__
