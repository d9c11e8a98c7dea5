"""Findings, declarations and manifests for tests of remedies."""

from __future__ import annotations

import samples

from auditor.catalogue.catalogue import CheckInfo
from auditor.manifest.models import Fact, Finding


def finding(check, *, framework="torch", severity="high", remedy="", env=None, under=None, factors=None, **more):
    """A failed finding whose evidence holds what was measured under cures, and which factors moved it."""
    evidence = {"under": under or {}, "factors": factors or {}} | more
    return Finding(
        check=check,
        framework=framework,
        outcome="fail",
        severity=severity,
        title="A claim.",
        message="it differs",
        evidence=evidence,
        remedy=remedy,
        remedy_env=env or {},
    )


def declared(*declarations):
    """Our own catalogue, by id: each declaration is `(id, cure, remedy_env)` and perhaps other fields."""
    return {
        name: CheckInfo(
            id=name,
            framework=name.split("-")[0],
            title="A claim.",
            why="",
            remedy="",
            severity="high",
            tier="quick",
            rule="identical",
            across=("process",),
            cure=cure,
            remedy_env=env,
            **dict(more),
        )
        for name, cure, env, *more in declarations
    }


def manifest(*findings, **facts):
    """A manifest of these findings, on a CPU; facts by key, with `_` for a dot."""
    absent = Fact(state="not-applicable", role="software", reason="a CPU build")
    found = samples.facts() | dict.fromkeys(("torch.build.cuda", "tensorflow.build.cuda"), absent)
    found |= {key.replace("_", "."): Fact(state="value", role="software", value=value) for key, value in facts.items()}
    return samples.manifest(findings=list(findings), facts=found)
