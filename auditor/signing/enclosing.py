"""Signed folders that enclose a path: what is written there later would be no part of what was signed."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import OutputError
from .file_list import LIST_NAME


def signed_folder(path: Path) -> Path | None:
    """The innermost folder with a signed list of files that is, or encloses, this path; None if there is none."""
    place = Path(os.path.realpath(path))
    return next((one for one in (place, *place.parents) if (one / LIST_NAME).is_file()), None)


def refuse_inside_signed(path: Path, instead: str = "Name another place.") -> None:
    """Raise OutputError if the path lies in a signed folder."""
    folder = signed_folder(path)
    if folder is not None:
        raise OutputError(
            f"{path} lies in {folder}, whose files were signed ({LIST_NAME}): a later file would not belong to them",
            f"Nothing was written. {instead}",
        )
