"""Basic operators of JAX over dtype, layout, size, values and mode: what 0.10.2 loses is named, faults are caught."""

import outcomes
import pytest
import support

from auditor.catalogue import catalogue
from auditor.manifest.models import Reading
from checks import matrix

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
CHECK = "jax-operator-matrix"
LOST = {"amax 2048x7 float32 transposed nan vmapped"}
MODES = ("forward", "gradient", "compiled", "vmapped")
PLANTED = """
import jax
from jax import numpy as jnp
softmax, tanh = jax.nn.softmax, jnp.tanh
jax.nn.softmax = lambda x, axis: softmax(x, axis) * (1.25 if x.dtype == "float16" else 1)
jnp.tanh = lambda x: tanh(x) * (1.25 if isinstance(x, jax.core.Tracer) else 1)
"""


def cells(chosen):
    return [matrix.name(cell) for cell in matrix.cells(MODES) if chosen(cell)]


def of_nan_in_a_maximum(cell):
    return cell["operator"] in ("amax", "amin") and cell["values"] == "nan"


def classes(names, **given):
    """The class of each of these cells, as the rule gives it to one reading."""
    info = catalogue.load().check(CHECK)
    (values,) = support.measure(CHECK, names=names, **given).repeats
    verdict = outcomes.judge(info, [Reading(check=CHECK, process="jax-1", settings=info.steady, values=values)])
    return verdict, {name for name, kind in verdict.evidence["classes"].items() if kind not in ("same", "rounding")}


def test_nan_is_lost_by_large_maxima():
    """On jaxlib 0.10.2 maxima and minima of 4,096 and more float32 or float64 elements ignore NaN."""
    found, wrong = classes(cells(lambda cell: cell["operator"] in ("amax", "amin")))

    assert found.outcome == "fail"
    assert wrong == LOST


@pytest.mark.exhaustive
def test_nothing_else_is_wrong():
    """Every cell of the covering array."""
    found, wrong = classes(cells(lambda _: True))

    assert wrong == LOST
    assert len(found.evidence["classes"]) > 300


def test_the_other_cells_pass():
    """The verdict of an audit in which no cell has a NaN in a maximum, on a third of the cells."""
    found = support.verdict(CHECK, names=cells(lambda cell: not of_nan_in_a_maximum(cell))[::3])

    assert found.outcome == "pass", found.message
    assert " cells (seed 20261128)" in found.message


def test_a_fault_in_one_dtype_or_mode_is_caught(tmp_path):
    """A softmax that is off in float16, a tanh that is off wherever JAX traces it."""
    setup = tmp_path / "setup.py"
    setup.write_text(PLANTED)
    _, wrong = classes(cells(lambda cell: cell["operator"] in ("softmax", "tanh")), setup=str(setup))

    assert {name.partition(" ")[0] for name in wrong} == {"softmax", "tanh"}
    assert all(" float16 " in name for name in wrong if name.startswith("softmax"))
    assert not [name for name in wrong if name.startswith("tanh") and name.endswith(" forward")]
