import outcomes
import pytest
import support
from planting import setup_file

from auditor import rules
from auditor.catalogue import catalogue
from auditor.manifest.models import Reading

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
CHECK = "torch-compiled-repeat"
EMBEDDING = "gradient of the embedding"
SWITCH = "torch.use_deterministic_algorithms(True)"


@pytest.fixture(scope="module")
def plain():
    """What one untouched process gave: compiling takes half a minute, and each fault is compared with this."""
    return support.measure(CHECK).repeats[0]


def _judged(*values, settings=({}, {})):
    """The verdict over one process for each of these; what differs there needs no other arm, so no ask is answered."""
    check = catalogue.load().check(CHECK)
    readings = [
        Reading(check=CHECK, process=f"torch-{number}", settings=chosen, values=found)
        for number, (found, chosen) in enumerate(zip(values, settings, strict=True))
    ]
    answer = outcomes.judge(check, readings)
    if isinstance(answer, rules.Ask):
        answer = outcomes.judge(check, readings, [arm.settings for arm in answer.arms])
    return answer


def test_only_the_compiled_gradient_of_an_embedding_may_race(plain):
    """
    Graph, program and kernels are equal, and so are all results but that of the scatter.

    Whether its threads meet is chance on a busy machine. So the verdict is over a result that is replaced.
    """
    again = support.measure(CHECK).repeats[0]
    stages = plain[EMBEDDING]["stages"]
    raced = {**plain, EMBEDDING: {"stages": [*stages[:-1], ["result", "ab" * 32]]}}
    verdict = _judged(plain, raced)

    assert stages[:-1] == again[EMBEDDING]["stages"][:-1]
    assert {name: value for name, value in plain.items() if name != EMBEDDING} == {
        name: value for name, value in again.items() if name != EMBEDDING
    }
    assert "fail" == verdict.outcome
    assert [EMBEDDING] == list(verdict.evidence["parted"])
    assert "result" == verdict.evidence["parted"][EMBEDDING]["stage"]


def test_under_the_switch_all_stages_agree_with_a_cold_cache(tmp_path):
    """
    With the determinism switch set every stage is the same in a process with an empty cache.

    Other autotuning is measured before a release (the next test); here its reading is a copy of the first.
    """
    setup, arms = setup_file(tmp_path, SWITCH), ({}, {}, {"compile-cache": "cold"})
    values = [support.measure(CHECK, setup=setup, settings=settings).repeats[0] for settings in arms]

    verdict = _judged(*values, values[0], settings=(*arms, {"autotune": "inverse"}))

    assert ("pass", {}) == (verdict.outcome, verdict.evidence["parted"])


@pytest.mark.exhaustive
def test_under_the_switch_all_stages_agree_in_every_arm(tmp_path):
    """The same in fresh processes, with a cold cache, and after other autotuning."""
    verdict = support.verdict(CHECK, setup=setup_file(tmp_path, SWITCH))

    assert ("pass", {}) == (verdict.outcome, verdict.evidence["parted"])


def test_a_graph_that_is_traced_differently_is_named(plain, tmp_path):
    """A constant that is drawn anew in each process parts at the first stage, in every group of tensors."""
    setup = setup_file(
        tmp_path,
        """
        import os
        real, epsilon = torch.nn.LayerNorm.__init__, int.from_bytes(os.urandom(4), "big") / 2**40
        torch.nn.LayerNorm.__init__ = lambda self, width: real(self, width, eps=epsilon)
        """,
    )

    verdict = _judged(plain, support.measure(CHECK, setup=setup).repeats[0])

    assert "fail" == verdict.outcome
    assert {"traced"} == {told["stage"] for told in verdict.evidence["parted"].values()}
    assert {EMBEDDING, "gradients of other layers", "output and loss"} == set(verdict.evidence["parted"])


def test_other_kernels_for_the_same_graph_are_named(plain, tmp_path):
    """Inductor told to make other kernels in one process parts at the optimised program or its kernels."""
    setup = setup_file(tmp_path, "import torch._inductor.config\ntorch._inductor.config.max_fusion_size = 1")

    stages = [
        dict(values["output and loss"]["stages"]) for values in (plain, support.measure(CHECK, setup=setup).repeats[0])
    ]

    assert stages[0]["traced"] == stages[1]["traced"]
    assert stages[0]["kernels"] != stages[1]["kernels"]
