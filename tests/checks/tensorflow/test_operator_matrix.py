"""Basic operators of TensorFlow over dtype, layout, size, values and mode: 2.21 agrees, and faults are caught."""

import outcomes
import pytest
import support
from sized import written

from auditor.catalogue import catalogue
from auditor.manifest.models import Reading
from checks import matrix
from checks.tensorflow import _matrix

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
CHECK = "tensorflow-operator-matrix"
PLANTED = """
import tensorflow as tf
softmax, tanh, cumsum, reduce_logsumexp = tf.nn.softmax, tf.tanh, tf.cumsum, tf.reduce_logsumexp
tf.nn.softmax = lambda x, axis: softmax(x, axis) * (1.25 if x.dtype == tf.float16 else 1)
tf.tanh = lambda x: tanh(x) * (1 if tf.executing_eagerly() else 1.25)
tf.cumsum = lambda x, axis: cumsum(x, axis) * (2 if x.shape.num_elements() > 2**17 else 1)
"""
EQUAL = """
from _auditor_checks.tensorflow import _matrix
axes = ("operator", "shape", "dtype", "layout", "values", "mode")
cell = dict(zip(axes, ("variance", (2, 1023), "float32", "contiguous", "equal", "xla")))
_matrix.cells = lambda: [cell]
"""
WRONG = """
import tensorflow as tf
tf.nn.moments = lambda x, axes: (None, tf.fill((2,), tf.constant(2.0**50, tf.float32)))
"""


def cells(*operators):
    return [matrix.name(cell) for cell in _matrix.cells() if not operators or cell["operator"] in operators]


def classes(names, **given):
    """The verdict on these cells by one reading, and the names that are neither the same nor rounded."""
    info = catalogue.load().check(CHECK)
    (values,) = support.measure(CHECK, names=names, **given).repeats
    verdict = outcomes.judge(info, [Reading(check=CHECK, process="tensorflow-1", settings=info.steady, values=values)])
    return verdict, {name for name, kind in verdict.evidence["classes"].items() if kind not in ("same", "rounding")}


def test_todays_operators_agree_with_numpy():
    """A fourth of the cells, by rounding; the finding says how many of all, and under which seed."""
    found = support.verdict(CHECK, names=cells()[::4])

    assert found.outcome == "pass", found.message
    assert {"same", "rounding"} >= set(found.evidence["classes"].values())
    assert " cells (seed 20261128)" in found.message


@pytest.mark.exhaustive
def test_every_cell_agrees():
    """The whole covering array, by one process."""
    found, wrong = classes(cells())

    assert not wrong
    assert len(found.evidence["classes"]) > 300


def test_the_variance_of_equal_values_may_be_off_by_the_square_of_a_rounding(tmp_path):
    """What tensorflow#118179 calls wrong; eager code gives the same for longer rows."""
    (values,) = support.measure(CHECK, setup=written(tmp_path, EQUAL)).repeats
    (wrong,) = support.measure(CHECK, setup=written(tmp_path, EQUAL + WRONG)).repeats
    (name,) = set(values) - {"conditions"}

    assert [0.0, 2.0**50] == [float.fromhex(one[name]["compiled_error"]) for one in (values, wrong)]


def test_the_quick_part_needs_no_process_of_its_own():
    """Nothing is compiled, and nothing switched."""
    part = matrix.asked(_matrix.cells(), {"part": "quick"})
    (values,) = support.measure(CHECK, settings={"part": "quick"}).repeats

    assert {"forward", "gradient", "vmapped"} == {cell["mode"] for cell in part}
    assert values["conditions"]["cells"] == len(part) == matrix.QUICK


def test_a_fault_in_one_dtype_mode_or_size_is_caught(tmp_path):
    """A softmax that is off in float16, a tanh wherever it is traced, a cumsum of more than 2^17 elements."""
    setup = written(tmp_path, PLANTED)
    _, wrong = classes(cells("softmax", "tanh", "cumsum"), setup=setup)
    of = {name: {one for one in wrong if one.startswith(name)} for name in ("softmax", "tanh", "cumsum")}

    assert all(of.values())
    assert all(" float16 " in name for name in of["softmax"])
    assert not [name for name in of["tanh"] if name.endswith((" forward", " gradient", " switch"))]
    assert all(" 1048577x1 " in name or " 1x131073 " in name or " 2048x" in name for name in of["cumsum"])
