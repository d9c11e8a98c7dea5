"""The algorithm and protocol of NCCL."""

import pytest
import support

from auditor.interpreter.replies import NotApplicable


@pytest.mark.usefixtures("cuda_build", "no_gpu")
def test_without_a_gpu_nccl_does_not_apply():
    """CUDA wheels alone communicate nothing."""
    absent = support.measure("environment-nccl")

    assert isinstance(absent, NotApplicable)
    assert "no usable NVIDIA GPU here" in absent.reason


@pytest.mark.usefixtures("gpu")
def test_with_a_gpu_both_variables_must_name_one_choice(monkeypatch):
    """A list of algorithms and an unset protocol leave the choice to NCCL."""
    monkeypatch.setenv("NCCL_ALGO", "Ring,Tree")
    several = support.verdict("environment-nccl")
    monkeypatch.setenv("NCCL_ALGO", "Ring")
    monkeypatch.setenv("NCCL_PROTO", "Simple")

    assert "fail" == several.outcome
    assert ["NCCL_ALGO", "NCCL_PROTO"] == sorted(several.evidence["broken"])
    assert "pass" == support.verdict("environment-nccl").outcome
