"""Queries git about the working folder; of the programs that a repository can configure, only filters may run."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import shutil

from .. import fact
from ..declare import NotApplicable
from . import _limits, _secrets

_SETTINGS = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "core.untrackedCache=false", "color.ui=false")
_DIFF = (
    *("diff", "HEAD", "--binary", "--full-index", "--no-ext-diff", "--no-textconv", "--no-renames", "--no-relative"),
    *("--no-color", "--unified=3", "--inter-hunk-context=0", "--diff-algorithm=myers", "--submodule=short"),
    *("--src-prefix=a/", "--dst-prefix=b/", "-O/dev/null"),
)
"""Options that make the patch independent of the user's settings."""
_OUTPUT_LIMIT_BYTES = 1 << 24
_USER_PREFIX = re.compile(r"^[^/@]*@")
"""The user in `user@host:path`, the other form of an address."""


def _environment():
    """An environment in which git takes no lock, prompts for nothing, fetches nothing and prints English messages."""
    kept = {name: text for name, text in os.environ.items() if name not in ("GIT_EXTERNAL_DIFF", "GIT_PAGER")}
    return dict(
        kept,
        GIT_OPTIONAL_LOCKS="0",
        GIT_TERMINAL_PROMPT="0",
        GIT_NO_LAZY_FETCH="1",
        GIT_ALLOW_PROTOCOL="none",
        LC_ALL="C",
    )


def _asked(arguments, consume):
    """Run git. Raises NotApplicable outside of a checkout, Unknown when git refuses, hangs or is missing."""
    program = shutil.which("git")
    if program is None:
        raise fact.Unknown("git is not on the PATH")
    command = [program, "--no-pager"]
    for setting in _SETTINGS:
        command += ["-c", setting]
    code, errors = _limits.output(command + list(arguments), _environment(), consume)
    if code == 0:
        return
    if "not a git repository" in errors or "must be run in a work tree" in errors:
        raise NotApplicable("the working folder is in no git checkout")
    if "dubious ownership" in errors:
        raise fact.Unknown("git refuses: the checkout belongs to another user, and safe.directory does not name it")
    raise fact.Unknown("git %s failed with exit code %d" % (arguments[0], code))


def _text(*arguments):
    """Git's output as text."""
    blocks = []

    def keep(block):
        blocks.append(block)
        if sum(map(len, blocks)) > _OUTPUT_LIMIT_BYTES:
            raise fact.Unknown("git's answer is too long")

    _asked(arguments, keep)
    return os.fsdecode(b"".join(blocks))


@functools.lru_cache(maxsize=1)
def _outcome():
    """(the checkout's top folder, None), or ('', the exception that every query raises)."""
    try:
        return _text("rev-parse", "--show-toplevel").rstrip("\n"), None
    except (NotApplicable, fact.Unknown) as problem:
        return "", problem


def top():
    """The checkout's top folder."""
    folder, problem = _outcome()
    if problem is not None:
        raise problem
    return folder


@functools.lru_cache(maxsize=1)
def _state():
    """((commit, number of changed tracked files, number of untracked entries), None), or ((), the exception)."""
    try:
        top()
        return _counted(_text("status", "--porcelain=v2", "--branch", "-z", "--untracked-files=normal")), None
    except (NotApplicable, fact.Unknown) as problem:
        return (), problem


def _counted(status):
    commit, changed, untracked = "", 0, 0
    entries = iter(status.split("\0"))
    for entry in entries:
        if entry.startswith("# branch.oid "):
            commit = entry.split(" ", 2)[2]
        elif entry.startswith(("1 ", "2 ", "u ")):
            changed += 1
            if entry.startswith("2 "):
                next(entries)  # the old name of a renamed file
        elif entry.startswith("? "):
            untracked += 1
    return commit, changed, untracked


def state(place):
    """One of commit (0), changed tracked files (1), untracked entries (2)."""
    told, problem = _state()
    if problem is not None:
        raise problem
    return told[place]


def commit():
    """The full id of the checked-out commit."""
    found = state(0)
    if not re.fullmatch(r"[0-9a-f]{40,64}", found):
        raise NotApplicable("the checkout has no commit yet")
    return found


def patch():
    """The sha256 of the difference between the commit and the tracked files."""
    commit()
    if not state(1):
        raise NotApplicable("no tracked file differs from the commit")
    digest = hashlib.sha256()
    _asked(_DIFF, digest.update)
    return digest.hexdigest()


def remotes():
    """`name address` of each remote, without users, passwords and queries."""
    top()
    try:
        lines = _text("config", "--get-regexp", r"^remote\..*\.url$").splitlines()
    except fact.Unknown:
        raise NotApplicable("the checkout has no remote") from None
    return sorted(_remote(line) for line in lines)


def _remote(line):
    name, _, address = line.partition(" ")
    bare = _secrets.bare_address(address) if "://" in address else _USER_PREFIX.sub("", address)
    return "%s %s" % (name.split(".", 1)[1].rsplit(".", 1)[0], bare)
