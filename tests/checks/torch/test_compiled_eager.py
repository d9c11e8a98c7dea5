import pytest
import support
from planting import setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]

FUSIONS = {"vmap 16385x3 float64", "vmap 32769x3 float32", "dot 32769x3 float32"}
"""What is compiled beside the model."""


def _planted(folder, change):
    """A set-up file in whose process compiling gives the eager model with its output and loss changed."""
    return setup_file(
        folder,
        f"""
        def compile(model, **options):
            if not isinstance(model, torch.nn.Module):
                return model
            def changed(*inputs):
                output, loss = model(*inputs)
                return {change}
            return changed
        torch.compile = compile
        """,
    )


def test_inductor_agrees_with_eager_up_to_rounding():
    """The real compiler gives output, loss and gradients that differ by rounding only."""
    verdict = support.verdict("torch-compiled-eager")

    assert "pass" == verdict.outcome
    assert {"output", "loss", "gradient convolution.weight", *FUSIONS} <= set(verdict.evidence["classes"])
    assert {"same", "rounding"} >= set(verdict.evidence["classes"].values())


def test_the_same_code_on_both_sides_gives_the_same_bits(tmp_path):
    """A compiler that changes nothing passes without any rounding: the comparison itself adds none."""
    verdict = support.verdict("torch-compiled-eager", setup=_planted(tmp_path, "output, loss"))

    assert "pass" == verdict.outcome
    assert {"same"} == set(verdict.evidence["classes"].values())


def test_a_result_off_by_a_thousandth_is_wrong(tmp_path):
    """A compiled model scaled by 1.001 is more than rounding, in the output, the loss and every gradient."""
    verdict = support.verdict("torch-compiled-eager", setup=_planted(tmp_path, "output * 1.001, loss * 1.001"))

    assert ("fail", "wrong") == (verdict.outcome, verdict.evidence["class"])
    classes = verdict.evidence["classes"]
    assert set(classes) - FUSIONS == {name for name, kind in classes.items() if kind == "beyond"}


def test_one_wrong_row_of_a_large_fusion_is_wrong(tmp_path):
    """A compiled fusion whose last row of 32,769 is 0 differs by more than rounding; at 16,385 rows it is right."""
    planted = setup_file(
        tmp_path,
        """
        def compile(function, **options):
            def changed(*inputs):
                result = function(*inputs)
                for found in result if isinstance(result, list) else ():
                    if "vmap" in found and len(found["vmap"]) == 32769:
                        found["vmap"][-1] = 0
                return result
            return changed
        torch.compile = compile
        """,
    )

    verdict = support.verdict("torch-compiled-eager", setup=planted)

    assert ("fail", "wrong") == (verdict.outcome, verdict.evidence["class"])
    beyond = {name for name, kind in verdict.evidence["classes"].items() if kind == "beyond"}
    assert {"vmap 32769x3 float32"} == beyond


def test_a_compiled_result_that_reads_fresh_memory_is_uninitialised(tmp_path):
    """Output that the compiled code never wrote changes with the memory fill, and the class says so."""
    verdict = support.verdict("torch-compiled-eager", setup=_planted(tmp_path, "torch.empty_like(output), loss"))

    assert ("fail", "uninitialised") == (verdict.outcome, verdict.evidence["class"])
    assert ["output"] == [name for name, kind in verdict.evidence["classes"].items() if kind == "beyond"]


def test_without_a_compiler_there_is_nothing_to_compare(monkeypatch):
    """An environment without a C++ compiler makes the check not applicable, with the reason."""
    monkeypatch.setenv("CXX", "no-such-compiler")

    reply = support.measure("torch-compiled-eager")

    assert "not-applicable" == reply.tag
    assert "no-such-compiler" in reply.reason
