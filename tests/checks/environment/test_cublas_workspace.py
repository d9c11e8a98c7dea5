"""The workspace of cuBLAS."""

from pathlib import Path

import support

from auditor.interpreter.replies import NotApplicable


def test_the_workspace_must_be_one_of_two(monkeypatch, request):
    """Without CUDA it does not apply; with a CUDA build unset and wrong values fail and the right one passes."""
    absent = support.measure("environment-cublas-workspace")
    request.getfixturevalue("cuda_build")
    outcomes = []
    for value in (None, ":0:0", ":4096:8"):
        if value is not None:
            monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", value)
        outcomes.append(support.verdict("environment-cublas-workspace").outcome)

    assert outcomes == ["fail", "fail", "pass"]
    assert isinstance(absent, NotApplicable) or Path("/proc/driver/nvidia/version").exists()
