"""An operation that is called again with other values where two runs differ: does it read these places?"""

from __future__ import annotations

import json
import subprocess

import pytest
from support import AUDITED, ROOT

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]

SCRIPT = r"""
import json, os, sys, tempfile
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import torch
from checks.recorders.replay.torch import unread
from checks.recorders.replay.torch.content import Content
from checks.recorders.replay.torch.kinds import Kind
from checks.recorders.replay.trace import digests

contents = Content(torch, digests.chosen(True)[1])
aten = torch.ops.aten
plain = torch.tensor([5.0, 1.0, -2.0, -3.0])
hides = torch.tensor([False, False, False, True])
parameter = torch.nn.Parameter(torch.ones(4))


def ask(func, args, place, where):
    own, other = tempfile.mkdtemp(), tempfile.mkdtemp()
    tensors = [one for one in args if isinstance(one, torch.Tensor)]
    inputs = []
    for number, one in enumerate(tensors):
        data = one.detach().contiguous().clone()
        if number == place:
            data = data.where(~where, (data + 1).to(data.dtype))
        name = "input-%d.bin" % number
        with open(os.path.join(other, name), "wb") as handle:
            handle.write(bytes(data.reshape(-1).view(torch.uint8).tolist()))
        inputs.append({"file": name})
    with open(os.path.join(other, "dump.json"), "w") as handle:
        json.dump({"inputs": inputs}, handle)
    kind = Kind(torch, func)
    with torch.no_grad():
        taken = [(one, one.detach().clone()) for one in tensors]
        result = func(*args)
        outputs = unread.tensors_in(torch.Tensor, kind.values(args, {}, result))
        before = torch.get_rng_state()
        told = unread.Again(torch, contents, (other, own)).called(kind, (func, args, {}), taken, outputs)
    assert torch.equal(before, torch.get_rng_state())
    return told


last = torch.tensor([False, False, False, True])
cases = {
    "argmax": (aten.argmax.default, (plain,), 0, last),
    "rounded": (aten.round.default, (plain,), 0, last),
    "relu": (aten.relu.default, (plain,), 0, last),
    "added": (aten.add.Tensor, (plain, plain.clone()), 1, last),
    "masked": (aten.masked_fill.Scalar, (plain, hides, 0.0), 0, last),
    "selected": (aten.index_select.default, (plain, 0, torch.tensor([0, 1])), 0, last),
    "in place": (aten.mul_.Tensor, (plain.clone(), plain.clone()), 1, last),
    "parameter": (aten.index_select.default, (parameter, 0, torch.tensor([0, 1])), 0, last),
    "equal": (aten.relu.default, (plain,), 0, torch.zeros(4, dtype=torch.bool)),
    "drawn": (aten.bernoulli.default, (torch.full((4,), 0.5),), 0, last),
    "index": (aten.index_select.default, (plain, 0, torch.tensor([0, 1])), 1, torch.tensor([True, True])),
}
found = {name: ask(*case) for name, case in cases.items()}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found():
    """What was told of each case."""
    made = subprocess.run([AUDITED, "-c", SCRIPT, str(ROOT)], capture_output=True, text=True, check=False)
    assert not made.returncode, made.stderr
    return json.loads(made.stdout)


@pytest.mark.parametrize("name", ["masked", "selected"])
def test_places_that_are_not_read_are_known(found, name):
    """Whatever stands there, the operation gives the same."""
    assert {"differing": 1, "stable": True, "unread": True, "state": False} == found[name]


@pytest.mark.parametrize("name", ["argmax", "relu", "rounded", "added", "in place", "index"])
def test_places_that_are_read_are_known_though_the_runs_gave_the_same(found, name):
    """The largest, the sign and the rounding of these values did not change, but of others they do."""
    assert (True, False) == (found[name]["stable"], found[name]["unread"])


def test_the_memory_of_a_parameter_is_known(found):
    """Its last value counts, though this operation does not read it."""
    assert (True, True) == (found["parameter"]["unread"], found["parameter"]["state"])


@pytest.mark.parametrize(("name", "differing"), [("equal", 0), ("drawn", 1)])
def test_nothing_is_told_of_equal_inputs_or_of_draws(found, name, differing):
    """To call a draw again would move the program's generator."""
    assert {"differing": differing, "stable": False, "unread": False, "state": False} == found[name]
