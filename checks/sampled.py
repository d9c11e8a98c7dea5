"""The part of a check's cases that the full tier measures: all of them take it beyond its ten minutes."""

from __future__ import annotations

import zlib

PARTS = 3
"""One case in so many is measured; which ones, the digest of the name decides: the same ones everywhere."""


def taken(name, part):
    """Whether a case belongs to this part of the cases; all do without one (`--all`, or a check that is named)."""
    return not part or zlib.crc32(name.encode()) % PARTS == 0
