import outcomes
import pytest
import support
from planting import setup_file

from auditor.catalogue import catalogue
from auditor.manifest.models import Reading

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
ROW_BY_ROW = ("layer norm", "rms norm", "softmax", "causal attention", "relu")
"""Operators whose kernels go row by row on CPUs, or element by element in one way."""


def _judged(values):
    info = catalogue.load().check("torch-batch-invariant")
    return outcomes.judge(info, [Reading(check=info.id, process="torch-0", repeat=0, settings={}, values=values)])


def test_matrix_products_change_with_the_batch_and_row_by_row_kernels_do_not():
    """On CPU rows of a linear layer differ from the row alone, which is documented; norms and softmax hold."""
    values = support.measure("torch-batch-invariant").repeats[0]
    some = {name: value for name, value in values.items() if any(f" {each} " in name for each in ROW_BY_ROW)}
    whole, invariant = _judged(values), _judged(some)

    assert ("fail", "documented") == (whole.outcome, whole.known)
    assert "b1-b64 linear float32" in whole.evidence["broken"]
    assert "neighbours-in-b64 linear float32" in whole.evidence["held"]
    assert len(ROW_BY_ROW) * 2 * 9 == len(some)  # two dtypes, and three comparisons at three sizes
    assert "pass" == invariant.outcome


def test_a_result_that_depends_on_its_neighbours_is_news(tmp_path):
    """A softmax that looks at the whole batch differs among other neighbours, which nobody documents."""
    setup = setup_file(
        tmp_path,
        """
        plain = torch.Tensor.softmax
        torch.Tensor.softmax = lambda self, axis: plain(self * (1 + self.mean()), axis)
        """,
    )

    verdict = support.verdict("torch-batch-invariant", setup=setup)

    assert ("fail", "undocumented") == (verdict.outcome, verdict.known)
    assert "neighbours-in-b64 softmax float32" in verdict.evidence["broken"]
    assert "neighbours-in-b64 linear float32" in verdict.evidence["held"]
