"""The files that a crate holds: those of the audit's folder that are as they were signed, and its traces."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ...errors import ManifestError, OutputError
from ...manifest.models import Manifest
from ...quoting.inert import visible
from ...signing import envelope, file_list, folder, timestamp
from ...signing.trust import ENVELOPE_NAME, PAYLOAD_NAME, PUBLIC_KEY_NAME, is_bare, read_limited
from ..source import ANONYMOUS, Reported

AUDIT, TRACES = "audit", "audit.traces"
"""Folders of the crate: `auditor verify audit` works in it as it did where the audit was made."""
TRACES_SUFFIX = ".traces"
TRACE_SUBJECT = "trace:"
CHUNK_BYTES = 1 << 20
MEDIA = {
    ".json": "application/json",
    ".md": "text/markdown",
    ".html": "text/html",
    ".txt": "text/plain",
    ".def": "text/plain",
    "": "text/plain",  # Dockerfile, README
    ".pub": "application/x-pem-file",
    ".yml": "application/yaml",
    ".yaml": "application/yaml",
    ".toml": "application/toml",
    ".py": "text/x-python",
    ".trace": "application/zip",
    ".tsr": "application/timestamp-reply",
    ".cff": "application/yaml",
}
MEANING = {
    ENVELOPE_NAME: "The signed manifest: facts, readings and findings of the audit, in a DSSE envelope.",
    PAYLOAD_NAME: "The payload of the envelope, byte for byte, for reading.",
    PUBLIC_KEY_NAME: "The public key beside the signature: it proves that nothing changed, not who signed.",
    file_list.LIST_NAME: "The signed list of the files of the audit's folder.",
    "report.md": "The audit's report, rendered from the manifest.",
    "report.html": "The audit's report as a page, rendered from the manifest.",
    "operators.json": "The operators that the program called, which another machine can measure.",
}


@dataclass(frozen=True)
class Part:
    """One file of a crate."""

    name: str
    """Its path in the crate, relative, POSIX."""
    size_bytes: int
    sha256: str
    content: Path | bytes
    """Where its bytes are; what is read there later must have this digest."""
    meaning: str

    @property
    def media(self) -> str:
        """Its media type (`encodingFormat`)."""
        return MEDIA.get(PurePosixPath(self.name).suffix, "application/octet-stream")

    def chunks(self) -> Iterator[bytes]:
        """Its bytes. Raises OutputError at their end if they are not those that were described."""
        digest = hashlib.sha256()
        for chunk in self._read():
            digest.update(chunk)
            yield chunk
        if digest.hexdigest() != self.sha256:
            raise OutputError(f"{visible(self.name)} changed while it was packed", "Nothing was written. Try again.")

    def _read(self) -> Iterator[bytes]:
        if isinstance(self.content, bytes):
            yield self.content
            return
        with self.content.open("rb") as handle:
            while chunk := handle.read(CHUNK_BYTES):
                yield chunk


def of_bytes(name: str, content: bytes, meaning: str) -> Part:
    """A file that is made here."""
    return Part(name, len(content), hashlib.sha256(content).hexdigest(), content, meaning)


def of_audit(reported: Reported) -> list[Part]:
    """
    The files of the audit, sorted; the caller has verified the folder.

    Raises ManifestError for a file other than the one that was verified, OSError for one that cannot be read.
    """
    if reported.folder is None:
        found = [*_alone(reported)]
    else:
        named = [(name, path) for name, path in folder.present(reported.folder) if _belongs(name, path)]
        found = [_part(f"{AUDIT}/{name}", path, _meaning(name)) for name, path in named]
    return sorted(found, key=lambda part: part.name)


def _belongs(name: str, path: Path) -> bool:
    return folder.is_regular(path) and name not in folder.GIT_FILES and not folder.is_litter(name)


def _alone(reported: Reported) -> Iterator[Part]:
    """The envelope, if there is one, and its payload, where there is no folder."""
    yield of_bytes(f"{AUDIT}/{PAYLOAD_NAME}", reported.payload, MEANING[PAYLOAD_NAME])
    if reported.file is None or not reported.signed:
        return
    data = read_limited(reported.file)
    if is_bare(data) or envelope.read(data).payload != reported.payload:
        raise ManifestError("the manifest changed while it was read", "Nothing was written. Try again.")
    yield of_bytes(f"{AUDIT}/{ENVELOPE_NAME}", data, MEANING[ENVELOPE_NAME])


def _part(name: str, path: Path, meaning: str) -> Part:
    digest, size = folder.digest_of(path)
    return Part(name, size, digest, path, meaning)


def _meaning(name: str) -> str:
    if name.endswith(timestamp.SUFFIX):
        return "A timestamp of the signature (RFC 3161)."
    if name.startswith("specs/"):
        kind = "lock" if "lock" in name else "container specification"
        return f"A {kind} derived from the manifest's facts."
    return MEANING.get(name, "A file of the audit's folder, named in its signed list.")


def named_traces(manifest: Manifest) -> dict[str, str]:
    """File name to sha256 of each trace that the manifest names as a subject."""
    return {
        one.name.removeprefix(TRACE_SUBJECT): one.digest.sha256
        for one in manifest.subject
        if one.name.startswith(TRACE_SUBJECT) and one.digest.sha256
    }


def of_traces(reported: Reported) -> list[Part]:
    """
    The traces beside the folder that have the digests which the manifest names. Raises OSError.

    None where the manifest is anonymous: traces hold paths of the program.
    """
    if reported.folder is None or reported.manifest.predicate.run.privacy == ANONYMOUS:
        return []
    real = reported.folder.resolve()
    place = real.with_name(real.name + TRACES_SUFFIX)
    wanted = named_traces(reported.manifest)
    there = sorted(place.iterdir()) if place.is_dir() and not place.is_symlink() else []
    found = []
    for path in there:
        if path.name in wanted and folder.is_regular(path):
            part = _part(f"{TRACES}/{path.name}", path, "The record of every operation of one run, with digests.")
            found += [part] if part.sha256 == wanted[path.name] else []
    return found
