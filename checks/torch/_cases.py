"""Running one case of a table: its digest, or that torch refuses the call here."""

from __future__ import annotations

from ..fingerprint import digest


def outcome(call):
    """
    The digest of what `call` gives, or `refused: ...` with the exception's type.

    A build, a version or a switch may not offer a kernel: that answer is a value too, and compared like the others.
    The exception's text stays out, since it may hold an address. A test sees to it that nothing is refused here.
    """
    try:
        return digest(call())
    except Exception as refusal:  # becomes the value
        return "refused: %s" % type(refusal).__name__
