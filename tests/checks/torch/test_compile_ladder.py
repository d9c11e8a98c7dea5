import pytest
import support
from once import judged
from planting import setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
CHECK = "torch-compile-ladder"


def test_no_layer_moves_more_than_rounding_and_the_first_that_moves_bits_is_named():
    """Dynamo and ahead-of-time autograd give eager's bits; the decomposition of operators is the first not to."""
    verdict = judged(CHECK)

    assert "pass" == verdict.outcome
    assert "aot_eager_decomp_partition" == verdict.evidence["first_moved"]["rung"]
    assert "the first with different bits is aot_eager_decomp_partition" in verdict.message
    assert "first_beyond" not in verdict.evidence


def test_the_layer_that_is_wrong_is_named(tmp_path):
    """A fault planted in the backend `aot_eager` alone fails, and the finding names that rung and no other."""
    setup = setup_file(
        tmp_path,
        """
        real = torch.compile
        def compile(model, backend, **options):
            compiled = real(model, backend=backend, **options) if backend == "aot_eager" else model
            def changed(*inputs):
                output, loss = compiled(*inputs)
                return (output * 1.001 if backend == "aot_eager" else output), loss
            return changed
        torch.compile = compile
        """,
    )

    verdict = judged(CHECK, setup)

    assert ("fail", "wrong") == (verdict.outcome, verdict.evidence["class"])
    assert {"rung": "aot_eager", "tensors": ["output"]} == verdict.evidence["first_beyond"]
    assert ["output/aot_eager"] == [name for name, kind in verdict.evidence["classes"].items() if kind == "beyond"]


def test_without_a_compiler_the_ladder_ends_before_inductor(monkeypatch):
    """The rungs that need no C++ compiler are measured without one."""
    monkeypatch.setenv("CXX", "no-such-compiler")

    values = support.measure(CHECK).repeats[0]

    assert ["eager", "aot_eager", "aot_eager_decomp_partition"] == values["conditions"]["ladder"]
