"""
Reads a trust file: PEM blocks of public keys, or one key a line.

A line is `ed25519:HEX`, a line of OpenSSH, or the path of a public key relative to the file; `NAME: ` before it names
the key's owner; `#` begins a comment. A file with one invalid entry is refused: a gap would look like distrust.
"""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import KeyFileError
from . import keys, ssh
from .ed25519 import Ed25519Verifier
from .interface import Verifier
from .pem import read_key_file
from .trusted_key import TrustedKey

PEM_BEGIN = b"-----BEGIN "
PEM_END = b"-----END PUBLIC KEY-----"
HEX_PREFIX = "ed25519:"
NAMED = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.@+-]{0,99}):\s+(\S.*)")


def trusted_keys(path: Path) -> list[TrustedKey]:
    """The keys of a trust file. Raises KeyFileError."""
    data = read_key_file(path)
    found = _pem_blocks(data, path) if PEM_BEGIN in data else _key_lines(data, path)
    if not found:
        raise KeyFileError(f"the trust file {path} names no key", "No key is trusted. Add a line with a public key.")
    return found


def _pem_blocks(data: bytes, path: Path) -> list[TrustedKey]:
    blocks = [block + PEM_END for block in data.split(PEM_END)[:-1]]
    if data.count(PEM_BEGIN) != len(blocks) or HEX_PREFIX.encode() in data:
        raise KeyFileError(
            f"the trust file {path} holds more than whole public keys in PEM form",
            "No key is trusted. Use either PEM blocks or lines, and never a private key.",
        )
    found = []
    for number, block in enumerate(blocks, start=1):
        origin = f"trust file {path}, key {number}"
        found.append(TrustedKey(keys.from_pem(block[block.rindex(PEM_BEGIN) :], origin), origin))
    return found


def _key_lines(data: bytes, path: Path) -> list[TrustedKey]:
    try:
        lines = data.decode("utf-8").splitlines()
    except UnicodeDecodeError as problem:
        raise KeyFileError(
            f"the trust file {path} is not UTF-8 text", "No key is trusted. Save it as UTF-8."
        ) from problem
    found = []
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        origin = f"trust file {path}, line {number}"
        named = NAMED.fullmatch(text)
        name, entry = (named[1], named[2]) if named else ("", text)
        found += [TrustedKey(verifier, origin, name) for verifier in _entry(entry, origin, path.parent)]
    return found


def _entry(entry: str, origin: str, folder: Path) -> list[Verifier]:
    if entry.startswith(HEX_PREFIX):
        return [Ed25519Verifier.from_hex(entry.removeprefix(HEX_PREFIX), origin)]
    if ssh.is_ssh(entry.encode()) and len(entry.split()) > 1:
        return [ssh.SshVerifier.from_line(entry, origin)]
    return keys.load_verifiers(folder / entry)
