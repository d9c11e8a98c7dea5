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
