"""The digest that accelerators compute, held on the CPU against its formula: every byte and every place count."""

from __future__ import annotations

import json
import subprocess

import pytest
from support import AUDITED

from auditor import shipped

pytestmark = pytest.mark.frameworks

SCRIPT = r'''
import json, os, sys
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(sys.argv[1]))
from checks.recorders.replay.torch import device
import torch

M = (1 << 64) - 1

def formula(data):
    """Straight from SplitMix64, a byte string at a time."""
    total = 0
    for number in range(-(-len(data) // 8)):
        word = int.from_bytes(data[number * 8 : number * 8 + 8].ljust(8, b"\0"), "little")
        z = (word + (number + 1) * 0x9E3779B97F4A7C15) & M
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M
        total += z ^ (z >> 31)
    return (total + len(data) * 0xBF58476D1CE4E5B9) & M

def raw(tensor):
    return bytes(tensor.contiguous().reshape(-1).view(torch.uint8).tolist())

torch.manual_seed(0)
kinds = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int8, torch.uint8,
         torch.bool, torch.complex64]
told = {"formula": {}, "distinct": 0, "views": {}}
for kind in kinds:
    for shape in [(), (1,), (3,), (7, 5), (0,), (33, 2)]:
        made = (torch.randn(shape) * 50).to(kind)
        told["formula"]["%s %s" % (kind, shape)] = device.digest(torch, made) == formula(raw(made))
plain = torch.randn(1000)
told["views"]["strided"] = device.digest(torch, plain[::3]) == formula(raw(plain[::3]))
told["views"]["odd offset"] = device.digest(torch, plain[1:]) == formula(raw(plain[1:]))
odd = torch.arange(100, dtype=torch.uint8)[3:]
told["views"]["odd byte"] = device.digest(torch, odd) == formula(bytes(range(3, 100)))
told["views"]["conjugate"] = (device.digest(torch, torch.randn(9, dtype=torch.complex64).conj())) != 0
told["views"]["parameter"] = device.digest(torch, torch.nn.Parameter(plain)) == device.digest(torch, plain)
whole = device.digest(torch, plain)
device.CHUNK_WORDS = 4
told["views"]["in chunks"] = device.digest(torch, plain) == whole
seen = set()
data = torch.zeros(40, dtype=torch.uint8)
seen.add(device.digest(torch, data))
for byte in range(40):
    for bit in range(8):
        data[byte] ^= 1 << bit
        seen.add(device.digest(torch, data))
        data[byte] ^= 1 << bit
for size in (39, 41, 48):
    seen.add(device.digest(torch, torch.zeros(size, dtype=torch.uint8)))
pair = torch.tensor([1.0, 2.0, 3.0, 4.0])
seen.update(device.digest(torch, pair[torch.tensor(order)]) for order in ([0, 1, 2, 3], [2, 3, 0, 1], [1, 0, 2, 3]))
seen.update(device.digest(torch, torch.tensor([value])) for value in (0.0, -0.0, float("nan")))
told["distinct"] = len(seen)
told["deterministic"] = torch.are_deterministic_algorithms_enabled()
print(json.dumps(told))
'''


@pytest.fixture(scope="module")
def told():
    """What the script measured in the audited Python."""
    command = [AUDITED, "-B", "-c", SCRIPT, str(shipped.folder("checks"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_is_the_formula_for_every_dtype_and_shape(told):
    """Ten dtypes, empty and scalar tensors, lengths that are no multiple of eight bytes."""
    assert [name for name, equal in told["formula"].items() if not equal] == []
    assert len(told["formula"]) == 60


def test_views_and_chunks_give_what_their_elements_give(told):
    """Strides, offsets of odd bytes, conjugates, parameters; and how it is cut makes no difference."""
    assert [name for name, equal in told["views"].items() if not equal] == []


def test_every_bit_every_place_and_every_length_counts(told):
    """One zero, 320 flipped bits, 3 lengths, 3 orders, and the signs of zero and NaN: all of them differ."""
    assert told["distinct"] == 1 + 320 + 3 + 3 + 3
