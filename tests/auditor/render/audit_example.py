"""One audit as a person would meet it, with fixed values: golden files are made of it."""

from __future__ import annotations

from auditor.manifest.models import (
    AuditorInfo,
    Digest,
    Fact,
    Finding,
    Manifest,
    Predicate,
    Reach,
    Reading,
    Run,
    Subject,
)

PAYLOAD_SHA256 = "5a" * 32

DISTRIBUTIONS = {
    "jax": {"version": "0.10.2", "wheel_tag": "py3-none-any", "installer": "pip", "origin": "index"},
    "my-model": {"version": "0.3.0", "origin": "folder", "editable": True},
    "numpy": {"version": "2.4.0", "installer": "pip", "origin": "index"},
    "pip": {"version": "26.3", "origin": "index"},
    "torch": {"version": "2.13.0+cpu", "installer": "pip", "origin": "index"},
    "trl-fork": {"version": "1.0.dev0", "origin": "git", "commit": "0123abc", "url": "https://example.org/trl"},
}


def value(content, role="software", source="sys") -> Fact:
    """A fact with a value."""
    return Fact(state="value", role=role, value=content, source=source)


FACTS = {
    "env": value({"CUDA_HOME": "/opt/cuda", "OMP_NUM_THREADS": "4", "TF_TOKEN": {"redacted": True}}),
    "host.architecture": value("x86_64", "machine"),
    "host.cpu.cores": value(2, "machine"),
    "host.cpu.governor": Fact(state="unknown", role="machine", reason="no cpufreq", source="/sys"),
    "host.cpu.model": value("Example CPU | 2.00GHz", "machine", "/proc/cpuinfo"),
    "host.gpu.driver": Fact(state="error", role="machine", reason="OSError: no device", source="nvml"),
    "host.libc.version": value("2.35"),
    "host.os.id": value("ubuntu"),
    "host.os.version": value("22.04"),
    "jax.config.jax_enable_x64": value("false"),
    "jax.version": Fact(state="not-applicable", role="software", reason="jax is not installed"),
    "python.distributions": value(DISTRIBUTIONS),
    "python.implementation": value("CPython"),
    "python.version": value("3.12.11"),
    "torch.devices": value([{"name": "Example GPU", "memory": 80}], "machine", "torch.cuda"),
    "torch.cudnn.benchmark": value(0, source="torch.backends.cudnn.benchmark"),
    "torch.version": value("2.13.0+cpu"),
}

FINDINGS = [
    Finding(
        check="python-hash-seed",
        framework="python",
        outcome="fail",
        severity="medium",
        kind="setup",
        known="documented",
        title="Sets of strings iterate in the same order in every process.",
        message="order gave 2 different results in 2 processes",
        evidence={"differing": {"order": 2}, "readings": 2},
        remedy="export `PYTHONHASHSEED=0` in the job that launches training; inside the program it is too late.",
        remedy_env={"PYTHONHASHSEED": "0"},
    ),
    Finding(
        check="torch-index-put-race",
        framework="torch",
        outcome="fail",
        severity="high",
        kind="release",
        reach=Reach(state="unknown"),
        known="undocumented",
        title="index_put with accumulate gives the same bits in every call.",
        message="index_put gave 3 different results in 3 calls with equal inputs. Measured, under `threads`: identical",
        evidence={
            "differing": {"index_put": 3},
            "rate_bound_95": (0.7764).hex(),
            "under": {"threads": "identical"},
            "releases": [{"name": "index_put", "fails": ["torch 2.13.0"], "passes": ["torch 2.14.1"]}],
        },
        remedy="Use `index_add` with sorted indices, or one thread.",
    ),
    Finding(
        check="torch-scatter",
        framework="torch",
        outcome="fail",
        severity="low",
        kind="release",
        reach=Reach(state="unknown"),
        known="documented-and-cured",
        title="scatter_add gives the same bits in every call.",
        message="scatter_add gave 2 different results in 3 calls with equal inputs",
        remedy="Call `torch.use_deterministic_algorithms(True)`.",
        remedy_env={"CUBLAS_WORKSPACE_CONFIG": ":4096:8"},
    ),
    *(
        Finding(
            check=f"{framework}-same-seed",
            framework=framework,
            outcome=outcome,
            severity="high",
            kind="release",
            title="The same seed gives the same bits.",
            message=message,
        )
        for framework, outcome, message in (
            ("torch", "pass", "4 values agree bit for bit in 4 readings of 2 processes"),
            ("python", "pass", "2 values agree bit for bit in 2 readings of 2 processes"),
            ("jax", "not-applicable", "jax is not installed"),
            ("tensorflow", "error", "the process was killed by SIGSEGV"),
        )
    ),
    Finding(
        check="torch-uninitialised",
        framework="torch",
        outcome="inconclusive",
        severity="critical",
        kind="release",
        title="No result depends on what fresh memory holds.",
        message="no canary shows that the memory fill reaches this framework's buffers",
    ),
]

READINGS = [
    Reading(check="torch-same-seed", process="main", values={"weights": "ab" * 32}),
    Reading(check="torch-same-seed", process="main", repeat=1, values={"weights": "ab" * 32}),
    Reading(check="python-hash-seed", process="p1", settings={"hash-seed": "1"}, values={"order": "cd" * 32}),
]


def manifest(facts=None, findings=None, readings=None, **run) -> Manifest:
    """The example, with its parts replaced."""
    fields = {
        "started_on": "2026-11-22T12:00:00Z",
        "finished_on": "2026-11-22T12:00:45Z",
        "tier": "quick",
        "python": "/opt/env/bin/python",
        "python_reason": "$VIRTUAL_ENV",
    }
    return Manifest(
        subject=[
            Subject(name="software-environment", digest=Digest(sha256="1b" * 32)),
            Subject(name="machine", digest=Digest(sha256="2c" * 32)),
        ],
        predicate=Predicate(
            auditor=AuditorInfo(version="0.1.0", payload_sha256="0f" * 32),
            run=Run(**{**fields, **run}),
            facts=FACTS if facts is None else facts,
            findings=FINDINGS if findings is None else findings,
            readings=READINGS if readings is None else readings,
        ),
    )
