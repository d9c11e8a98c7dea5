"""The subjects of an audit that `--subject` names."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from pydantic import JsonValue

from ..errors import UsageError
from ..manifest.digests import file_digest
from ..manifest.models import Digest, Subject
from ..privacy.secrets import free_name

OCI = re.compile(r"(?P<name>[a-z0-9][a-z0-9._/:-]*)@sha256:(?P<digest>[0-9a-f]{64})")
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def subjects(given: Sequence[str]) -> list[Subject]:
    """
    A subject for each of `PATH`, `git:REV` and `oci:NAME@sha256:...`.

    Raises UsageError for a subject that does not exist or has another form.
    """
    return [_subject(text) for text in given]


def digests(about: Sequence[Subject]) -> dict[str, str]:
    """Name to digest (sha256, or a commit's id), in order. A number is appended to a repeated name."""
    found: dict[str, JsonValue] = {}
    for subject in about:
        found[free_name(subject.name, found)] = subject.digest.sha256 or subject.digest.git_commit
    return {name: str(digest) for name, digest in found.items()}


def _subject(text: str) -> Subject:
    if text.startswith("git:"):
        return _commit(text.removeprefix("git:"))
    if text.startswith("oci:"):
        return _image(text.removeprefix("oci:"))
    path = Path(text)
    if path.is_file():
        return Subject(name=path.name, digest=Digest(sha256=file_digest(path)))
    if path.is_dir():
        return Subject(name=f"{path.resolve().name}/", digest=Digest(sha256=_tree_digest(path)))
    raise UsageError(
        f"--subject {text}: there is no such file or folder",
        "Nothing was audited. Use PATH, git:REV or oci:NAME@sha256:DIGEST.",
    )


def _commit(revision: str) -> Subject:
    """The commit that a revision names in the repository of the working folder."""
    command = ["git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"]
    try:
        done = subprocess.run(command, capture_output=True, check=False, text=True)
    except OSError as problem:
        raise UsageError(
            f"--subject git:{revision}: git cannot be run ({problem.strerror})",
            "Nothing was audited. Install git, or leave the subject out.",
        ) from problem
    commit = done.stdout.strip()
    if done.returncode or not COMMIT.fullmatch(commit):
        raise UsageError(
            f"--subject git:{revision}: no such commit here",
            "Nothing was audited. Run it inside the repository's checkout.",
        )
    return Subject(name=f"git:{revision}", digest=Digest(git_commit=commit))


def _image(reference: str) -> Subject:
    found = OCI.fullmatch(reference)
    if not found:
        raise UsageError(
            f"--subject oci:{reference}: not NAME@sha256:DIGEST",
            "Nothing was audited. Give the digest: a tag can be moved to another image.",
        )
    return Subject(name=f"oci:{found['name']}", digest=Digest(sha256=found["digest"]))


def _tree_digest(root: Path) -> str:
    """The sha256 over sorted lines `PATH NUL SHA256 LF` of every file below a folder (links are not followed)."""
    state = hashlib.sha256()
    for path in sorted(root.rglob("*"), key=lambda found: found.relative_to(root).as_posix()):
        if path.is_file() and not path.is_symlink():
            name = path.relative_to(root).as_posix().encode("utf-8", "surrogateescape")
            state.update(name + b"\0" + file_digest(path).encode() + b"\n")
    return state.hexdigest()
