"""
The signed list of a folder's files: an in-toto Statement with the sha256 of each, in an envelope of its own.

It binds the files to one manifest by the digest of its payload, so that `verify DIR` need not render them again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from ..errors import ManifestError
from ..manifest.profiles import STATEMENT_TYPE
from ..manifest.strict_json import canonical, parse, shown

LIST_NAME = "files.dsse.json"
LIST_TYPE = "urn:auditor:folder:v0.1"
WHAT = "the signed list of files"
FILES_LIMIT = 10_000
"""Largest number of files in a list; an audit's folder has about ten."""
HEX_DIGITS = frozenset("0123456789abcdef")
SHA256_CHARACTERS = 64
NOT_USED = (
    "The list was not used, and no file was compared with it. Sign the folder anew, or get it again from its origin."
)


@dataclass(frozen=True)
class ListedFile:
    """What is signed about one file."""

    sha256: str
    """Lower-case hex."""
    size_bytes: int | None
    """Its length; None if the list does not give it."""


@dataclass(frozen=True)
class FileList:
    """A verified list."""

    manifest_sha256: str
    """The digest of the manifest's payload to which the files belong."""
    version: str
    """The version of auditor that wrote it; told, never decided upon."""
    files: Mapping[str, ListedFile]
    """Relative POSIX path to what is signed."""


def payload(files: Mapping[str, bytes], manifest_payload: bytes, version: str) -> bytes:
    """The canonical bytes of a list of these files (relative path to content), for the manifest with that payload."""
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return statement(
        {name: ListedFile(digest, len(files[name])) for name, digest in digests.items()}, manifest_payload, version
    )


def statement(files: Mapping[str, ListedFile], manifest_payload: bytes, version: str) -> bytes:
    """The canonical bytes of a list with these digests."""
    for name in files:
        _refuse_name(name)
    names = sorted(files)
    return canonical(
        {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": name, "digest": {"sha256": files[name].sha256}} for name in names],
            "predicateType": LIST_TYPE,
            "predicate": {
                "auditor": {"version": version},
                "manifestSha256": hashlib.sha256(manifest_payload).hexdigest(),
                "bytes": {name: files[name].size_bytes for name in names},
            },
        }
    )


def read(verified: bytes) -> FileList:
    """The list in a verified payload. Raises ManifestError for anything that is not one, such as another statement."""
    document = parse(verified, WHAT)
    if not isinstance(document, dict):
        raise ManifestError(f"{WHAT} is a JSON {type(document).__name__}, not an object", NOT_USED)
    for field, known in (("_type", STATEMENT_TYPE), ("predicateType", LIST_TYPE)):
        if document.get(field) != known:
            raise ManifestError(f"{WHAT} has the {field} {shown(document.get(field))}, not {known}", NOT_USED)
    predicate = document.get("predicate")
    if not isinstance(predicate, dict):
        raise ManifestError(f"{WHAT} has no predicate", NOT_USED)
    return FileList(
        _digest(predicate.get("manifestSha256")), _version(predicate), _files(document.get("subject"), predicate)
    )


def belongs_to(listed: FileList, manifest_payload: bytes) -> bool:
    """Whether the list is that of the manifest with this payload."""
    return listed.manifest_sha256 == hashlib.sha256(manifest_payload).hexdigest()


def _files(subjects: Any, predicate: dict[str, Any]) -> dict[str, ListedFile]:
    if not isinstance(subjects, list) or not 0 < len(subjects) <= FILES_LIMIT:
        raise ManifestError(f"{WHAT} names no files, or more than {FILES_LIMIT}", NOT_USED)
    sizes = predicate.get("bytes")
    found: dict[str, ListedFile] = {}
    for subject in subjects:
        name, digest = (subject.get("name"), subject.get("digest")) if isinstance(subject, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(digest, dict) or name in found:
            raise ManifestError(
                f"{WHAT} has a file without a name, without a digest, or twice: {shown(name)}", NOT_USED
            )
        _refuse_name(name)
        found[name] = ListedFile(_digest(digest.get("sha256")), _size(sizes, name))
    return found


def _refuse_name(name: str) -> None:
    """Refuse what is no plain relative path: a name must not lead out of the folder, nor be read in two ways."""
    path = PurePosixPath(name)
    plain = name and path.as_posix() == name and not path.is_absolute() and not {"..", "."} & {*name.split("/")}
    if not plain or not name.isprintable() or "\\" in name:
        raise ManifestError(f"{WHAT} has the name {shown(name)}, which is no plain path inside the folder", NOT_USED)


def _digest(value: Any) -> str:
    if not isinstance(value, str) or len(value) != SHA256_CHARACTERS or not HEX_DIGITS.issuperset(value):
        raise ManifestError(f"{WHAT} has {shown(value)} where a sha256 belongs", NOT_USED)
    return value


def _size(sizes: Any, name: str) -> int | None:
    size = sizes.get(name) if isinstance(sizes, dict) else None
    return size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None


def _version(predicate: dict[str, Any]) -> str:
    auditor = predicate.get("auditor")
    version = auditor.get("version") if isinstance(auditor, dict) else None
    return version if isinstance(version, str) else "unknown"
