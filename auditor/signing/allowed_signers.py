"""
Reads OpenSSH's `allowed_signers` files: `PRINCIPALS [OPTIONS] KIND BASE64 [COMMENT]`, one key a line.

Source: ssh-keygen(1), section ALLOWED SIGNERS. A file with one line that is not understood is refused.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from fnmatch import fnmatchcase
from pathlib import Path

from ..errors import KeyFileError
from ..manifest.strict_json import shown
from .pem import read_key_file
from .ssh import KINDS, NAMESPACE, SshVerifier
from .trusted_key import TrustedKey

WORD = re.compile(r'(?:[^\s"]|"[^"]*")+')
OPTION = re.compile(r'([a-z-]+)(?:="([^"]*)")?(?:,|$)')
TIMES = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
NOBODY = "No key is trusted."


def trusted_keys(path: Path) -> list[TrustedKey]:
    """The keys of an allowed_signers file that may sign in auditor's namespace. Raises KeyFileError."""
    try:
        lines = read_key_file(path).decode("utf-8").splitlines()
    except UnicodeDecodeError as problem:
        raise KeyFileError(f"{path} is not UTF-8 text", f"{NOBODY} Save it as UTF-8.") from problem
    numbered = [(number, line.strip()) for number, line in enumerate(lines, start=1)]
    found = [_key(line, f"{path}, line {number}") for number, line in numbered if line and not line.startswith("#")]
    kept = [key for key in found if key is not None]
    if not kept:
        raise KeyFileError(
            f"{path} names no key that may sign in the namespace {NAMESPACE}",
            f'{NOBODY} Add a line `NAME namespaces="{NAMESPACE}" KIND KEY`.',
        )
    return kept


def names_match(principals: str, name: str) -> bool:
    """Whether a list of patterns (`*@example.org,!guest@example.org`) names this signer, as ssh_config(5) says."""
    patterns = principals.split(",")
    if any(fnmatchcase(name, _pattern(one[1:])) for one in patterns if one.startswith("!")):
        return False
    return any(fnmatchcase(name, _pattern(one)) for one in patterns if not one.startswith("!"))


def _pattern(text: str) -> str:
    """OpenSSH's patterns know `*` and `?` only."""
    return text.replace("[", "[[]")


def _key(line: str, where: str) -> TrustedKey | None:
    """The key of a line; None if it is for other namespaces only."""
    words = WORD.findall(line)
    if len(words) > 1 and words[1].encode() in KINDS:
        words.insert(1, "")
    if len(words) < 4:
        raise KeyFileError(f"{where} is no line of an allowed_signers file: {shown(line)}", NOBODY)
    options = _options(words[1], where)
    verifier = SshVerifier.from_line(" ".join(words[2:4]), where)
    if "namespaces" in options and not names_match(options["namespaces"], NAMESPACE):
        return None
    return TrustedKey(
        verifier,
        f"--allowed-signers {where}",
        words[0].strip('"'),
        _time(options.get("valid-after"), where),
        _time(options.get("valid-before"), where),
    )


def _options(text: str, where: str) -> dict[str, str]:
    found, place = {}, 0
    while place < len(text):
        option = OPTION.match(text, place)
        if option is None or option[1].lower() not in {"namespaces", "valid-after", "valid-before"}:
            raise KeyFileError(
                f"{where} has options that do not count here: {shown(text)}",
                f"{NOBODY} Options that count: namespaces, valid-after, valid-before. Certificates do not.",
            )
        found[option[1].lower()], place = option[2] or "", option.end()
    return found


def _time(text: str | None, where: str) -> datetime | None:
    """`YYYYMMDD[HHMM[SS]][Z]` in UTC with Z, else in local time, as OpenSSH reads it."""
    if text is None:
        return None
    digits = text.removesuffix("Z")
    try:
        moment = datetime.strptime(digits, TIMES[len(digits)])  # noqa: DTZ007 -- the zone is set below
    except (KeyError, ValueError) as problem:
        raise KeyFileError(
            f"{where} has {shown(text)} where a time belongs (YYYYMMDD[HHMM[SS]][Z])", NOBODY
        ) from problem
    return moment.replace(tzinfo=timezone.utc) if text.endswith("Z") else moment.astimezone(timezone.utc)
