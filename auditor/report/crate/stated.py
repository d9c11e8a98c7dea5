"""What an author states about a crate: no audit can know it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...errors import UsageError
from ...manifest.strict_json import shown
from ..source import ANONYMOUS, Reported

SPDX = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,63}")
ADDRESS = re.compile(r"https?://[^\s\"'<>\\^`{|}]{1,2000}")
SPDX_ADDRESS = "https://spdx.org/licenses/"
LONGEST_NAME = 200
NOTHING = "Nothing was written."


@dataclass(frozen=True)
class Stated:
    """Authors, licence, and whether a CITATION.cff is wanted."""

    authors: tuple[str, ...] = ()
    """As they are to be cited: `Lovelace, Ada`."""
    licence: str = ""
    """An SPDX identifier or an address; empty if the author states none."""
    citation: bool = False

    @property
    def licence_address(self) -> str:
        """The address of the licence's text; empty if none is stated."""
        return self.licence if ADDRESS.fullmatch(self.licence) or not self.licence else SPDX_ADDRESS + self.licence


def checked(stated: Stated, reported: Reported) -> Stated:
    """The same. Raises UsageError for what is no licence or no name, and for an author of an anonymous audit."""
    if stated.licence and not (SPDX.fullmatch(stated.licence) or ADDRESS.fullmatch(stated.licence)):
        raise UsageError(
            f"{shown(stated.licence)} is no licence",
            f"{NOTHING} Write an SPDX identifier, as --license CC-BY-4.0, or the address of its text.",
        )
    for name in stated.authors:
        if not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
            raise UsageError(f"{shown(name)} is no name of an author", f'{NOTHING} Write --author "Lovelace, Ada".')
    if stated.authors and reported.manifest.predicate.run.privacy == ANONYMOUS:
        raise UsageError(
            "--author names somebody, and the manifest was made anonymous",
            f"{NOTHING} Leave the author out, or report a manifest that is not anonymous.",
        )
    return stated
