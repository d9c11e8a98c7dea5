"""How a paper names the manifest, and how a reader checks it."""

from __future__ import annotations

from ...quoting.inert import shortened
from ..source import Reported

KEY = 64
UNSIGNED = "UNSIGNED: nobody vouches for it"


def named(reported: Reported) -> str:
    """The manifest by its digest, and by the key that signed it, unless it must not be known who did."""
    return f"Manifest sha256:{reported.sha256}, {vouched(reported)}"


def vouched(reported: Reported) -> str:
    """Who vouches for it. What the reader's machine trusts plays no part: a paper is read elsewhere."""
    if not reported.signed:
        return UNSIGNED
    anonymous = reported.manifest.predicate.run.privacy == "anonymous"
    return "signed" if anonymous or not reported.keyid else f"signed with the key {shortened(reported.keyid, KEY)}"


def how(reported: Reported) -> str:
    """What comes before the command of `Reported.check`."""
    return "verify it with" if reported.signed else "print its digest with"
