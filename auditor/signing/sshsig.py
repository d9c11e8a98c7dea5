"""
The format of OpenSSH signatures: what `ssh-keygen -Y sign` writes, and the bytes that it signs.

Source: PROTOCOL.sshsig of OpenSSH, and RFC 4251 (section 5: `string`, `uint32`, `mpint`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

MAGIC = b"SSHSIG"
VERSION = 1
BEGIN = b"-----BEGIN SSH SIGNATURE-----"
END = b"-----END SSH SIGNATURE-----"
HASHES = {b"sha256": hashlib.sha256, b"sha512": hashlib.sha512}
LENGTH_BYTES = 4
INTEGER_LIMIT_BYTES = 1024
"""Longest multiple-precision integer: a key of 8192 bits."""


class Reader:
    """Reads fields in RFC 4251's encoding. Raises ValueError for what is truncated."""

    def __init__(self, data: bytes) -> None:
        self._rest = data

    def take(self, count: int) -> bytes:
        """The next bytes."""
        if len(self._rest) < count:
            raise ValueError("truncated")
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken

    def number(self) -> int:
        """A `uint32`."""
        return int.from_bytes(self.take(LENGTH_BYTES), "big")

    def string(self) -> bytes:
        """A `string`: its length, and as many bytes."""
        return self.take(self.number())

    def integer(self) -> int:
        """A positive `mpint` in its shortest form, the only one that RFC 4251 allows."""
        data = self.string()
        value = int.from_bytes(data, "big", signed=True)
        if not data or len(data) > INTEGER_LIMIT_BYTES or value <= 0 or data != shortest(value):
            raise ValueError("no positive integer in its shortest form")
        return value

    def end(self) -> None:
        """Raise ValueError if anything is left."""
        if self._rest:
            raise ValueError("bytes after the end")


def string(data: bytes) -> bytes:
    """The encoding of a `string`."""
    return len(data).to_bytes(LENGTH_BYTES, "big") + data


def shortest(value: int) -> bytes:
    """The bytes of a positive integer, with a leading zero where the first bit would be taken for a sign."""
    return value.to_bytes(value.bit_length() // 8 + 1, "big")


@dataclass(frozen=True)
class SshSignature:
    """A parsed signature, unverified."""

    public_key: bytes
    """The claimed key, in the wire format."""
    namespace: bytes
    reserved: bytes
    hash_name: bytes
    form: bytes
    """Name of the signature's algorithm, such as `ssh-ed25519` or `rsa-sha2-512`."""
    blob: bytes
    """The signature in the form of that algorithm."""

    def signed_bytes(self, message: bytes) -> bytes:
        """The bytes that the key signs for this message. Raises ValueError for an unknown digest."""
        if self.hash_name not in HASHES:
            raise ValueError("unknown digest")
        digest = HASHES[self.hash_name](message).digest()
        return MAGIC + b"".join(string(part) for part in (self.namespace, self.reserved, self.hash_name, digest))


def parse(data: bytes) -> SshSignature:
    """The signature in these (binary) bytes. Raises ValueError for anything else, also for bytes after its end."""
    reader = Reader(data)
    if reader.take(len(MAGIC)) != MAGIC or reader.number() != VERSION:
        raise ValueError("not an SSH signature of version 1")
    public_key, namespace, reserved, hash_name, signature = (reader.string() for _ in range(5))
    reader.end()
    inner = Reader(signature)
    form, blob = inner.string(), inner.string()
    inner.end()
    return SshSignature(public_key, namespace, reserved, hash_name, form, blob)


def write(signature: SshSignature) -> bytes:
    """The binary form of a signature."""
    outer = (signature.public_key, signature.namespace, signature.reserved, signature.hash_name)
    inner = string(signature.form) + string(signature.blob)
    return MAGIC + VERSION.to_bytes(LENGTH_BYTES, "big") + b"".join(string(part) for part in (*outer, inner))


def unarmored(text: bytes) -> bytes:
    """The binary signature in what `ssh-keygen -Y sign` prints. Raises ValueError."""
    before, begin, rest = text.partition(BEGIN)
    inside, end, _ = rest.partition(END)
    if before.strip() or not begin or not end:
        raise ValueError("no SSH signature")
    try:
        return base64.b64decode(b"".join(inside.split()), validate=True)
    except binascii.Error as problem:
        raise ValueError("no base64") from problem


def armored(data: bytes) -> bytes:
    """The text form of a binary signature, for `ssh-keygen -Y verify`."""
    text = base64.b64encode(data)
    lines = [text[start : start + 70] for start in range(0, len(text), 70)]
    return b"\n".join([BEGIN, *lines, END, b""])
