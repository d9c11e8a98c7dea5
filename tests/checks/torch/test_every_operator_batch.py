import outcomes
import pytest
import support
from planting import setup_file

from auditor.catalogue import catalogue
from auditor.manifest.models import Reading

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]

ID = "torch-every-operator-batch"
FAULT = """
real = torch.sinh
torch.sinh = lambda x: real(x) * (1 + len(x) / 10_000)  # NOT OK: a row's result follows the number of rows
"""


def _judged(**more):
    reply = support.measure(ID, **more)
    reading = Reading(check=ID, process="torch-1", settings={}, values=reply.repeats[0])
    told = [{"threads": "1"}, *({"memory-fill": fill} for fill in ("85", "170", "255"))]
    return outcomes.judge(catalogue.load().check(ID), [reading], told)


def test_a_row_that_depends_on_the_number_of_rows_is_named(tmp_path):
    """The operator with the fault is beyond rounding; those without it agree."""
    names = ["sinh float32", "cosh float32", "matmul float32"]

    verdict = _judged(setup=setup_file(tmp_path, FAULT), names=names)

    assert "fail" == verdict.outcome
    assert ["sinh float32"] == [name for name, kind in verdict.evidence["classes"].items() if kind == "beyond"]
    assert set(names) == set(verdict.evidence["classes"])


def test_rows_of_some_operators_agree_up_to_rounding():
    """A matrix product, a convolution, a softmax and a function of each element, without the fault."""
    names = {"sinh float32", "softmax float32", "matmul float32", "nn.functional.conv2d float32"}

    verdict = _judged(names=sorted(names))

    assert "pass" == verdict.outcome
    assert names == set(verdict.evidence["classes"])


@pytest.mark.exhaustive
def test_rows_agree_up_to_rounding():
    """Some two hundred operators give for a row what they give for it alone, up to rounding."""
    verdict = _judged()

    assert "pass" == verdict.outcome
    assert 190 < len(verdict.evidence["classes"])
    assert {"softmax float32", "exp float32", "nn.functional.conv2d float32"} <= set(verdict.evidence["classes"])
