"""The algorithm and protocol of NCCL."""

from pathlib import Path

import support

from auditor.interpreter.replies import NotApplicable


def test_nccl_applies_with_a_device_only(monkeypatch, nvidia_device):
    """Without an NVIDIA device it does not apply; with one, both variables must name one choice."""
    absent = support.measure("environment-nccl")
    monkeypatch.setenv("NCCL_ALGO", "Ring,Tree")
    several = support.verdict("environment-nccl", setup=nvidia_device)
    monkeypatch.setenv("NCCL_ALGO", "Ring")
    monkeypatch.setenv("NCCL_PROTO", "Simple")

    assert isinstance(absent, NotApplicable) or Path("/proc/driver/nvidia/version").exists()
    assert several.outcome == "fail"
    assert sorted(several.evidence["broken"]) == ["NCCL_ALGO", "NCCL_PROTO"]
    assert support.verdict("environment-nccl", setup=nvidia_device).outcome == "pass"
