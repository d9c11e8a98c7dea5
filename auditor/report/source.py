"""What every format renders: one verified manifest, its digest, and who vouches for it."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..errors import SignatureError, UsageError
from ..manifest.models import Manifest
from ..quoting.inert import shortened, visible
from ..signing import trust
from ..signing.trusted_key import TrustedKey

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?=T)")

ANONYMOUS = "anonymous"
NAMELESS = "manifest.dsse.json"


@dataclass(frozen=True)
class Reported:
    """A manifest to report about. Formats read nothing else."""

    manifest: Manifest
    payload: bytes
    """The verified bytes of the manifest; the file's own where it is unsigned."""
    signed: bool
    told: str
    """Who vouches for it, in the words of every command."""
    name: str = NAMELESS
    """The name by which people verify it: of the envelope or the folder, without the folders around it."""
    keyid: str = ""
    """The key that signed it; empty where nobody did, and where the manifest is anonymous."""
    folder: Path | None = None
    """The audit's folder, for formats that pack its files."""
    file: Path | None = None
    """The envelope or the bare manifest that was read, where no folder was: for the same formats."""

    @cached_property
    def sha256(self) -> str:
        """The digest of the payload, in hex: the name under which a paper cites it."""
        return hashlib.sha256(self.payload).hexdigest()

    @property
    def verify(self) -> str:
        """The command that checks it, without its key, which a reader must have from elsewhere."""
        return f"auditor verify {shlex.quote(self.name)} --key signer.pub"

    @property
    def digest_command(self) -> str:
        """The command that prints `sha256`, of a signed and of an unsigned manifest."""
        return f"auditor report {shlex.quote(self.name)} --format json | sha256sum"

    @property
    def check(self) -> str:
        """What a reader runs: `verify`, or where nobody signed, what shows at least that the bytes are the same."""
        return self.verify if self.signed else self.digest_command

    @property
    def date(self) -> str:
        """The day on which the audit finished (UTC), as the manifest says it."""
        told = self.manifest.predicate.run.finished_on
        found = DATE.match(told)
        return found[0] if found else shortened(visible(told), 40)


def of(path: Path, opened: trust.Opened) -> Reported:
    """
    What was opened at a path. Raises ManifestError if it is no manifest.

    A report of an anonymous manifest names neither the file, which authors name, nor its keys and who trusts them.
    """
    manifest = opened.manifest()
    anonymous = manifest.predicate.run.privacy == ANONYMOUS
    return Reported(
        manifest=manifest,
        payload=opened.payload,
        signed=opened.standing != "unsigned",
        told=trust.STANDING_WORDS[opened.standing] if anonymous else opened.told,
        name=NAMELESS if anonymous else path.resolve().name,
        keyid=opened.keyids[0] if opened.keyids and not anonymous else "",
        folder=opened.folder,
        file=None if opened.folder else path,
    )


def require_whole(path: Path, trusted: Sequence[TrustedKey]) -> None:
    """Raises SignatureError unless everything in an audit's folder is as it was signed: a format packs its files."""
    from ..output.examined import examine  # noqa: PLC0415 - only formats that pack files need it

    report = examine(path, trusted)
    if report.verdict == "refused":
        raise SignatureError(
            f"{visible(str(path))} is not as it was written: {'; '.join(report.problems)}",
            "Nothing was written. Get the folder again from its origin, or name the envelope alone.",
        )


def require_anonymous(reported: Reported) -> None:
    """Raises UsageError for a manifest that may hold names, hosts or paths: no format takes them out of its bytes."""
    mode = reported.manifest.predicate.run.privacy
    if mode != ANONYMOUS:
        raise UsageError(
            f"the manifest was not made anonymous (its mode is {mode})",
            "Nothing was written. Make another with `auditor audit --anonymous`, and report that one. Manifests of"
            " replays and claims cannot be made so yet.",
        )
