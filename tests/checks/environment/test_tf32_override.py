"""The override of TF32."""

import pytest
import support

from auditor.catalogue import catalogue
from auditor.interpreter.replies import NotApplicable


@pytest.mark.usefixtures("cuda_build", "no_gpu")
def test_without_a_gpu_the_override_does_not_apply():
    """CUDA wheels alone compute nothing: an unset variable is no finding, and the reason names the driver's answer."""
    absent = support.measure("environment-tf32-override")

    assert isinstance(absent, NotApplicable)
    assert "no usable NVIDIA GPU here" in absent.reason
    assert "CUDA error 100, 0 devices" in absent.reason


@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize(("value", "outcome"), [(None, "fail"), ("maybe", "fail"), ("0", "pass")])
def test_with_a_gpu_the_override_must_be_set(monkeypatch, value, outcome):
    """Unset and wrong values fail with at most medium severity, since their effect was not measured."""
    if value is not None:
        monkeypatch.setenv("NVIDIA_TF32_OVERRIDE", value)

    assert outcome == support.verdict("environment-tf32-override").outcome
    assert catalogue.load().check("environment-tf32-override").severity in ("medium", "low")
