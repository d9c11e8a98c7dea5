"""What must hold for every mutant: it yields a payload that was signed, of our type, or is refused with our errors."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pool

from auditor.errors import ManifestError, SignatureError
from auditor.signing import envelope


class Violation(Exception):  # noqa: N818 -- a finding of the harness
    """The verifier accepted what nobody signed."""


@dataclass
class Figures:
    """What a run of the harness saw."""

    mutants: int = 0
    reached: int = 0
    """Mutants that reached the check of a signature."""
    accepted: int = 0
    """Mutants that verified, with the payload that was signed."""


class Counting:
    """A verifier that notes that it was asked."""

    def __init__(self, verifier) -> None:
        self._verifier = verifier
        self.keyid = verifier.keyid
        self.asked = 0

    def verify(self, message: bytes, signature: bytes) -> bool:
        """As the verifier answers."""
        self.asked += 1
        return self._verifier.verify(message, signature)


def judge(data: bytes, figures: Figures) -> None:
    """Verify one mutant and count it. Raises Violation, or whatever else the verifier should not raise."""
    verifiers = [Counting(verifier) for verifier in pool.VERIFIERS]
    figures.mutants += 1
    try:
        payload = envelope.verify(data, verifiers).payload
    except (ManifestError, SignatureError):
        payload = None
    figures.reached += any(verifier.asked for verifier in verifiers)
    if payload is None:
        return
    if payload not in pool.SIGNED:
        raise Violation(f"a payload that nobody signed: {payload[:80]!r}")
    if json.loads(data).get("payloadType") != "application/vnd.in-toto+json":
        raise Violation("another type than the signed one")
    figures.accepted += 1
