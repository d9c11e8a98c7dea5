"""Reads the facts, findings and readings that the steps left, and says which code for GPUs they show."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .paths import CodePath
from .steps import Step

ON_CUDA = re.compile(r'"cuda:[^"]*": ')
"""The name of a value of torch's checks, as json.dumps writes a key."""
DID_NOT_APPLY = ("not-applicable", "error")


@dataclass
class Evidence:
    """What all steps together measured."""

    facts: set[str] = field(default_factory=set)
    """Keys that had a value in any step."""
    applied: set[str] = field(default_factory=set)
    """Checks that applied, of any framework."""
    on_gpu: set[str] = field(default_factory=set)
    """JAX's checks that applied while its backend was a GPU, and torch's with values named `cuda:`."""
    steps: set[str] = field(default_factory=set)
    """Steps that ended as expected."""

    def shows(self, wanted: str) -> bool:
        """Whether it holds what an entry of the table names."""
        kind, _, name = wanted.partition(":")
        held = {"fact": self.facts, "check": self.applied, "cuda": self.on_gpu, "jax": self.on_gpu, "step": self.steps}
        return name in held[kind]

    def add(self, step: Step, folder: Path, *, as_expected: bool) -> str:
        """Take what one step left. Returns what could not be read."""
        if as_expected:
            self.steps.add(step.name)
        problem = ""
        if step.facts and (folder / step.facts).is_file():
            try:
                self._add_facts(json.loads((folder / step.facts).read_text(encoding="utf-8"))["facts"])
            except (ValueError, KeyError, TypeError) as wrong:
                problem = f"its facts cannot be read: {wrong!r}"
        envelope = folder / step.manifest / "manifest.dsse.json"
        if step.manifest and envelope.is_file():
            self._add_predicate(predicate(envelope))
        return problem

    def _add_facts(self, facts: Mapping[str, Any]) -> None:
        self.facts.update(key for key, fact in facts.items() if fact.get("state") == "value")

    def _add_predicate(self, told: Mapping[str, Any]) -> None:
        self._add_facts(told["facts"])
        here = {one["check"] for one in told["findings"] if one["outcome"] not in DID_NOT_APPLY}
        self.applied |= here
        if told["facts"].get("jax.backend", {}).get("value") == "gpu":
            self.on_gpu.update(name for name in here if name.startswith("jax-"))
        self.on_gpu.update(one["check"] for one in told["readings"] if ON_CUDA.search(json.dumps(one["values"])))


def predicate(envelope: Path) -> dict[str, Any]:
    """The predicate inside a signed manifest; its signature is not verified here, a step does that."""
    payload = base64.b64decode(json.loads(envelope.read_text(encoding="utf-8"))["payload"])
    return dict(json.loads(payload)["predicate"])


def told(paths: Iterable[CodePath], evidence: Evidence, *, gpu: bool) -> list[dict[str, Any]]:
    """One entry per row of the table: `seen`, `not seen`, `no GPU` or `cannot be seen here`."""
    found = []
    for path in paths:
        state = "cannot be seen here" if path.absent else "no GPU"
        if gpu and not path.absent:
            state = "seen" if evidence.shows(path.evidence) else "not seen"
        found.append({"places": list(path.places), "state": state, "evidence": path.evidence, "why": path.absent})
    return found
