import outcomes
import pytest
import support
from planting import setup_file

from auditor.catalogue import catalogue
from auditor.manifest.models import Reading

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


@pytest.fixture(scope="module", name="wide")
def _wide():
    """Skips where the processor has only the baseline's instructions."""
    reply = support.measure("torch-isa")
    if not reply.repeats[0]["conditions"]["vector kernels"]:
        pytest.skip("this processor has no vector kernels to turn off")
    return reply.repeats[0]


def test_what_the_vector_width_moves_is_recorded_and_what_it_cannot_move_is_not(wide):
    """Sums move and integers do not; the process with the least really ran with the least."""
    least = support.measure("torch-isa", settings={"isa": "least"}).repeats[0]
    readings = [_reading(wide, {}), _reading(least, {"isa": "least"})]

    verdict = outcomes.judge(catalogue.load().check("torch-isa"), readings)

    assert "pass" == verdict.outcome
    assert {"matmul", "convolution", "sums"} <= set(verdict.evidence["factors"]["isa"])
    assert not [name for name in verdict.evidence["factors"]["isa"] if name.startswith("exact: ")]
    assert "DEFAULT" == least["conditions"]["capability"]


def test_integers_that_follow_the_vector_width_are_named(wide, tmp_path):
    """A kernel that gives other integers with the least instructions is a fault, whatever else it moves."""
    setup = setup_file(
        tmp_path,
        """
        real, least = torch.Tensor.bincount, torch.backends.cpu.get_cpu_capability() == "DEFAULT"
        torch.Tensor.bincount = lambda values: real(values) + int(least)
        """,
    )

    least = support.measure("torch-isa", settings={"isa": "least"}, setup=setup).repeats[0]
    readings = [_reading(wide, {}), _reading(least, {"isa": "least"})]

    verdict = outcomes.judge(catalogue.load().check("torch-isa"), readings)

    assert ("fail", "critical") == (verdict.outcome, verdict.severity)
    assert "exact: integers" in verdict.evidence["factors"]["isa"]


def test_a_processor_without_vector_kernels_proves_nothing(monkeypatch):
    """Where the untouched process uses the least already, agreement is inconclusive."""
    monkeypatch.setenv("ATEN_CPU_CAPABILITY", "default")
    values = support.measure("torch-isa").repeats[0]
    readings = [_reading(values, {}), _reading(values, {"isa": "least"})]

    verdict = outcomes.judge(catalogue.load().check("torch-isa"), readings)

    assert "inconclusive" == verdict.outcome
    assert "vector kernels" in verdict.message


@pytest.mark.usefixtures("wide")
def test_a_factor_that_does_not_reach_the_process_is_an_error(tmp_path):
    """A process that was told to use the least and does not answers with an error, not with agreement."""
    setup = setup_file(tmp_path, "torch.backends.cpu.get_cpu_capability = lambda: 'AVX512'")

    reply = support.measure("torch-isa", settings={"isa": "least"}, setup=setup)

    assert ("error", "NotReached") == (reply.tag, reply.error)


def _reading(values, settings):
    return Reading(check="torch-isa", process=f"torch-{len(settings)}", settings=settings, values=values)
