"""A small realistic manifest in memory: what tests of everything that reads manifests share."""

from __future__ import annotations

from auditor import __version__
from auditor.manifest.models import AuditorInfo, Fact, Finding, Manifest, Predicate, Reading, Run
from auditor.manifest.profiles import MACHINE_PROFILE_V1, SOFTWARE_PROFILE_V1
from auditor.manifest.subjects import statement

VALUES = {
    "host.system": "Linux",
    "host.os.id": "debian",
    "host.os.version": "12",
    "host.libc.name": "glibc",
    "host.libc.version": "2.36",
    "python.implementation": "CPython",
    "python.version": "3.11.9",
    "python.debug": False,
    "python.free_threaded": False,
    "python.distributions": {"jax": "0.10.2", "numpy": "2.4.0", "tensorflow-cpu": "2.21.0", "torch": "2.13.0"},
    "torch.version": "2.13.0+cpu",
    "tensorflow.version": "2.21.0",
    "host.architecture": "x86_64",
    "host.cpu.vendor": "ExampleVendor",
    "host.cpu.model": "Example CPU @ 2.00GHz",
    "host.cpu.flags": ["avx2", "avx512f", "fma", "sse2"],
    "host.cpu.cores": 1,
    "host.cpu.logical": 2,
    "host.memory.total": 8 * 1024**3,
}
"""Values of facts of the profiles; keys without one here get a plain text."""


def facts() -> dict[str, Fact]:
    """Facts of every state and every role; every key of both profiles among them."""
    found = {}
    for role, keys in (("software", SOFTWARE_PROFILE_V1), ("machine", MACHINE_PROFILE_V1)):
        for key in keys:
            found[key] = Fact(state="value", role=role, value=VALUES.get(key, f"sample of {key}"), source="sample")
    absent = Fact(state="not-applicable", role="software", reason="jax is not installed", source="importlib")
    found |= {key: absent for key in found if key.startswith("jax.")}
    found["host.name"] = Fact(state="value", role="identity", value="node-7", source="uname")
    found["host.load"] = Fact(state="value", role="volatile", value=[(0.25).hex()], source="/proc/loadavg")
    found["python.executable"] = Fact(state="value", role="identity", value="/opt/env/bin/python", source="sys")
    found["host.cpu.governor"] = Fact(state="unknown", role="volatile", reason="no cpufreq", source="/sys")
    found["host.gpu.driver"] = Fact(state="error", role="volatile", reason="OSError: no device", source="nvml")
    return found


def readings() -> list[Reading]:
    """Two processes of one check, untouched and perturbed, and a number in its text form."""
    digest = "ab" * 32
    return [
        Reading(check="torch-same-seed", process="main", values={"weights": digest, "loss": (0.1).hex()}),
        Reading(check="torch-same-seed", process="main", repeat=1, values={"weights": digest, "loss": (0.1).hex()}),
        Reading(
            check="python-hash-seed",
            process="hash-seed-1",
            settings={"hash-seed": "1"},
            values={"order": "cd" * 32, "conditions": {"threads": 2}},
        ),
    ]


def findings() -> list[Finding]:
    """One finding of each outcome."""
    title = "The same seed gives the same bits."
    base = {"check": "torch-same-seed", "framework": "torch", "severity": "high", "title": title}
    return [
        Finding(**base, outcome="pass", message="2 values agree bit for bit in 2 readings of 1 processes"),
        Finding(
            check="python-hash-seed",
            framework="python",
            outcome="fail",
            severity="medium",
            known="undocumented",
            title="Sets of strings iterate in the same order in every process.",
            message="order gave 2 different results in 2 processes",
            evidence={"differing": {"order": 2}, "readings": 2},
            remedy="export `PYTHONHASHSEED=0` in the job that launches training",
            remedy_env={"PYTHONHASHSEED": "0"},
        ),
        Finding(**base | {"check": "torch-thread-race"}, outcome="inconclusive", message="needs at least 2 threads"),
        Finding(**base | {"check": "jax-same-seed", "framework": "jax"}, outcome="not-applicable", message="no jax"),
        Finding(**base | {"check": "torch-loader"}, outcome="error", message="killed by SIGSEGV"),
    ]


def predicate(**changes) -> Predicate:
    """The predicate, with fields replaced by `changes`."""
    fields = {
        "auditor": AuditorInfo(version=__version__, payload_sha256="0f" * 32),
        "run": Run(
            started_on="2026-11-22T12:00:00Z",
            finished_on="2026-11-22T12:00:45Z",
            tier="quick",
            python="/opt/env/bin/python",
            python_reason="$VIRTUAL_ENV",
        ),
        "facts": facts(),
        "readings": readings(),
        "findings": findings(),
    }
    return Predicate(**{**fields, **changes})


def manifest(about=(), **changes) -> Manifest:
    """A whole manifest with its subjects computed; `changes` replace fields of the predicate."""
    return statement(predicate(**changes), about)
