"""
Escapes values of a manifest for HTML: as text, and inside attributes in double quotes.

No value is ever a link, a style or a script.

Syntax: https://html.spec.whatwg.org/multipage/parsing.html (in text only `&` and `<` act; in an attribute in double
quotes only `&` and `"`). Control characters and bidirectional marks are shown as escapes, as in every other format.
"""

from __future__ import annotations

import hashlib
import html
import math
import re
from collections.abc import Callable, Mapping

from .inert import Inert, shortened, visible

MOST_PROSE = 4000
"""Characters of a message or a remedy that are shown; the longest of our own has under 2000."""
CODE = re.compile(r"(?<!`)`([^`]{1,300})`(?!`)")
NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MOST_NAME = 80


def text(value: str) -> Inert:
    """Text on one line, also as the value of an attribute in double quotes."""
    return Inert(html.escape(visible(shortened(value, MOST_PROSE)), quote=True) or "(empty)")


def prose(value: str) -> Inert:
    """As `text`, with code spans, in which remedies name commands and variables, as `<code>`."""
    pieces = CODE.split(shortened(value, MOST_PROSE))
    return Inert(
        "".join(code(piece) if number % 2 else text(piece) if piece else "" for number, piece in enumerate(pieces))
        or "(empty)"
    )


def code(value: str) -> Inert:
    """An identifier, a version or a path as `<code>`."""
    return Inert(f"<code>{text(value)}</code>")


def anchor(value: str) -> Inert:
    """A name for `id` and for a link to it: that of our own ids as it is, of anything else its digest."""
    if len(value) <= MOST_NAME and NAME.fullmatch(value):
        return Inert(value)
    return Inert(f"x{hashlib.sha256(value.encode('utf-8', 'backslashreplace')).hexdigest()[:16]}")


def coordinate(value: float) -> Inert:
    """A length in a plot. Raises ValueError for one that is not finite: a plot must not be cut off by a value."""
    if not math.isfinite(value):
        raise ValueError("a coordinate is not finite")
    return Inert(f"{value:.1f}")


def amount(value: float) -> Inert:
    """A measured number with three digits; `not measured` for NaN."""
    return Inert("not measured" if math.isnan(value) else f"{value:.3g}")


QUOTING: Mapping[str, Callable[..., object]] = {
    "text": text,
    "prose": prose,
    "code": code,
    "anchor": anchor,
    "coordinate": coordinate,
    "amount": amount,
}
"""The filters of the templates in `reports/templates/html`."""
