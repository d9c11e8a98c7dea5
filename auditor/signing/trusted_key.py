"""A key that the user trusts: whose it is, where it was named, and when it counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .interface import Verifier


@dataclass(frozen=True)
class TrustedKey:
    """A key that the user trusts, and the option that names it; the key beside a manifest has no origin."""

    verifier: Verifier
    origin: str
    name: str = ""
    """Its owner, as the user's file names it: principals, a name before the key, or the file's name."""
    valid_after: datetime | None = None
    """UTC: the key does not count before."""
    valid_before: datetime | None = None
    """UTC: the key does not count from then on."""

    @property
    def owner(self) -> str:
        """Who signed: keys of one owner count as one signer."""
        return self.name or self.verifier.keyid

    def counts_at(self, moment: datetime) -> bool:
        """Whether the key counts at this time."""
        after, before = self.valid_after, self.valid_before
        return (after is None or moment >= after) and (before is None or moment < before)
