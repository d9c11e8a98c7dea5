"""The expected errors. Each has an exit code and says what happened, what that means for the audit, what to do."""

from __future__ import annotations

from collections.abc import Iterable

OK = 0
FINDINGS = 1
USAGE = 2
INCONCLUSIVE = 3
UNTRUSTED = 4
FAILED = 5
INTERRUPTED = 130

PRECEDENCE = (INTERRUPTED, USAGE, FAILED, UNTRUSTED, FINDINGS, INCONCLUSIVE, OK)
"""When several exit codes apply, the program exits with the first of these."""


def worst(*codes: int) -> int:
    """The exit code of a run to which several apply."""
    return min(codes, key=PRECEDENCE.index, default=OK)


class AuditorError(Exception):
    """Base of every expected error; `message` says what happened, `hint` what it means and what to do."""

    exit_code = FAILED

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(AuditorError):
    """The command line asks for something impossible."""

    exit_code = USAGE


class NothingToAuditError(AuditorError):
    """The audited Python holds nothing that the command could measure."""

    exit_code = INCONCLUSIVE


class InterpreterError(AuditorError):
    """The audited Python cannot be started or does not answer."""


class NotAPythonError(AuditorError):
    """The given path is not a Python interpreter."""

    exit_code = USAGE


class SetupError(AuditorError):
    """The user's `--setup` file failed."""


class OutputError(AuditorError):
    """The output folder cannot be written, or would overwrite something."""


class ManifestError(AuditorError):
    """A manifest or envelope cannot be read: truncated, not JSON, too large, duplicate keys, wrong shape."""


class SignatureError(AuditorError):
    """A signature does not verify, or verifies but is not trusted."""

    exit_code = UNTRUSTED


class KeyFileError(AuditorError):
    """A key file cannot be read or written."""


class EngineError(AuditorError):
    """A container engine cannot be reached or used, or a build in it failed."""


class MissingExtraError(AuditorError):
    """An optional package that this command needs is not installed."""


class LockError(AuditorError):
    """An index cannot be asked for the hashes of a lock, or serves a file other than the locked one."""


LEAST_ALIKE = 0.7
"""Least similarity (`difflib`: twice the common characters over all) of a word that is suggested."""
LEAST_LETTERS = 3
"""A shorter word is part of too many."""


def nearest(word: str, known: Iterable[str]) -> str:
    """
    ` Did you mean ...?` with the known words that contain the word, or the one that is most like it; empty without one.

    Ids that begin with the same parts (`torch-`) must be alike in what follows.
    """
    import difflib  # noqa: PLC0415 - only a mistake needs it

    known = sorted(known)
    found = [name for name in known if len(word) >= LEAST_LETTERS and word in name][:3]
    for name in [] if found else difflib.get_close_matches(word, known, n=3, cutoff=LEAST_ALIKE):
        same = next((place for place, pair in enumerate(zip(word, name, strict=False)) if len({*pair}) > 1), 0)
        rest = word.rfind("-", 0, same) + 1
        if difflib.SequenceMatcher(None, word[rest:], name[rest:]).ratio() >= LEAST_ALIKE:
            found = [name]
            break
    return f" Did you mean {' or '.join(found)}?" if found else ""


def as_text(error: AuditorError) -> str:
    """The text of an error, as the command line prints it."""
    return f"{error.message}\n{error.hint}" if error.hint else error.message
