"""The recorder's digests of tensors that are no plain array: every part counts, and address 0 is never read."""

from __future__ import annotations

import json
import subprocess

import pytest
from recorded_runs import alone, recorded
from support import AUDITED, ROOT

pytestmark = pytest.mark.frameworks

SCRIPT = r"""
import json, sys, warnings
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
warnings.simplefilter("ignore")  # masked tensors are a prototype
import numpy
import torch
from checks.recorders.replay.torch.content import Content
from checks.recorders.replay.trace import digests, values
from torch.masked import masked_tensor

ones = torch.ones(2, 2, dtype=torch.int8)
scales, zeros = torch.tensor([0.1, 0.2]).double(), torch.tensor([0, 1])
per = torch._make_per_channel_quantized_tensor
rows = torch.tensor([[-1.0, 0.5, 0.75], [0.25, 1, 0]])
shares = torch.tensor([0.1, 0.2]), torch.tensor([2.0, 1.0])
four = lambda given: torch.quantize_per_channel(given, *shares, 0, torch.quint4x2)
quantised = {
    "plain": torch._make_per_tensor_quantized_tensor(ones, 0.1, 3),
    "scale": torch._make_per_tensor_quantized_tensor(ones, 0.2, 3),
    "zero point": torch._make_per_tensor_quantized_tensor(ones, 0.1, 4),
    "integers": torch._make_per_tensor_quantized_tensor(-ones, 0.1, 3),
    "per channel": per(ones, scales, zeros, 0),
    "axis": per(ones, scales, zeros, 1),
    "scales": per(ones, scales.flip(0), zeros, 0),
    "zero points": per(ones, scales, zeros.flip(0), 0),
    "four bits": four(rows),
    "other four bits": four(rows.flip(0)),
}
mask = torch.tensor([True, False, True])
masked = {
    "plain": masked_tensor(torch.tensor([1.0, 2, 3]), mask),
    "value": masked_tensor(torch.tensor([1.0, 2, 4]), mask),
    "mask": masked_tensor(torch.tensor([1.0, 2, 3]), ~mask),
}
hidden = masked_tensor(torch.tensor([1.0, 9, 3]), mask)


def record(padding):
    made = numpy.zeros(2, numpy.dtype([("a", "i1"), ("b", "f8")], align=True))
    made.view("u1").reshape(2, -1)[:, 1:8] = padding
    return made


def told(function):
    content = Content(torch, function)
    value = values.ValueDigester(lambda data: digests.of_bytes(function, data), lambda file: False)
    renamed = record(0).astype([("a", "i1"), ("c", "f8")])
    return {
        "quantised": {name: content.digest(one) for name, one in quantised.items()},
        "masked": {name: content.digest(one) for name, one in masked.items()},
        "hidden": content.digest(hidden),
        "without memory": [content.digest(one) for one in (torch._efficientzerotensor((3, 5)), torch.zeros(3, 5))],
        "records": [value.of(one) for one in (record(1), record(255), renamed)],
    }


print(json.dumps([told(digests.chosen(portable)[1]) for portable in (True, False)]))
"""
WITHOUT_MEMORY = """
import torch
from torch.autograd import forward_ad

zeros = torch._efficientzerotensor((1000, 1000))
print((zeros + torch.ones(1000, 1000)).sum().item())  # `zeros + 1` fails under any dispatch mode of torch 2.13
with forward_ad.dual_level():
    made = forward_ad.make_dual(torch.ones(3), torch.ones(3))
    print(forward_ad.unpack_dual(made * 2 + torch.ones(3).clone()).tangent.tolist())
freed = torch.ones(5)
freed.untyped_storage().resize_(0)
freed.requires_grad_()
print(freed.detach().requires_grad)
"""


@pytest.fixture(scope="module", params=[0, 1], ids=["portable", "fast"])
def told(request):
    """What the script measured, with CRC-32 and with XXH3 where it is installed."""
    done = subprocess.run([AUDITED, "-B", "-c", SCRIPT, str(ROOT)], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)[request.param]


def test_a_quantised_tensor_counts_by_integers_scales_zero_points_and_axis(told):
    """Two with equal integers are other numbers under another scale."""
    found = told["quantised"]

    assert len(found) == 10 == len(set(found.values()))
    assert 0 not in found.values()


def test_a_masked_tensor_counts_by_its_mask_and_what_is_visible(told):
    """It has no memory of its own; hidden data do not count."""
    found = told["masked"]

    assert len(found) == 3 == len(set(found.values()))
    assert 0 not in found.values()
    assert found["plain"] == told["hidden"]


def test_zeros_without_memory_count_as_zeros(told):
    """Autograd makes such tensors; their address is 0."""
    without, plain = told["without memory"]

    assert without == plain != 0


def test_the_padding_of_a_record_does_not_count(told):
    """A variable that holds an array of NumPy with fields: values and names count."""
    one, another, renamed = told["records"]

    assert one == another != renamed
    assert [False, False, False] == [opaque for _, opaque in told["records"]]


@pytest.mark.slow
@pytest.mark.parametrize("tier", ["base", pytest.param("detail", marks=pytest.mark.exhaustive)])
def test_a_program_with_tensors_without_memory_runs_as_it_does_alone(tmp_path, tier):
    """Reading at address 0 would end the user's program."""
    script = tmp_path / "script.py"
    script.write_text(WITHOUT_MEMORY)
    seen, problems, _, _ = recorded([str(script)], tmp_path / "run", tier, AUDITED)

    assert alone([str(script)], AUDITED) == seen
    assert seen[0] == 0
    assert [] == problems
