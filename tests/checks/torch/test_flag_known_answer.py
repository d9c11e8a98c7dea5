import pytest
import support
from planting import setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def test_every_answer_under_the_switch_is_right():
    """On torch 2.13 no operator family gives a wrong answer under the switch; `put_` without accumulate refuses."""
    verdict = support.verdict("torch-flag-known-answer")

    assert "pass" == verdict.outcome
    assert {"index_put_ accumulate", "setitem by number", "large scatter_add"} <= set(verdict.evidence["held"])
    assert "put_" not in verdict.evidence["held"]


def test_a_kernel_that_is_wrong_under_the_switch_is_found(tmp_path):
    """A write that loses its last value, a sum that raises: both only while the switch is on, both named."""
    setup = setup_file(
        tmp_path,
        """
        write, accumulate = torch.Tensor.index_put_, torch.Tensor.cumsum
        def losing(self, places, values, accumulate=False):
            if torch.are_deterministic_algorithms_enabled() and values.dim() == 1 and len(places) == 1:
                places, values = (places[0][:-1],), values[:-1]
            return write(self, places, values, accumulate=accumulate)
        def raising(self, axis):
            if torch.are_deterministic_algorithms_enabled():
                raise ValueError("no such axis")
            return accumulate(self, axis)
        torch.Tensor.index_put_, torch.Tensor.cumsum = losing, raising
        """,
    )

    verdict = support.verdict("torch-flag-known-answer", setup=setup)

    broken = verdict.evidence["broken"]
    assert ("fail", "undocumented") == (verdict.outcome, verdict.known)
    assert "[4.0, 0.0, 0.0, 2.0]" == broken["index_put_"]["observed"]
    assert "'raised ValueError'" == broken["cumsum"]["observed"]
    assert {"index_put_ accumulate", "large index_put_ accumulate"} <= set(broken)
    assert {"index_put_ accumulate rows", "scatter", "put_ accumulate"} <= set(verdict.evidence["held"])
