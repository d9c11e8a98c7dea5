import pytest
from once import judged
from planting import setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def test_exported_programs_agree_with_eager():
    """As captured, an exported program has eager's bits and gradients; decomposed it differs by rounding at most."""
    verdict = judged("torch-export-eager")

    assert "pass" == verdict.outcome
    captured = {kind for name, kind in verdict.evidence["classes"].items() if name.endswith("/export")}
    assert {"same"} == captured
    assert {"output/export decomposed", "gradient convolution.weight/export"} <= set(verdict.evidence["classes"])


def test_a_decomposition_that_changes_the_formula_is_wrong(tmp_path):
    """A decomposed program whose GELU is another one fails, and only in the decomposed form."""
    setup = setup_file(
        tmp_path,
        """
        real = torch.export.ExportedProgram.run_decompositions
        def run_decompositions(self, *more, **named):
            program = real(self, *more, **named)
            for node in program.graph.nodes:
                if node.target is torch.ops.aten.gelu.default:
                    node.target = torch.ops.aten.relu.default
            program.graph_module.recompile()
            return program
        torch.export.ExportedProgram.run_decompositions = run_decompositions
        """,
    )

    verdict = judged("torch-export-eager", setup)

    assert ("fail", "wrong") == (verdict.outcome, verdict.evidence["class"])
    assert "export decomposed" == verdict.evidence["first_beyond"]["rung"]
