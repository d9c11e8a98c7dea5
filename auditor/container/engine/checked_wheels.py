"""Checks a folder of wheels against a lock before a build uses it."""

from __future__ import annotations

import hashlib
import re
import stat
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from ...errors import OutputError, UsageError
from ...quoting.inert import visible

CHUNK_BYTES = 1 << 20
_HASH = re.compile(r"--hash[= ]sha256:([0-9a-f]{64})(?![0-9a-f])")
_COMMENT = re.compile(r"(^|\s)#.*")
_NOTHING_BUILT = "Nothing was built. "


@dataclass(frozen=True)
class Wheel:
    """A file of a wheelhouse whose digest is in the lock."""

    path: Path
    name: str
    sha256: str
    size: int
    unpacked: int
    """Total size of its members, from its zip directory; the file size if it is not a zip."""


def locked_hashes(text: str) -> dict[str, frozenset[str]]:
    """
    Distribution name to the sha256 digests that a requirements.lock accepts for it.

    Raises UsageError for a line that is not a requirement or has no hash.
    """
    found: dict[str, frozenset[str]] = {}
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        bare = _COMMENT.sub("", line).strip()
        if not bare or bare.startswith("-"):
            continue
        try:
            name = canonicalize_name(Requirement(re.split(r"\s--hash[= ]", bare, maxsplit=1)[0]).name)
        except InvalidRequirement as problem:
            raise UsageError(
                f"a line of requirements.lock is not a requirement: {bare[:120]!r}",
                f"{_NOTHING_BUILT}Write the lock again with `auditor container lock`.",
            ) from problem
        hashes = frozenset(_HASH.findall(bare))
        if not hashes:
            raise UsageError(
                f"requirements.lock has no sha256 for {name}",
                f"{_NOTHING_BUILT}Wheels cannot be checked against it. Write it again with `auditor container lock`.",
            )
        found[name] = found.get(name, frozenset()) | hashes
    return found


def checked(folder: Path, lock: Path) -> list[Wheel]:
    """
    The wheels of a wheelhouse: each has a digest of the lock, and each locked name has at least one.

    Raises UsageError without a lock, and OutputError that lists every missing, differing or unlocked file.
    """
    if not lock.is_file():
        raise UsageError(
            f"there is no {lock.name} in {lock.parent}",
            f"{_NOTHING_BUILT}The wheels must be checked against its digests: write it with `auditor container lock`.",
        )
    hashes = locked_hashes(lock.read_text("utf-8", "replace"))
    wheels: list[Wheel] = []
    faults: list[str] = []
    for path in sorted(folder.iterdir()):
        if path.name == "README":  # the specification's own, which says what belongs here
            continue
        fault = _fault(path, folder, hashes)
        if isinstance(fault, str):
            faults.append(fault)
        else:
            wheels.append(fault)
    there = {wheel.name for wheel in wheels}
    faults += [f"{name} is locked, but the folder has no file of it" for name in sorted(hashes) if name not in there]
    if faults:
        _refuse(folder, faults)
    return wheels


def _refuse(folder: Path, faults: Iterable[str]) -> NoReturn:
    raise OutputError(
        f"the wheelhouse {folder} is refused:\n" + "\n".join(f"  {visible(fault)}" for fault in faults),
        f"{_NOTHING_BUILT}Fill a fresh folder with `auditor container lock --wheelhouse`, or with `pip download "
        "--require-hashes --no-deps -r requirements.lock` on a machine like the image, and copy it whole.",
    )


def _fault(path: Path, folder: Path, hashes: Mapping[str, frozenset[str]]) -> Wheel | str:
    """The wheel, or what is wrong with a file of the folder."""
    try:
        name = distribution_of(path.name)
    except ValueError:
        return f"{path.name} is not named like a wheel or source distribution"
    try:
        if not path.resolve(strict=True).is_relative_to(folder.resolve()):
            return f"{path.name} is a link that leaves the folder"
        if not stat.S_ISREG(path.stat().st_mode):
            return f"{path.name} is not a regular file"
        if name not in hashes:
            return f"{path.name}: {name} is not in requirements.lock"
        digest, size = _digest(path)
        if digest not in hashes[name]:
            return f"{path.name} has sha256 {digest}, which requirements.lock does not list for {name}"
        return Wheel(path, name, digest, size, _unpacked_bytes(path, size))
    except OSError as problem:
        return f"{path.name} cannot be read: {problem.strerror or problem}"


def distribution_of(filename: str) -> str:
    """The distribution in a file's name. Raises ValueError for any other name, including paths."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+!-]*", filename):
        raise ValueError(filename)
    try:
        if filename.endswith(".whl"):
            return str(parse_wheel_filename(filename)[0])
        return str(parse_sdist_filename(filename)[0])
    except (InvalidWheelFilename, InvalidSdistFilename) as problem:
        raise ValueError(filename) from problem


def _digest(path: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as handle:
        while chunk := handle.read(CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def _unpacked_bytes(path: Path, size: int) -> int:
    try:
        with zipfile.ZipFile(path) as archive:
            return sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile:
        return size
