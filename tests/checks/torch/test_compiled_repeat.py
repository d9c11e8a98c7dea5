import os

import pytest
import support
from planting import setup_file

from auditor import rules
from auditor.catalogue import catalogue
from auditor.manifest.models import Reading

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
CHECK = "torch-compiled-repeat"
EMBEDDING = "gradient of the embedding"


def _two_processes(setup=""):
    """The verdict over two untouched processes; what differs there needs no other arm, so no ask is answered."""
    check = catalogue.load().check(CHECK)
    readings = [
        Reading(check=CHECK, process=f"torch-{number}", values=support.measure(CHECK, setup=setup).repeats[0])
        for number in range(2)
    ]
    answer = rules.judge(check, readings)
    if isinstance(answer, rules.Ask):
        answer = rules.judge(check, readings, [arm.settings for arm in answer.arms])
    return answer


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="a race needs two processors")
def test_the_compiled_gradient_of_an_embedding_races():
    """Graph, program and kernels are equal and the result of the scatter is not: it was executed differently."""
    verdict = _two_processes()

    assert "fail" == verdict.outcome
    assert [EMBEDDING] == list(verdict.evidence["parted"])
    assert "result" == verdict.evidence["parted"][EMBEDDING]["stage"]


def test_under_the_switch_all_stages_agree_cold_and_after_other_autotuning(tmp_path):
    """With the determinism switch set every stage is the same, in fresh processes and with a cold cache."""
    setup = setup_file(tmp_path, "torch.use_deterministic_algorithms(True)")

    verdict = support.verdict(CHECK, setup=setup)

    assert ("pass", {}) == (verdict.outcome, verdict.evidence["parted"])


def test_a_graph_that_is_traced_differently_is_named(tmp_path):
    """A constant that is drawn anew in each process parts at the first stage, in every group of tensors."""
    setup = setup_file(
        tmp_path,
        """
        import os
        real, epsilon = torch.nn.LayerNorm.__init__, int.from_bytes(os.urandom(4), "big") / 2**40
        torch.nn.LayerNorm.__init__ = lambda self, width: real(self, width, eps=epsilon)
        """,
    )

    verdict = _two_processes(setup)

    assert "fail" == verdict.outcome
    assert {"traced"} == {told["stage"] for told in verdict.evidence["parted"].values()}
    assert {EMBEDDING, "gradients of other layers", "output and loss"} == set(verdict.evidence["parted"])


def test_other_kernels_for_the_same_graph_are_named(tmp_path):
    """Inductor told to make other kernels in one process parts at the optimised program or its kernels."""
    other = setup_file(tmp_path, "import torch._inductor.config\ntorch._inductor.config.max_fusion_size = 1")
    readings = [
        Reading(check=CHECK, process=name, values=support.measure(CHECK, setup=setup).repeats[0])
        for name, setup in (("torch-1", ""), ("torch-2", other))
    ]
    stages = [dict(reading.values["output and loss"]["stages"]) for reading in readings]

    assert stages[0]["traced"] == stages[1]["traced"]
    assert stages[0]["kernels"] != stages[1]["kernels"]
