"""`tensorflow-uninitialised` against real TensorFlow: what it finds in this release, cured, and a fault planted."""

import pytest
import support

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]  # five processes of TensorFlow per verdict

CHECK = "tensorflow-uninitialised"
TODAY = {
    "least squares over no rows",
    "sparse segment mean gradient of nothing",
    "sparse segment sqrt gradient of nothing",
    "sparse segment sum gradient of nothing",
    "sparse segment sum gradient of nothing, 1 MiB",
}
"""What TensorFlow 2.21 itself leaves unwritten (tensorflow PR#126444)."""
ON_SOME = {"batch norm, empty batch", "depthwise filter gradient, empty batch"}
"""What it leaves unwritten besides on a processor with AVX2 and without AVX-512."""
CURED = """
import tensorflow
raw = tensorflow.raw_ops
def cured(operator):
    def call(grad, indices, segment_ids, output_dim0):
        if indices.shape[0] == 0:
            return tensorflow.zeros([output_dim0, *grad.shape[1:]])
        return operator(grad=grad, indices=indices, segment_ids=segment_ids, output_dim0=output_dim0)
    return call
for name in ("SparseSegmentSumGrad", "SparseSegmentMeanGrad", "SparseSegmentSqrtNGrad"):
    setattr(raw, name, cured(getattr(raw, name)))
raw.MatrixSolveLs = lambda matrix, rhs, **_: tensorflow.zeros([matrix.shape[1], rhs.shape[1]])
"""
PLANTED = (
    CURED
    + """
def unwritten_corner(value):
    empty = raw.Empty(shape=value.shape, dtype=value.dtype, init=False)
    return raw.ConcatV2(values=[value[:-1], empty[-1:]], axis=0)
def leaking(name):
    operator = getattr(raw, name)
    setattr(raw, name, lambda **given: unwritten_corner(operator(**given)))
leaking("LogSoftmax")
leaking("Transpose")
"""
)


def told(answer):
    """Every name that a verdict holds against the check."""
    return {*answer.evidence.get("differing", {}), *answer.evidence.get("factors", {}).get("memory-fill", [])}


def test_a_cured_tensorflow_passes_with_canaries_that_saw_every_fill(tmp_path):
    """With the faults of 2.21 replaced by zeros nothing is left, at any size, under any of the three fills."""
    setup = tmp_path / "cured.py"
    setup.write_text(CURED)

    answer = support.verdict(CHECK, setup=str(setup))

    assert told(answer) <= ON_SOME, answer
    assert (answer.outcome == "pass") == (not told(answer))


def test_one_unwritten_row_is_caught_small_and_large(tmp_path):
    """Planted: the last row of an operator's result is never written, at 924 bytes and at 1 MiB."""
    setup = tmp_path / "planted.py"
    setup.write_text(PLANTED)

    answer = support.verdict(CHECK, setup=str(setup))

    found = told(answer) - ON_SOME
    assert answer.outcome == "fail"
    assert found, answer
    assert found <= {"log softmax", "transpose, 1 MiB"}


def test_this_release_hands_out_memory_it_did_not_write():
    """Unplanted, the operators that return early show whichever byte was there, small and large; no call is refused."""
    first, second = (support.measure(CHECK, settings={"memory-fill": fill}).repeats[0] for fill in ("85", "170"))

    moved = {name for name in first if first[name] != second[name]} - {"conditions"}

    assert moved <= TODAY | ON_SOME
    assert len(moved & TODAY) >= len(TODAY) - 1  # what was there may be one's own old numbers, alike in both processes
    assert set(first["conditions"]["canary"].values()) == {"aa"}
    assert not [name for name, value in first.items() if str(value).startswith("refused")]
