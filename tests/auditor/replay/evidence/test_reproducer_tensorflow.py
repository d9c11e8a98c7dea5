"""A reproducer of one operation of TensorFlow, from what the recorder keeps of it."""

import json
import struct
import subprocess

import pytest
from support import AUDITED, ROOT

from auditor.replay.evidence import reproducer
from auditor.replay.provenance.origin_model import Origin
from auditor.replay.session import ReplayOptions, Session
from auditor.replay.trace.archive import TaskKey
from auditor.replay.trace.format import SourceLine

EXPERIMENTS = ROOT / "tests/auditor/replay/experiments"
KEY = TaskKey("main", 0)


def kept(folder, operator, arguments, attributes, inputs, *, draws=False):
    """A dump as the recorder writes it: inputs are (dtype, struct's format, values, whether it is a variable)."""
    folder.mkdir()
    told = []
    for number, (dtype, code, values, variable) in enumerate(inputs):
        (folder / f"input-{number}.bin").write_bytes(struct.pack(f"{len(values)}{code}", *values))
        told.append({"file": f"input-{number}.bin", "dtype": dtype, "shape": [len(values)], "variable": variable})
    document = {
        "framework": "tensorflow", "operator": operator, "arguments": arguments, "attributes": attributes,
        "inputs": told, "outputs": [], "draws": draws, "tensorflow": "2", "python": AUDITED,
    }  # fmt: skip
    (folder / "dump.json").write_text(json.dumps(document))
    return folder


@pytest.mark.parametrize("name", ["tf.MatMul", "aten::mm", "jit:step", "scatter-add"])
def test_what_can_be_kept_is_told_by_its_name(name):
    """A call of TensorFlow's functions is many operations; a jitted call is kept whole."""
    assert reproducer.can_be_kept(name)
    assert not any(
        map(
            reproducer.can_be_kept,
            ("tf.function:train", "inductor:0", "random.random", "line", "jax.random.key", "torch.load"),
        )
    )


@pytest.mark.frameworks
@pytest.mark.exhaustive
def test_a_clean_operation_gives_the_same_bits_alone(tmp_path):
    """A list of inputs, an axis, a flag; and a variable that is written, anew for each call."""
    rows = [("float32", "f", [1.0, 2.0], False), ("float32", "f", [3.0], False)]
    arguments = [["concat_dim", None], ["values", 2]]
    folder = kept(tmp_path / "dump", "Concat", arguments, {}, [("int32", "i", [0], False), *rows])
    told = json.loads((folder / "dump.json").read_text())
    told["inputs"][0]["shape"] = []
    (folder / "dump.json").write_text(json.dumps(told))
    origin = Origin(KEY, 3, "same-inputs-other-outputs", "tf.Concat", SourceLine("a.py", 1))
    made = reproducer.make(tmp_path / "out", origin, folder, [AUDITED, "a.py"])

    assert (0, 55, reproducer.NOT_ALONE) == (made.diverged, made.calls, made.note)

    arguments = [["resource", None], ["value", None]]
    given = [("float32", "f", [1.0], True), ("float32", "f", [2.0], False)]
    folder = kept(tmp_path / "second", "AssignAddVariableOp", arguments, {}, given)
    origin = Origin(KEY, 3, "same-inputs-other-outputs", "tf.AssignAddVariableOp", SourceLine("a.py", 1))
    made = reproducer.make(tmp_path / "variable", origin, folder, [AUDITED, "a.py"])

    assert (0, 55, reproducer.NOT_ALONE) == (made.diverged, made.calls, made.note)


@pytest.mark.frameworks
@pytest.mark.slow
@pytest.mark.exhaustive
def test_an_unseeded_draw_is_shown_in_fresh_processes(tmp_path):
    """A generator goes on from call to call, which shows nothing."""
    folder = kept(
        tmp_path / "dump", "RandomStandardNormal", [["shape", None]], {"dtype": 1, "seed": 0, "seed2": 0},
        [("int32", "i", [3], False)], draws=True,
    )  # fmt: skip
    origin = Origin(KEY, 3, "draw-unseeded", "tf.RandomStandardNormal", SourceLine("a.py", 1), generator="tensorflow")
    made = reproducer.make(tmp_path / "out", origin, folder, [AUDITED, "a.py"])

    assert (5, 5, "") == (made.diverged, made.calls, made.note)
    assert b"auditor" not in (tmp_path / "out" / "reproduce.py").read_bytes()


@pytest.mark.frameworks
@pytest.mark.exhaustive
@pytest.mark.alone
@pytest.mark.parametrize("name", ["tf_race", "tf_race_inside"])
def test_a_race_is_shown_alone_and_by_how_much_it_differs(tmp_path, name):
    """The whole way, eager and in a function: what is kept of one that writes a variable, and a script that exits 1."""
    command = [AUDITED, str(EXPERIMENTS / f"{name}.py")]
    options = ReplayOptions(command, tmp_path / "runs", show=False, runs=2, reproducer=tmp_path / "out")
    result = Session(options, str).run()

    assert result.divergence.max_ulp > 0
    assert 0 < result.reproducer.diverged <= result.reproducer.calls, result.reproducer.note
    done = subprocess.run([AUDITED, "reproduce.py"], cwd=tmp_path / "out", check=False, capture_output=True)
    assert (1, True) == (done.returncode, b"ResourceScatterAdd: " in done.stdout)
