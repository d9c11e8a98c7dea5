"""Where `write` and `lock` write: into a signed audit folder only if its list of files is signed anew."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import UsageError
from ...output import resigned
from ...output.examined import examine
from ...signing import keys as key_files
from ...signing.enclosing import refuse_inside_signed, signed_folder
from ...signing.interface import Signer
from ...signing.trusted_key import TrustedKey


@dataclass(frozen=True)
class Target:
    """A folder to write into, and who signs the list of the audit folder in which it lies."""

    output: Path
    root: Path | None = None
    """The signed audit folder that encloses it; None if there is none."""
    signer: Signer | None = None

    def name(self, name: str) -> str:
        """The file's name there: no file of a signed folder is hidden, since a copy may leave hidden files out."""
        return name.lstrip(".") if self.root else name

    def write(self, texts: Mapping[Path, bytes], removed: tuple[Path, ...]) -> None:
        """Write files, remove others, and sign the folder's list anew."""
        if self.root is not None and self.signer is not None:
            resigned.write_listed(self.root, texts, removed, self.signer)


def target(
    output: Path, sign_with: Path | None, trusted: Callable[[], Sequence[TrustedKey]], *, wheelhouse: bool = False
) -> Target:
    """
    The folder to write into; `trusted` gives the keys that may have signed a folder around it.

    Raises OutputError for one inside a signed folder without a key, UsageError for a key without such a folder,
    SignatureError if the folder does not verify as it is: a new list must not vouch for what was changed before.
    """
    root = signed_folder(output)
    if root is None and sign_with is not None:
        raise UsageError(
            f"{output} lies in no signed audit folder, so --sign-with has nothing to sign",
            "Nothing was written. Leave out --sign-with.",
        )
    if root is None:
        return Target(output)
    if sign_with is None:
        refuse_inside_signed(output, "Name another folder with --output, or sign its list anew with --sign-with KEY.")
        raise AssertionError("unreachable: the line above raises for this folder")
    if wheelhouse:
        raise UsageError(
            "--wheelhouse does not write into a signed audit folder", "Nothing was written. Name another --output."
        )
    signer = key_files.load_signer(sign_with)
    report = examine(root, trusted())
    if report.verdict not in {"trusted", "intact"}:
        raise resigned.not_vouched(f"{root} does not verify: {'; '.join(report.problems)}")
    return Target(Path(os.path.realpath(output)), root, signer)
