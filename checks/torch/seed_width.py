"""
Seeds that differ above their 32nd bit give different draws.

Why: `torch.manual_seed` accepts 64 bits and `initial_seed` returns them, but the CPU generator uses only the low 32. A
seed made from a hash or from a nanosecond clock can equal another run's seed: 0 and 2^32 give the same draws. The
documentation speaks of 64-bit seeds; pytorch#87509 asked it to say that a seed is a 32-bit integer. CUDA's generator
uses all 64 bits.

Remedy: use seeds below 2^32. Or fold the upper half in before seeding: `torch.manual_seed((seed ^ (seed >> 32)) &
0xFFFFFFFF)`.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _state

CHECK = Check(tier="full", rule="different", across=("process",))
PAIRS = ((0, 2**32), (1, 2**63 - 2**32 + 1), (2**32 - 1, -1))


def measure(settings):
    """For each device and pair of seeds, the digests of the draws of both."""
    values = {}
    for prefix, device in _state.devices():
        for pair in PAIRS:
            values["%sseeds %d and %d" % (prefix, *pair)] = [_draw(device, seed) for seed in pair]
    return values


def _draw(device, seed):
    import torch

    return digest(torch.rand(4, device=device, generator=torch.Generator(device).manual_seed(seed)))
