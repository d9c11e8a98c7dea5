"""XLA flags on a GPU."""

from pathlib import Path

import pytest
import support

from auditor.interpreter.replies import NotApplicable


def test_deterministic_kernels_must_be_asked_for(monkeypatch, request):
    """Without CUDA it does not apply; with a CUDA build unset and wrong values fail and the right one passes."""
    absent = support.measure("environment-xla-flags")
    request.getfixturevalue("cuda_build")
    outcomes = []
    for value in (None, "--xla_gpu_deterministic_ops=false", "--a=1 --xla_gpu_deterministic_ops=true"):
        if value is not None:
            monkeypatch.setenv("XLA_FLAGS", value)
        outcomes.append(support.verdict("environment-xla-flags").outcome)

    assert outcomes == ["fail", "fail", "pass"]
    assert isinstance(absent, NotApplicable) or Path("/proc/driver/nvidia/version").exists()


@pytest.mark.usefixtures("cuda_build")
def test_the_last_mention_of_an_xla_flag_counts(monkeypatch):
    """A flag that is switched on and off again is off."""
    monkeypatch.setenv("XLA_FLAGS", "--xla_gpu_deterministic_ops=true --xla_gpu_deterministic_ops=false")

    assert support.verdict("environment-xla-flags").outcome == "fail"
