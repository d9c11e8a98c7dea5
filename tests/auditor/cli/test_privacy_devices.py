"""Adapters, GPUs, firmware and jobs of a cluster's machine, planted in real facts, searched in every file written."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

AUDITOR = str(Path(sys.executable).with_name("auditor"))
ADAPTER = {
    "mlx5_0/fw_ver": "28.39.1002",
    "mlx5_0/node_guid": "506b:4b03:00b1:2c3d",
    "mlx5_0/board_id": "MT_0000000838",
    "mlx5_0/ports/1/state": "4: ACTIVE",
}
VARIABLES = {
    "SLURM_JOB_ID": "9047173",
    "SLURM_JOBID": "9047173",
    "SLURM_ARRAY_JOB_ID": "9047170",
    "SLURM_NTASKS": "8",
    "NCCL_PLANTED_GID": "fe80:0000:0000:0000:506b:4b03:00b1:2c3e",
    "NCCL_PLANTED_IPV6": "2001:db8:85a3::8a2e:370:7334",
    "NCCL_PLANTED_FILE": "/scratch/slurm-9047173.out",
    "NVIDIA_VISIBLE_DEVICES": "MIG-8c2f3a10-1b2c-4d3e-8f90-a1b2c3d4e5f6",
    "CUDA_VISIBLE_DEVICES": "GPU-9d2f3a10-1b2c-4d3e-8f90-a1b2c3d4e5f6",
    "NCCL_PLANTED_TEXT": "DMI: chassis, Serial Number: 7XK2Q13B",
}
WORDS = (
    *(
        "506b:4b03:00b1:2c3d",
        "506b:4b03:00b1:2c3e",
        "2001:db8",
        "8a2e:370",
        "8c2f3a10",
        "9d2f3a10",
        "a1b2c3d4e5f6",
        "7XK2Q13B",
    ),
    *("9047173", "9047170"),
)
SITE = """
import builtins, os
def moved(call):
    return lambda path, *more, **named: call(
        path.replace("/sys/class/infiniband", {folder!r}) if isinstance(path, str) else path, *more, **named)
builtins.open, os.listdir, os.path.isdir = moved(open), moved(os.listdir), moved(os.path.isdir)
"""
"""Shows every Python that folder where the kernel would show its adapters."""


@pytest.fixture
def machine(tmp_path):
    """Audits a machine with that adapter in that job; gives the texts of all files and streams, and the exit code."""
    for name, content in ADAPTER.items():
        path = tmp_path / "infiniband" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content + "\n")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(SITE.format(folder=str(tmp_path / "infiniband")))

    def run(*mode):
        command = [AUDITOR, "audit", "--python", sys.executable, "-o", "out"]
        environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path / "site")}
        done = subprocess.run(
            [*command, "--check", "python-hash-seed", *mode],
            capture_output=True,
            check=False,
            cwd=tmp_path,
            env=environment | VARIABLES,
            text=True,
            timeout=300,
        )
        files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
        texts = {path.name: path.read_text("utf-8", "replace") for path in files}
        assert done.returncode in (0, 1), done.stderr
        assert "manifest.dsse.json" in texts
        return {**texts, "stdout": done.stdout, "stderr": done.stderr}

    return run


def _found(texts):
    """The words that stand in any text by themselves, and not as a part of a digest."""
    return {
        word
        for word in WORDS
        for text in texts.values()
        if re.search(rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])", text, re.IGNORECASE)
    }


@pytest.mark.parametrize("mode", [(), ("--anonymous",)], ids=["default", "anonymous"])
def test_no_device_and_no_job_is_named_in_what_is_written(machine, mode):
    """GUIDs, GIDs, addresses, UUIDs, serial numbers and numbers of jobs; what does not identify is there."""
    texts = machine(*mode)

    assert _found(texts) == set()
    assert "28.39.1002" in texts["manifest.json"]


def test_identify_writes_what_was_planted(machine):
    """The negative control: the same search finds every word."""
    assert _found(machine("--identify")) == set(WORDS)
