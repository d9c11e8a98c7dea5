"""XLA flags on a GPU."""

import pytest
import support

from auditor.catalogue import catalogue
from auditor.interpreter.replies import NotApplicable


@pytest.mark.usefixtures("cuda_build", "no_gpu")
def test_without_a_gpu_the_flag_does_not_apply():
    """CUDA wheels alone compute nothing: an unset variable is no finding, and the reason names the driver's answer."""
    absent = support.measure("environment-xla-flags")

    assert isinstance(absent, NotApplicable)
    assert "no usable GPU here" in absent.reason
    assert "CUDA error 100, 0 devices" in absent.reason


@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize(
    ("value", "outcome"),
    [(None, "fail"), ("--xla_gpu_deterministic_ops=false", "fail"), ("--a=1 --xla_gpu_deterministic_ops=true", "pass")],
)
def test_with_a_gpu_the_flag_must_be_set(monkeypatch, value, outcome):
    """Unset and wrong values fail with at most medium severity, since their effect was not measured."""
    if value is not None:
        monkeypatch.setenv("XLA_FLAGS", value)

    assert outcome == support.verdict("environment-xla-flags").outcome
    assert catalogue.load().check("environment-xla-flags").severity in ("medium", "low")


@pytest.mark.usefixtures("gpu")
def test_the_last_mention_of_an_xla_flag_counts(monkeypatch):
    """A flag that is switched on and off again is off."""
    monkeypatch.setenv("XLA_FLAGS", "--xla_gpu_deterministic_ops=true --xla_gpu_deterministic_ops=false")

    assert "fail" == support.verdict("environment-xla-flags").outcome
