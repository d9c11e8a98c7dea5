"""Operators of TensorFlow and programs of JAX, recorded and called again in processes with their own settings."""

import base64
import json
import subprocess
import zlib

import made_observed as made
import pytest
from support import AUDITED, ROOT
from test_run import of, recorded

from auditor.experiment import measure, portable
from auditor.privacy.modes import Privacy

RACING = "tf.CropAndResizeGradImage"


@pytest.mark.frameworks
@pytest.mark.slow
def test_a_gradient_of_tensorflow_that_races_is_named_and_its_cure_measured():
    """With its line; operators of a function's graph are called too, with the shapes that they have there."""
    found = recorded("tf_reaches_race.py")
    measured = measure.measure(AUDITED, found.observed.signatures, 300)
    told = {one.signature.operator: one for one in measured.measured}
    bad = [one.signature.operator for one in measured.measured if one.bad]

    assert [RACING] == bad
    assert ("races", True, "tf_reaches_race.py:12") == (
        told[RACING].outcome,
        told[RACING].cured,
        told[RACING].signature.first.text,
    )
    assert "graph" == told["tf.Conv2DBackpropFilter"].signature.settings["mode"]
    (sizes,) = [one for one in told[RACING].signature.arguments[0] if one.get("values") == [16, 64, 64, 3]]
    assert "int32" == sizes["tensor"]
    assert {"it takes a tensor of dtype resource"} == {*measured.left_out.values()}


@pytest.mark.frameworks
@pytest.mark.slow
def test_programs_of_jax_are_called_as_a_whole_and_hold_no_data():
    """What a function closed over is an input; no file is named; what calls Python back is left out by name."""
    found = recorded("jax_programs.py")
    (step,) = of(found, "jax.jit:train_step")
    text = zlib.decompress(base64.b85decode(step.arguments[1]["program"]))
    measured = measure.measure(AUDITED, found.observed.signatures, 300)
    outcomes = {one.signature.operator: one.outcome for one in measured.measured}
    left_out = {
        one.operator: measured.left_out[one.id] for one in found.observed.signatures if one.id in measured.left_out
    }

    assert "repeats" == outcomes["jax.jit:train_step"] == outcomes["jax.jit:draws"]
    assert {"repeats"} == {*outcomes.values()}
    assert ["jax.pure_callback"] == [*left_out]
    assert "does not export" in left_out["jax.pure_callback"]
    assert [100] in [one["shape"] for one in step.arguments[0]]
    assert b"jax_programs" not in text
    assert b"experiments" not in text


@pytest.mark.frameworks
@pytest.mark.slow
def test_an_anonymous_file_holds_no_program():
    """The names of functions stand in a program."""
    found = recorded("jax_programs.py")
    named = json.loads(portable.document(found.observed.signatures, Privacy("identified")))
    nameless = json.loads(portable.document(found.observed.signatures, Privacy("anonymous")))

    assert any("program" in one["arguments"][1] for one in named["signatures"])
    assert not any("program" in one["arguments"][1] for one in nameless["signatures"])
    assert named["left_out"] < nameless["left_out"]
    names = [one.without_names().operator for one in found.observed.signatures]
    assert "jax.jit:a function" in names
    assert not any("train_step" in name for name in names)


@pytest.mark.frameworks
def test_both_makers_of_inputs_give_the_same_values():
    """In torch's arithmetic and in NumPy's, for every kind of statistics."""
    statistics = [
        ("float32", {"min": -3.7, "max": 11.0, "spread": 1.3, "zeros": 0.2, "negative": 0.4, "nonfinite": 0.0}),
        ("float64", {"min": 0.25, "max": 900.0, "spread": 9.0, "zeros": 0.0, "negative": 0.0, "nonfinite": 0.01}),
        ("float32", {"min": -9.0, "max": -2.0}),
        (
            "int64",
            {"min": 0, "max": 99_999, "sampled": 4096, "distinct": 40, "top": 0.5, "sorted": False, "zeros": 0.0},
        ),
        ("int32", {"min": -5, "max": 70, "sampled": 4096, "distinct": 76, "top": 0.02, "sorted": True, "zeros": 0.1}),
        ("bool", {"zeros": 0.3}),
        ("complex64", {}),
    ]
    script = (
        "import importlib, importlib.util, json, sys\n"
        f"spec = importlib.util.spec_from_file_location('entry', {str(ROOT / 'checks' / '__main__.py')!r})\n"
        "entry = importlib.util.module_from_spec(spec); spec.loader.exec_module(entry)\n"
        f"entry._load_payload({str(ROOT / 'checks')!r})\n"
        "import numpy, torch\n"
        "base = '_auditor_checks.recorders.signatures.'\n"
        "ours = importlib.import_module(base + 'torch.made')\n"
        "other = importlib.import_module(base + 'numpy_made')\n"
        "same = []\n"
        "for number, (described, told) in enumerate(json.loads(sys.argv[1])):\n"
        "    one = ours.tensor(torch, described, told, number).numpy()\n"
        "    two = other.array(numpy, numpy.dtype(described['tensor']), described['shape'], told, number)\n"
        "    same.append(one.tobytes() == two.tobytes() and len(set(one.ravel().tolist())) > 1)\n"
        "print(json.dumps(same))\n"
    )
    asked = json.dumps([[dict(made.tensor(57, 33, dtype=dtype)), told] for dtype, told in statistics])
    done = subprocess.run([AUDITED, "-B", "-c", script, asked], capture_output=True, check=True, text=True)

    assert [True] * len(statistics) == json.loads(done.stdout.splitlines()[-1])


@pytest.mark.frameworks
def test_what_cannot_be_called_is_left_out_with_its_reason():
    """Nothing is left out in silence; a number that is no operator's is refused by the framework."""
    matmul = made.signature("tf.MatMul", {"tensor": "float32", "shape": [2, 3]}, {"tensor": "float32", "shape": [4, 5]})
    matmul.arguments[1].update({"T": 1})
    unknown = made.signature("tf.NoSuchOperator", {"tensor": "float32", "shape": [2]})
    handle = made.signature("tf.ReadFile", {"tensor": "string", "shape": [], "opaque": "a tensor of dtype string"})
    for one in (matmul, unknown, handle):
        one.settings.update(mode="eager", threads=0)
    found = measure.measure(AUDITED, [matmul, unknown, handle], 120)

    assert not found.measured
    assert "InvalidArgumentError" in found.left_out[matmul.id]
    assert "not registered" in found.left_out[unknown.id]
    assert "dtype string" in found.left_out[handle.id]
