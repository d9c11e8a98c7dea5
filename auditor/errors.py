"""The expected errors. Each has an exit code and says what happened, what that means for the audit, what to do."""

from __future__ import annotations

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


def as_text(error: AuditorError) -> str:
    """The text of an error, as the command line prints it."""
    return f"{error.message}\n{error.hint}" if error.hint else error.message
