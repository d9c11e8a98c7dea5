import pytest
from once import judged
from planting import setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def test_traced_and_scripted_code_agrees_with_eager():
    """Trace and script agree in the first and the last call, in both branches."""
    verdict = judged("torch-torchscript-eager")

    assert "pass" == verdict.outcome
    assert {"same", "rounding"} >= set(verdict.evidence["classes"].values())
    assert {"running mean, rising/scripted", "output/traced, last call"} <= set(verdict.evidence["classes"])


def test_a_trace_that_kept_another_branch_is_wrong(tmp_path):
    """A function that is traced where it should be scripted keeps one branch, and is wrong in the other alone."""
    setup = setup_file(
        tmp_path,
        "torch.jit.script = lambda function: torch.jit.trace(function, torch.full((40, 30), 2.0), check_trace=False)",
    )

    verdict = judged("torch-torchscript-eager", setup)

    beyond = [name for name, kind in verdict.evidence["classes"].items() if kind == "beyond"]
    assert ("fail", "wrong") == (verdict.outcome, verdict.evidence["class"])
    assert ["running mean, falling/scripted"] == beyond
