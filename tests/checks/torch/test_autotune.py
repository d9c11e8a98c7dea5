import outcomes
import pytest
import support
from planting import setup_file

from auditor.catalogue import catalogue
from auditor.manifest.models import Reading

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
LAYER = "linear layer, max_autotune"
AGAIN = "product, the library's kernel again"


def test_kernels_that_autotuning_chooses_among_give_other_bits():
    """Each family is really measured, and a CPU that is offered two gives two results for one layer."""
    reply = support.measure("torch-autotune")

    if "not-applicable" == reply.tag:
        pytest.skip(f"this processor is offered one family only: {reply.reason}")
    values = reply.repeats[0]
    reading = Reading(check="torch-autotune", process="torch-1", values=values)
    verdict = outcomes.judge(catalogue.load().check("torch-autotune"), [reading])

    assert ["C++ template", "library"] == values["conditions"]["kernels"]["linear layer"]
    assert "fail" == verdict.outcome
    assert {LAYER: {"expected": 1, "observed": 2}} == verdict.evidence["broken"]


def test_families_that_agree_pass(tmp_path):
    """Weights of which only one in each row is not zero leave no sum to regroup, and all kernels agree."""
    setup = setup_file(
        tmp_path,
        """
        class Selecting(torch.nn.Linear):
            def __init__(self, inputs, outputs):
                super().__init__(inputs, outputs, bias=False)
                with torch.no_grad():
                    self.weight.zero_()
                    self.weight[:, :outputs].fill_diagonal_(1.0)
        torch.nn.Linear = Selecting
        """,
    )

    verdict = support.verdict("torch-autotune", setup=setup)

    assert "pass" == verdict.outcome
    assert [LAYER, AGAIN] == verdict.evidence["held"]


def test_a_choice_by_chance_within_one_family_is_seen(tmp_path):
    """Every second compilation sums the product in two halves, whichever kernel was chosen."""
    setup = setup_file(
        tmp_path,
        """
        import itertools, torch._inductor.select_algorithm as tuner, torch._inductor.kernel.mm as products
        turns, real = itertools.cycle((False, True)), tuner.autotune_select_algorithm
        def halves(a, b, *, out):
            torch.mm(a[:, :500], b[:500], out=out)
            return out.addmm_(a[:, 500:], b[500:])
        other = tuner.ExternKernelChoice(halves, name="halves")
        def chosen(name, choices, nodes, layout, *rest, **more):
            if name == "mm" and next(turns):
                choices = [other.bind(nodes, layout)]
            return real(name, choices, nodes, layout, *rest, **more)
        tuner.autotune_select_algorithm = products.autotune_select_algorithm = chosen
        """,
    )

    verdict = support.verdict("torch-autotune", setup=setup)

    assert {"expected": 1, "observed": 2} == verdict.evidence["broken"][AGAIN]


def test_without_a_compiler_nothing_is_tuned(monkeypatch):
    """On a CPU without a C++ compiler there is nothing to choose among."""
    monkeypatch.setenv("CXX", "no-such-compiler")

    reply = support.measure("torch-autotune")

    assert "not-applicable" == reply.tag
