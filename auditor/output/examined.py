"""Everything that is verified about a manifest and, for an audit's folder, its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..errors import AuditorError, ManifestError, SignatureError, as_text
from ..manifest.profiles import subject_problems
from ..manifest.strict_json import parse
from ..signing import envelope, folder, timestamp, trust
from ..signing.folder import FolderComparison
from ..signing.required import Required
from ..signing.timestamp import Stamp
from ..signing.trusted_key import TrustedKey
from .claims import Claims

if TYPE_CHECKING:
    from cryptography import x509

Verdict = Literal["trusted", "intact", "unsigned", "refused"]


@dataclass
class Report:
    """The result of a verification."""

    verdict: Verdict = "refused"
    """`trusted`, `intact`, `unsigned` or `refused`."""
    opened: trust.Opened | None = None
    """The verified manifest; None if none could be verified."""
    subjects: list[str] | None = None
    """Problems with the subjects; None if they were not checked."""
    folder: FolderComparison | None = None
    """For a folder: each file, and whether it is what was signed."""
    stamps: list[Stamp] = field(default_factory=list)
    """The timestamps beside it; their times are verified only where roots were given."""
    problems: list[str] = field(default_factory=list)
    """The reasons for `refused`."""


def examine(
    path: Path,
    trusted: Sequence[TrustedKey],
    *,
    required: Required | None = None,
    claims: Claims | None = None,
    strict: bool = False,
    tsa_roots: Sequence[x509.Certificate] = (),
) -> Report:
    """
    Verify everything: signatures, subjects and files. What cannot be read as a manifest is refused.

    With `tsa_roots` a timestamp is required, and its time is when keys with a limited validity must count.

    Raises UsageError for a path without a manifest, AuditorError for a file that cannot be read.
    """
    report = Report()
    try:
        times = _times(path, report, tsa_roots)
        report.opened = trust.open_manifest(path, trusted, strict=strict, times=times)
        if required is not None and report.opened.standing == "trusted":
            required.check(report.opened.signers, "the manifest")
        document = parse(report.opened.payload, "the manifest")
        report.subjects = subject_problems(document)
        report.problems += claims.problems(document) if claims else []
        if report.opened.folder is not None:
            report.folder = _folder(report.opened, trusted, required, strict=strict, times=times)
            report.problems += report.folder.problems()
    except (ManifestError, SignatureError) as problem:
        report.problems.append(as_text(problem))
    except OSError as problem:
        raise AuditorError(
            f"{path} cannot be read: {problem}", "Nothing was verified. Check the path and its permissions."
        ) from problem
    report.problems += report.subjects or []
    if report.opened is not None and not report.problems:
        report.verdict = report.opened.standing
    return report


def _times(path: Path, report: Report, roots: Sequence[x509.Certificate]) -> dict[bytes, datetime]:
    """The proven time of each stamped signature. Raises SignatureError for a timestamp that does not verify."""
    place = trust.locate(path)
    data = trust.read_limited(place)
    if not roots and not any(place.parent.glob(f"*{timestamp.SUFFIX}")):
        return {}
    if not trust.is_bare(data):
        signed = envelope.read(data)
        report.stamps = [timestamp.check(file, sig, roots) for file, sig in timestamp.beside(place, signed)]
    if roots and not report.stamps:
        raise SignatureError(
            "there is no timestamp beside the manifest, and --tsa-roots asks for one",
            "Its time was not proven. Attach one with `auditor timestamp`, or leave --tsa-roots out.",
        )
    return {stamp.sig: stamp.moment for stamp in report.stamps} if roots else {}


def _known(place: Path) -> frozenset[str]:
    """Files of a folder that verify by themselves: the envelope, and timestamps of its signatures, checked before."""
    signed = envelope.read(trust.read_limited(place))
    return frozenset({place.name, *(file.name for file, _ in timestamp.beside(place, signed))})


def _folder(
    opened: trust.Opened,
    trusted: Sequence[TrustedKey],
    required: Required | None,
    *,
    strict: bool,
    times: Mapping[bytes, datetime] | None,
) -> FolderComparison:
    """The comparison of the files with the signed list, or with what the manifest gives where there is none."""
    root = opened.folder or Path()
    listed = trust.open_list(opened, trusted, strict=strict, times=times)
    if listed is not None:
        if required is not None and opened.standing == "trusted":
            required.check(listed.signers, "the list of the folder's files")
        return folder.compare_listed(root, listed.files, _known(root / trust.ENVELOPE_NAME))
    from . import audit_folder  # noqa: PLC0415 -- models and templates: only a folder without a list needs them

    known = _known(root / trust.ENVELOPE_NAME) if opened.public_keys else frozenset[str]()
    return audit_folder.compare(root, opened.manifest(), opened.payload, opened.public_keys, known)
