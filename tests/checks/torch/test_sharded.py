import pytest
from once import judged
from planting import setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
RANKS = "gloo ranks after the step"


def test_two_ranks_train_as_one_process_does():
    """DDP's step is the whole batch's up to rounding, and both ranks end with the same bits."""
    verdict = judged("torch-sharded")

    assert "pass" == verdict.outcome
    assert "same" == verdict.evidence["classes"][RANKS]
    assert "gloo parameter 0.1.weight" in verdict.evidence["classes"]


def test_gradients_that_are_not_averaged_are_wrong(tmp_path):
    """Ranks that keep their own gradients differ from the whole batch and from each other."""
    setup = setup_file(
        tmp_path,
        """
        class Alone(torch.nn.Module):
            def __init__(self, module):
                super().__init__()
                self.module = module
            def forward(self, rows):
                return self.module(rows)
        torch.nn.parallel.DistributedDataParallel = Alone
        """,
    )

    verdict = judged("torch-sharded", setup)

    assert ("fail", "wrong") == (verdict.outcome, verdict.evidence["class"])
    assert {"beyond"} == {verdict.evidence["classes"][name] for name in (RANKS, "gloo gradient 0.1.weight")}


def test_ranks_that_differ_by_one_bit_fail_alone(tmp_path):
    """One rank whose parameter is one bit off fails though the step itself is within rounding."""
    setup = setup_file(
        tmp_path,
        """
        real = torch.save
        def save(found, path):
            if path.endswith("rank-1.pt"):
                found["parameter 3.bias"] = torch.nextafter(found["parameter 3.bias"], torch.tensor(9.0))
            real(found, path)
        torch.save = save
        """,
    )

    verdict = judged("torch-sharded", setup)

    assert [RANKS] == [name for name, kind in verdict.evidence["classes"].items() if kind == "beyond"]
