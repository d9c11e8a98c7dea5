"""
The machine's own key, which signs audits if no other key is named.

It proves only that this account signed: every program of the same user, including the audited code, can use it.
"""

from __future__ import annotations

import stat

from ..errors import KeyFileError
from . import files
from .ed25519 import Ed25519Signer, load_signer
from .private import OPEN_TO_OTHERS, REMEDY, config_folder

NAME = "identity.pem"


def existing() -> Ed25519Signer | None:
    """The key; None if there is none yet. Raises KeyFileError if it is open to other users or unreadable."""
    path = config_folder() / NAME
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as problem:
        raise KeyFileError(f"{path} cannot be read: {problem.strerror or problem}", REMEDY) from problem
    if mode & OPEN_TO_OTHERS:
        raise KeyFileError(
            f"the machine's own key {path} is open to other users (mode {stat.S_IMODE(mode):04o})",
            f"Others may have copied it, so it was not used. Delete it to get a new one, or run `chmod 600 {path}` if "
            "this machine has no other accounts.",
        )
    return load_signer(path)


def identity() -> Ed25519Signer:
    """The key, created if there is none. Two processes at the same time get the same key. Raises KeyFileError."""
    found = existing()
    if found is not None:
        return found
    folder = config_folder()
    made = Ed25519Signer.generate()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.create(folder / NAME, made.private_pem(), files.PRIVATE)
    except FileExistsError as problem:
        winner = existing()
        if winner is None:
            raise KeyFileError(
                f"{folder} is not a folder, or its key was removed at the same time", REMEDY
            ) from problem
        return winner
    except OSError as problem:
        raise KeyFileError(
            f"the machine's own key cannot be written to {folder}: {problem.strerror or problem}", REMEDY
        ) from problem
    return made
