"""The folder of this account's keys, and their permissions. Imports no cryptography."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ..errors import KeyFileError

OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO
REMEDY = "Nothing was signed. Name a key with --key, set XDG_CONFIG_HOME to a writable folder, or use --no-sign."


def config_folder() -> Path:
    """`$XDG_CONFIG_HOME/auditor`, else `~/.config/auditor`; a relative XDG_CONFIG_HOME is ignored, as XDG says."""
    named = os.environ.get("XDG_CONFIG_HOME", "")
    try:
        base = Path(named) if named.startswith("/") else Path.home() / ".config"
    except RuntimeError as problem:
        raise KeyFileError("this account has no home folder for the machine's own key", REMEDY) from problem
    return base / "auditor"
