import outcomes
import pytest
import support
from planting import setup_file

from auditor.catalogue import catalogue
from auditor.manifest.models import Reading

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]

ID = "torch-every-operator-compiled"
NAMES = ["softmax float32", "nn.functional.silu float32", "index_add float32", "argmax float32", "bincount int64"]
FAULT = """
real = torch.nn.functional.silu
def silu(x, inplace=False):  # NOT OK: compiled code computes something else
    return real(x) * (1.001 if torch.compiler.is_compiling() else 1.0)
torch.nn.functional.silu = silu
"""


def _judged(names, **more):
    reply = support.measure(ID, names=names, **more)
    reading = Reading(check=ID, process="torch-1", settings={}, values=reply.repeats[0])
    told = [{"memory-fill": fill} for fill in ("85", "170", "255")]
    return reply.repeats[0]["conditions"], outcomes.judge(catalogue.load().check(ID), [reading], told)


def test_a_compiled_operator_that_computes_something_else_is_named(tmp_path):
    """Its result and its gradient are beyond rounding; the operators beside it in the graph are not."""
    _, verdict = _judged(["softmax float32", "nn.functional.silu float32"], setup=setup_file(tmp_path, FAULT))

    assert "fail" == verdict.outcome
    beyond = [name for name, kind in verdict.evidence["classes"].items() if kind == "beyond"]
    assert ["nn.functional.silu float32", "nn.functional.silu float32 gradient 0"] == beyond


def test_compiled_operators_agree_up_to_rounding():
    """The real compiler's results and gradients pass, and nothing was left out."""
    conditions, verdict = _judged(NAMES)

    assert "pass" == verdict.outcome
    assert {"operators": len(NAMES), "not compiled": {}} == conditions
    assert {"index_add float32 gradient 1", "bincount int64"} <= set(verdict.evidence["classes"])


LOSES_NAN = """
real = torch.maximum
def maximum(a, b):  # NOT OK: compiled code gives the second operand where the first is NaN
    return torch.where(a > b, a, b) if torch.compiler.is_compiling() else real(a, b)
torch.maximum = maximum
"""
SPECIAL = ["NaN first: maximum", "NaN second: maximum", "pairs of special values: minimum"]


def _beyond(verdict):
    return sorted(name for name, kind in verdict.evidence["classes"].items() if kind == "beyond")


def test_a_nan_that_compiled_code_loses_is_seen(tmp_path):
    """One operand of two is enough, in the code for vectors and in that for a single element."""
    _, verdict = _judged(SPECIAL, setup=setup_file(tmp_path, LOSES_NAN))

    assert {"NaN first: maximum", "pairs of special values: maximum"} <= set(_beyond(verdict))
    assert not {"NaN first: minimum", "NaN second: maximum"} & set(_beyond(verdict))


@pytest.mark.exhaustive
def test_what_leaves_no_room_for_rounding_on_this_release():
    """With torch 2.13, compiled `remainder` by infinity is NaN, and compiled `acosh` of large numbers is infinite."""
    names = [*SPECIAL, "special values: acosh", "NaN alone: sin of atan", "exact: sum of 16385"]
    _, verdict = _judged(names)

    assert ["pairs of special values: remainder", "special values: acosh"] == _beyond(verdict)
    assert {"exact: places of 131075", "exact: running sum of 32767"} <= set(verdict.evidence["classes"])
