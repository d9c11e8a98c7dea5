"""The state of the working tree in which the gate runs."""

from __future__ import annotations

import hashlib
from pathlib import Path

from .policy import revision, source
from .policy.tables import Policy
from .rules.evidence import Checkout


def of(folder: Path, policy: Policy) -> Checkout:
    """The commit, and the digest of the lock file that the policy names, in the policy's folder."""
    lock = policy.lock
    data = source.reader_of(folder)(lock.file) if lock else None
    locks = {lock.file: hashlib.sha256(data).hexdigest()} if lock and data is not None else None
    return Checkout(revision.head(folder), locks)
