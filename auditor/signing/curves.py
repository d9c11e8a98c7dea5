"""Orders of the groups of ECDSA's curves, and the smaller of the two s that each signature has."""

from __future__ import annotations

ORDERS = {
    "secp256r1": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "secp384r1": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    "secp521r1": int(
        "01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
        "FA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409",
        16,
    ),
}
"""The order n by the curve's name. Source: SEC 2, version 2.0, sections 2.4 to 2.6."""


def smaller_s(s: int, curve: str) -> int:
    """The smaller of s and n - s: with (r, s) also (r, n - s) verifies."""
    return min(s, ORDERS[curve] - s)
