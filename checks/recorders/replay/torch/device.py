"""
Digests of tensors computed on their accelerator, so that eight bytes are fetched instead of the tensor.

Each word of eight bytes is mixed with its index in the tensor, and the results are summed modulo 2^64. Integer sums do
not depend on the order of addition, so the digest is deterministic on parallel hardware. This code is tested on the CPU
against the formula and has not run on an accelerator.
"""

from __future__ import annotations

import ctypes

from ..trace.format import MASK_64

KINDS = ("cuda", "xpu")
"""Devices with 64-bit integers and byte views. Tensors on other devices are copied."""
CHUNK_WORDS = 1 << 22
"""Words that are mixed at a time. They bound the three temporary tensors to 32 MiB each."""
PLACE, FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
"""Constants of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014)."""
WORD_BYTES = 8


def digest(torch, tensor):
    """
    The 64-bit digest of a strided tensor on any device.

    Raises RuntimeError if the device lacks memory or an operation.
    """
    total, size = begun(torch, tensor)
    return ended(int(total.item()), size)


def begun(torch, tensor):
    """
    (sum, size in bytes) of a digest, without waiting for the device: the sum is an int64 tensor of shape () on it.

    Raises RuntimeError as `digest` does.
    """
    data = tensor.detach().resolve_conj().resolve_neg().contiguous().reshape(-1).view(torch.uint8)
    if data.storage_offset() % WORD_BYTES:
        data = data.clone()
    size = data.numel()
    whole = size - size % WORD_BYTES
    total = torch.zeros((), dtype=torch.int64, device=data.device)
    for start in range(0, whole, CHUNK_WORDS * WORD_BYTES):
        words = data[start : min(start + CHUNK_WORDS * WORD_BYTES, whole)].view(torch.int64)
        total += _mixed(torch, words, start // WORD_BYTES)
    if whole < size:
        last = torch.zeros(WORD_BYTES, dtype=torch.uint8, device=data.device)
        last[: size - whole] = data[whole:]
        total += _mixed(torch, last.view(torch.int64), whole // WORD_BYTES)
    return total, size


def ended(total, size):
    """The digest, from the fetched sum and the size in bytes."""
    return (total + size * FIRST) & MASK_64


def fetched(torch, totals):
    """
    The values of these tensors of shape (), in their order, with one transfer per device.

    The program's streams computed them, so each device is synchronised first.
    """
    numbers, places = [0] * len(totals), {}
    for place, total in enumerate(totals):
        places.setdefault(total.device, []).append(place)
    for device, mine in places.items():
        if device.type in KINDS and device.type != "cpu":
            getattr(torch, device.type).synchronize(device)
        here = torch.stack([totals[place] for place in mine]).cpu()
        # `tolist` is hooked and would be recorded as a read by the program.
        for place, number in zip(mine, (ctypes.c_int64 * len(mine)).from_address(here.data_ptr())):
            numbers[place] = number
    return numbers


def is_capturing(torch, tensor):
    """Whether the device captures a CUDA graph: no operation may be added to it, and none can be waited for."""
    return tensor.device.type == "cuda" and torch.cuda.is_current_stream_capturing()


def _mixed(torch, words, first):
    """The sum of SplitMix64's finaliser over all words, each added to its index."""
    places = torch.arange(first + 1, first + 1 + words.numel(), dtype=torch.int64, device=words.device)
    mixed = places.mul_(_signed(PLACE)).add_(words)
    for bits, factor in ((30, FIRST), (27, SECOND)):
        mixed ^= (mixed >> bits) & (MASK_64 >> bits)  # a right shift of a signed integer copies the sign bit
        mixed *= _signed(factor)
    mixed ^= (mixed >> 31) & (MASK_64 >> 31)
    return mixed.sum()


def _signed(number):
    """The int64 of the same 64 bits."""
    return number - (1 << 64) if number >> 63 else number
