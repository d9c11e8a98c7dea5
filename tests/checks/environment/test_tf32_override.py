"""The override of TF32."""

from pathlib import Path

import support

from auditor.interpreter.replies import NotApplicable


def test_the_override_must_be_said(monkeypatch, request):
    """Without CUDA it does not apply; with a CUDA build unset and wrong values fail and the right one passes."""
    absent = support.measure("environment-tf32-override")
    request.getfixturevalue("cuda_build")
    outcomes = []
    for value in (None, "maybe", "0"):
        if value is not None:
            monkeypatch.setenv("NVIDIA_TF32_OVERRIDE", value)
        outcomes.append(support.verdict("environment-tf32-override").outcome)

    assert outcomes == ["fail", "fail", "pass"]
    assert isinstance(absent, NotApplicable) or Path("/proc/driver/nvidia/version").exists()
