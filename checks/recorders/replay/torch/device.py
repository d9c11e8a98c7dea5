"""
Digests of tensors where they lie: computed on the accelerator, so that eight bytes are fetched and not the tensor.

Sixty-four bits over the raw bytes and their places. Every eight bytes are mixed with their place in the tensor and the
mixtures are summed modulo 2^64: integers in any order give the same sum, so threads that race cannot move it. Not yet
run on an accelerator; the same code is tested on the CPU against the formula.
"""

from __future__ import annotations

import ctypes

from ..trace.format import MASK_64

KINDS = ("cuda", "xpu")
"""Devices with 64-bit integers and views of bytes; others are copied."""
CHUNK_WORDS = 1 << 22
"""Eight-byte words that are mixed at a time: three temporary tensors of 32 MiB, however large the tensor is."""
PLACE, FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
"""Of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014)."""
WORD_BYTES = 8


def digest(torch, tensor):
    """
    Sixty-four bits of a strided tensor's content, on whatever device it is.

    Raises RuntimeError where the device has no room or no such operation.
    """
    total, size = begun(torch, tensor)
    return ended(int(total.item()), size)


def begun(torch, tensor):
    """
    (sum, bytes) of a digest that is not waited for: the sum is an integer tensor of no dimensions on the device.

    Raises RuntimeError as above.
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
    """The digest, once its sum has been fetched."""
    return (total + size * FIRST) & MASK_64


def fetched(torch, totals):
    """
    The numbers that these tensors hold, in their order: one transfer for each device.

    They were computed in whatever streams the program used, so each device is waited for first.
    """
    numbers, places = [0] * len(totals), {}
    for place, total in enumerate(totals):
        places.setdefault(total.device, []).append(place)
    for device, mine in places.items():
        if device.type in KINDS and device.type != "cpu":
            getattr(torch, device.type).synchronize(device)
        here = torch.stack([totals[place] for place in mine]).cpu()
        # Not by `tolist`: that is hooked, and would be recorded as a read of the program's.
        for place, number in zip(mine, (ctypes.c_int64 * len(mine)).from_address(here.data_ptr())):
            numbers[place] = number
    return numbers


def is_capturing(torch, tensor):
    """Whether the device records a graph: nothing of ours may be in it, and nothing can be fetched meanwhile."""
    return tensor.device.type == "cuda" and torch.cuda.is_current_stream_capturing()


def _mixed(torch, words, first):
    """The sum of SplitMix64's finaliser over each word with its place."""
    places = torch.arange(first + 1, first + 1 + words.numel(), dtype=torch.int64, device=words.device)
    mixed = places.mul_(_signed(PLACE)).add_(words)
    for bits, factor in ((30, FIRST), (27, SECOND)):
        mixed ^= (mixed >> bits) & (MASK_64 >> bits)  # the shift of signed integers brings copies of the sign
        mixed *= _signed(factor)
    mixed ^= (mixed >> 31) & (MASK_64 >> 31)
    return mixed.sum()


def _signed(number):
    return number - (1 << 64) if number >> 63 else number
