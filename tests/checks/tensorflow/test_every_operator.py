"""TensorFlow's raw operators: what moves is named with its dtype, what kills its process costs only itself."""

import os
import signal
import time

import pytest
import support

from checks.tensorflow import _raw, _raw_worker

CHECK = "tensorflow-every-operator"
NAMES = ["MatMul float32", "Softmax float32", "Cumsum int32", "RandomUniform float32", "Tanh bfloat16"]
PLANTED = """
import os
import tensorflow
raw = tensorflow.raw_ops
plain = {name: getattr(raw, name) for name in ("MatMul", "Softmax", "Cumsum")}

def unwritten_corner(**given):
    value = plain["MatMul"](**given)
    empty = raw.Empty(shape=value.shape, dtype=value.dtype, init=False)
    return raw.ConcatV2(values=[value[:-1], empty[-1:]], axis=0)

raw.MatMul = unwritten_corner
drawn = lambda dtype: tensorflow.cast(int.from_bytes(os.urandom(2), 'big'), dtype)
raw.Softmax = lambda **given: plain["Softmax"](**given) + drawn(given["logits"].dtype)
raw.Cumsum = lambda **given: os.abort()
"""
TODAY = {
    "BlockLSTMGrad",
    "BlockLSTMGradV2",
    "DepthwiseConv2dNativeBackpropFilter",
    "FusedPadConv2D",
    "FusedResizeAndPadConv2D",
    "IRFFT",
    "IRFFT2D",
    "IRFFT3D",
    "MatrixSolveLs",
    "RFFT",
    "RFFT2D",
    "RFFT3D",
    "SparseSegmentMeanGrad",
    "SparseSegmentSqrtNGrad",
    "SparseSegmentSumGrad",
}
"""What TensorFlow 2.21 leaves unwritten on a CPU, each for an empty side or an empty filter."""
SOMETIMES = {"FusedBatchNorm"}
"""Its statistics of an empty batch are unwritten too; they come from used memory, filled or not."""
REFUSED = {
    "AvgPool3DGrad",
    "Conv2DBackpropInput",
    "Conv3DBackpropFilterV2",
    "Conv3DBackpropInputV2",
    "DepthwiseConv2dNativeBackpropInput",
}
"""
Gradients of a batch of none against an input of one: refused by TensorFlow's own kernels, taken by those of oneDNN.

oneDNN's are chosen by the processor: those without AVX-512 VNNI get TensorFlow's own (measured with 2.16 and 2.21).
"""


@pytest.mark.frameworks
@pytest.mark.slow
def test_healthy_operators_pass():
    """Five entries, one that draws among them, agree in every arm, and the canaries saw every fill."""
    found = support.verdict(CHECK, names=NAMES)

    assert found.outcome == "pass", found
    assert found.message.startswith("5 values agree")


@pytest.mark.frameworks
@pytest.mark.slow
def test_what_moves_is_named_and_a_death_costs_only_itself(tmp_path):
    """Planted: a row nobody wrote, noise, and an abort; the others keep their answers."""
    setup = tmp_path / "setup.py"
    setup.write_text(PLANTED)

    found = support.verdict(CHECK, setup=str(setup), names=NAMES)
    told = {*found.evidence["differing"], *found.evidence["factors"].get("memory-fill", [])}
    single = support.measure(CHECK, setup=str(setup), names=NAMES).repeats[0]

    assert (found.outcome, found.known) == ("fail", "undocumented")
    assert told == {"MatMul float32", "Softmax float32"}
    assert "logits" in found.evidence["samples"]["Softmax float32"][0]
    assert set(single["operators"]["Cumsum int32"].split(".")) == {"!SIGABRT"}
    assert "!" not in single["operators"]["Tanh bfloat16"]


@pytest.mark.frameworks
@pytest.mark.slow
@pytest.mark.exhaustive
def test_every_operator_of_this_release():
    """All seeds replay: nothing dies or is refused, and what moves is what this release is known to leave unwritten."""
    first, second = (support.measure(CHECK, settings={"memory-fill": fill}).repeats[0] for fill in ("85", "170"))
    table, other = first["operators"], second["operators"]
    moved = {name.split(" ")[0] for name in table if table[name] != other[name]}

    assert TODAY <= moved <= TODAY | SOMETIMES
    assert first["inputs"] == second["inputs"]
    assert len({name.split(" ")[0] for name in table}) > 500
    assert {name.split(" ")[0] for name, text in table.items() if "!" in text} <= REFUSED
    assert {part for text in table.values() for part in text.split(".") if "!" in part} <= {"!InvalidArgumentError"}


def test_a_worker_that_dies_or_hangs_costs_one_item():
    """The items after a kill, an exit and a hang are answered by the next workers."""

    def work(item):
        if item == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if item == "exit":
            os._exit(3)
        if item == "hang":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(60)
        return item.upper()

    answers = list(_raw_worker.survive(["a", "kill", "b", "exit", "hang", "c"], work, 1.0))

    assert answers == ["A", "!SIGKILL", "B", "!exit 3", "!hangs", "C"]


def test_a_defect_of_the_work_is_no_answer():
    """What raises in a worker is the check's own defect and is told as such."""

    def work(item):
        raise ZeroDivisionError(item)

    with pytest.raises(_raw_worker.WorkerProblem, match="ZeroDivisionError"):
        list(_raw_worker.survive(["a"], work, 5.0))


def test_the_seeds_are_samples_of_known_shape():
    """Each entry's dtypes name its samples, every tensor is described, and most operators have an empty one."""
    seeds = _raw.seeds()
    entries = seeds["operators"].values()
    texts = [text for entry in entries for sample in entry["samples"] for text in map(str, sample.values())]

    assert seeds["candidates"] > len(seeds["operators"]) > 500
    assert all(max(numbers) < len(entry["samples"]) for entry in entries for numbers in entry["dtypes"].values())
    assert all(_raw.TENSOR.fullmatch(text) for text in texts if text.startswith("@"))
    assert sum("[0" in str(entry) or ",0" in str(entry) for entry in entries) > 200


def test_a_sample_is_told_by_its_shapes():
    """The placeholder takes each dtype in turn, and people see sides."""
    entry = {"for": "T", "samples": [{"a": "@T[2,3]", "b": ["@T[]", "@int32[2]=1,2"], "T": "$T"}]}
    cases = _raw.cases({"Op": dict(entry, dtypes={"float32": [0], "int32": [0]})}, ["Op int32"])

    assert cases == {"Op int32": [{"a": "@int32[2,3]", "b": ["@int32[]", "@int32[2]=1,2"], "T": "int32"}]}
    assert _raw.shapes(cases["Op int32"][0]) == "a 2x3, b scalar, b 2"
