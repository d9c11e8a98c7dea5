"""
The machine's own identity: a key that signs audits when no other is named.

It tells apart what this account made from what it did not, and nothing more: whoever runs as the same user, the audited
code included, can use it.
"""

from __future__ import annotations

import stat

from ..errors import KeyFileError
from . import files
from .ed25519 import Ed25519Signer, load_signer
from .private import OPEN_TO_OTHERS, REMEDY, config_folder

NAME = "identity.pem"


def existing() -> Ed25519Signer | None:
    """The identity, or None when none was ever made. Raises KeyFileError when it is open to others or unreadable."""
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
            f"Others may have copied it, so it vouches for nothing. Delete it to get a new one, or `chmod 600 {path}` "
            "if no other account is on this machine.",
        )
    return load_signer(path)


def identity() -> Ed25519Signer:
    """The identity, made now if there is none. Two processes at once end up with one key. Raises KeyFileError."""
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
            raise KeyFileError(f"{folder} is no folder, or its key vanished again", REMEDY) from problem
        return winner
    except OSError as problem:
        raise KeyFileError(
            f"the machine's own key cannot be written to {folder}: {problem.strerror or problem}", REMEDY
        ) from problem
    return made
