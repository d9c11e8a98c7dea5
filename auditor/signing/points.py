"""Ed25519 public keys of small order: under each, anyone can make a signature that fits many messages."""

from __future__ import annotations

SIGN_BIT = 0x7F
SMALL_ORDER = frozenset(
    bytes.fromhex(point)
    for point in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)
"""
The encodings of the points of order 1, 2, 4 and 8, with the sign bit clear, and those that are not reduced.

Source: libsodium's `ge25519_has_small_order`; "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko, 2020).
"""


def has_small_order(raw: bytes) -> bool:
    """Whether the 32 raw bytes of a public key are such a point."""
    return raw[:-1] + bytes([raw[-1] & SIGN_BIT]) in SMALL_ORDER
