"""Facts about the user's code in the working folder: commit, changes, lock files, command line."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import sys

from .. import fact
from ..declare import NotApplicable
from . import _git, _limits, _secrets

LOCK_FILES = (
    *("uv.lock", "poetry.lock", "pdm.lock", "pixi.lock", "Pipfile.lock", "conda-lock.yml", "pylock.toml"),
    *("pylock.*.toml", "requirements*.txt", "environment*.yml", "environment*.yaml", "constraints*.txt", "flake.lock"),
)
_LOCK_LIMIT_BYTES = 1 << 26
_REDACTED = "<redacted>"


def lock_files():
    """File name to sha256 of each lock file in the working folder, and (as `top/NAME`) in the checkout's top folder."""
    found = _in_folder(os.getcwd(), "")
    try:
        top = _git.top()
    except (NotApplicable, fact.Unknown):
        top = ""
    if top and os.path.realpath(top) != os.path.realpath(os.getcwd()):
        found.update(_in_folder(top, "top/"))
    if not found:
        raise NotApplicable("no lock file in the working folder or at the checkout's top")
    return found


def _in_folder(folder, prefix):
    found = {}
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        wanted = any(fnmatch.fnmatchcase(name, pattern) for pattern in LOCK_FILES)
        if wanted and os.path.isfile(path) and os.path.getsize(path) < _LOCK_LIMIT_BYTES:
            found[prefix + name] = _sha256(path)
    return found


def _sha256(path):
    with open(path, "rb") as handle:
        return hashlib.sha256(handle.read()).hexdigest()


def command_line(request):
    """The command line of the real run or of the audit, without secrets."""
    words = list(getattr(sys, "orig_argv", sys.argv)) if request.get("passive") else request.get("command_line")
    if not words:
        raise fact.Unknown("the host did not say how it was started")
    shown, hide = [], False
    for word in words:
        name, equals, _ = word.partition("=")
        secret = word.startswith("-") and _secrets.is_secret_name(name)
        if hide and not word.startswith("-"):
            shown.append(_REDACTED)
        elif secret and equals:
            shown.append(name + "=" + _REDACTED)
        else:
            shown.append(_secrets.without_credentials(word))
        hide = secret and not equals
    return shown


def program(request):
    """The sha256 of the program's file, or of the set-up file in an audit."""
    if request.get("passive"):
        path = _program_file()
        if not path:
            raise NotApplicable("the program is no file (-c, standard input, or typed in)")
        try:
            return _sha256(path)
        except OSError as problem:
            raise fact.Unknown("the program's file cannot be read at its end: %s" % problem.strerror) from None
    if request.get("setup"):
        return _sha256(request["setup"])
    raise NotApplicable("an audit without --setup runs none of the user's code; `probe -- COMMAND` takes a real run's")


def _program_file():
    """
    The path of the program that runs as `__main__`, "" when it is no file.

    A script that has ended has no `__file__`: Python removes it before the exit handlers run. Its loader
    remains; the loader of a zip archive knows the archive.
    """
    main = sys.modules.get("__main__")
    loader = getattr(main, "__loader__", None)
    return getattr(loader, "archive", "") or getattr(main, "__file__", "") or getattr(loader, "path", "")


def data(request):
    """Name to digest of the data that the user named; the host computes them and lists them as subjects."""
    if not request.get("subjects"):
        raise NotApplicable("no data was named: `auditor audit --subject PATH` records the digest of a file or folder")
    return request["subjects"]


def _of_folder(role, meaning, source, read, unit=""):
    """A probe of the working folder, independent of the request."""
    return fact.probe(role, meaning, source, lambda _request: read(), unit)


PROBES = {
    "code.commit": _of_folder("software", "checked-out commit", "git status", _git.commit),
    "code.dirty": _of_folder(
        "software", "whether tracked files differ from the commit", "git status", lambda: _git.state(1) > 0
    ),
    "code.changed": _of_folder(
        "software", "number of tracked files that differ from the commit", "git status", lambda: _git.state(1)
    ),
    "code.patch": _of_folder(
        "software", "sha256 of the difference from the commit", "git diff HEAD --binary", _git.patch
    ),
    "code.untracked": _of_folder(
        "software", "number of untracked files and folders, without ignored ones", "git status", lambda: _git.state(2)
    ),
    "code.remotes": _of_folder("identity", "remote repositories, without credentials", "git config", _git.remotes),
    "code.top": _of_folder("identity", "top folder of the checkout", "git rev-parse", _git.top),
    "code.folder": _of_folder("identity", "working folder", "os.getcwd", os.getcwd),
    "code.lock_files": _of_folder(
        "software", "lock files and requirements: name to sha256", "working folder", lambda: _limits.within(lock_files)
    ),
    "code.command_line": fact.probe("identity", "command line, without secrets", "sys.orig_argv", command_line),
    "code.program": fact.probe("software", "sha256 of the program's or the set-up file", "__main__", program),
    "code.data": fact.probe(
        "software",
        "digests of the data, weights and other files that the user named: name to sha256",
        "--subject",
        data,
    ),
}
KEYS = fact.keys(PROBES)


def collect(request):
    """Every fact about the code."""
    return fact.answers(PROBES, request)
