"""The workspace of cuBLAS."""

import pytest
import support

from auditor.catalogue import catalogue
from auditor.interpreter.replies import NotApplicable


@pytest.mark.usefixtures("cuda_build", "no_gpu")
def test_without_a_gpu_the_workspace_does_not_apply():
    """CUDA wheels alone compute nothing: an unset variable is no finding, and the reason names the driver's answer."""
    absent = support.measure("environment-cublas-workspace")

    assert isinstance(absent, NotApplicable)
    assert "no usable NVIDIA GPU here" in absent.reason
    assert "CUDA error 100, 0 devices" in absent.reason


@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize(("value", "outcome"), [(None, "fail"), (":0:0", "fail"), (":4096:8", "pass")])
def test_with_a_gpu_the_workspace_must_be_set(monkeypatch, value, outcome):
    """Unset and wrong values fail with at most medium severity, since their effect was not measured."""
    if value is not None:
        monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", value)

    assert outcome == support.verdict("environment-cublas-workspace").outcome
    assert catalogue.load().check("environment-cublas-workspace").severity in ("medium", "low")
