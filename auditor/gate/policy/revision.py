"""Reads files of a git revision, and the state of a checkout. Nothing of the working tree's files is read."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from ...errors import UsageError
from . import source
from .source import Reader, Source

COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
REGULAR = ("100644", "100755")
GIT_SECONDS = 60
NOT_JUDGED = "Nothing was judged. "


def policy_at(revision: str, start: Path) -> Source:
    """
    The policy of a commit: its file, and a reader of the baseline and the trust file of that commit.

    The folder is the nearest one from here up, to the top of the checkout, that holds a policy in that commit. Raises
    UsageError if there is no such commit or no policy in it.
    """
    start = start.resolve()
    commit = resolve(revision, start)
    top = Path(git(start, "rev-parse", "--show-toplevel").decode("utf-8", "surrogateescape").rstrip("\n"))
    for folder in [start, *start.parents]:
        found = source.from_reader(_reader(commit, folder, top), folder, commit)
        if found.name:
            return found
        if folder == top.resolve():
            break
    raise UsageError(
        f"the revision {revision} holds no policy",
        f"{NOT_JUDGED}Commit a [tool.auditor] table or auditor.toml to the base branch first.",
    )


def resolve(revision: str, folder: Path) -> str:
    """The full id of the commit that a revision names. Raises UsageError."""
    try:
        answer = git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except UsageError as problem:
        raise UsageError(
            f"--policy-from {revision}: there is no such commit here",
            f"{NOT_JUDGED}A shallow clone lacks the base: fetch it first, for example with `fetch-depth: 0`.",
        ) from problem
    commit = answer.decode("ascii", "replace").strip()
    if not COMMIT.fullmatch(commit):
        raise UsageError(f"--policy-from {revision}: git gave no commit", NOT_JUDGED + "Name one commit.")
    return commit


def head(folder: Path) -> str:
    """The id of the checkout's HEAD; empty where there is none."""
    try:
        return git(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode("ascii", "replace").strip()
    except UsageError:
        return ""


def git(folder: Path, *arguments: str) -> bytes:
    """The output of a git command that only reads. Raises UsageError if it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, check=False, env={**environment, "LC_ALL": "C"}, timeout=GIT_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise UsageError(f"git cannot be run: {problem}", NOT_JUDGED + "Install git.") from problem
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip()[:300]
        raise UsageError(
            f"`git {arguments[0]}` failed: {told}", NOT_JUDGED + "Run it inside the repository's checkout."
        )
    return done.stdout


def _reader(commit: str, folder: Path, top: Path) -> Reader:
    """Reads blobs with `cat-file`, which applies neither filters nor `textconv` of the working tree's attributes."""

    def reader(relative: str) -> bytes | None:
        inside = os.path.normpath(os.path.relpath(folder / relative, top.resolve()))
        if inside.startswith(".."):
            raise UsageError(f"{relative} is outside of the repository", NOT_JUDGED + "Name a file inside it.")
        entry = git(top, "ls-tree", "-z", "--full-tree", commit, "--", f":(literal){inside}").decode("utf-8", "replace")
        if not entry:
            return None
        mode, kind, blob = entry.split("\t", 1)[0].split(" ")
        if kind != "blob" or mode not in REGULAR:
            raise UsageError(f"{relative} of {commit[:12]} is no regular file", NOT_JUDGED + "Commit a regular file.")
        return git(top, "cat-file", "blob", blob)

    return reader
