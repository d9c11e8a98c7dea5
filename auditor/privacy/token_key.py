"""The key of this machine's tokens: created once, beside the machine's signing key, readable only by its owner."""

from __future__ import annotations

import contextlib
import secrets
import stat
from pathlib import Path

from ..errors import KeyFileError
from ..signing import files, private

NAME = "tokens.key"
KEY_BYTES = 32


def one_time_key() -> bytes:
    """A new key, which is not stored."""
    return secrets.token_bytes(KEY_BYTES)


def machine_key() -> tuple[bytes, str]:
    """
    The key of this machine's tokens, created if there is none, and an empty text.

    If it cannot be used (no home folder, open to other users), a one-time key and the reason: names are still replaced,
    but the tokens of two audits cannot be compared.
    """
    try:
        return _kept(), ""
    except (OSError, KeyFileError) as problem:
        return one_time_key(), str(problem)


def _kept() -> bytes:
    path = private.config_folder() / NAME
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):  # another process created it first: use its key
            files.create(path, one_time_key(), files.PRIVATE)
    return _read(path, private.OPEN_TO_OTHERS)


def _read(path: Path, open_to_others: int) -> bytes:
    mode = path.stat().st_mode
    if mode & open_to_others:
        raise KeyFileError(f"{path} is open to other users ({stat.filemode(mode)}); delete it to create a new one")
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise KeyFileError(f"{path} does not hold {KEY_BYTES} bytes; delete it to create a new one")
    return key
