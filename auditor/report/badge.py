"""A badge: an SVG that says what came out, in which tier, and when. It loads nothing and runs nothing."""

from __future__ import annotations

import functools

import jinja2

from ..quoting.templates import environment
from ..quoting.xmltext import QUOTING
from ..shipped import folder
from .outcome import Grade, outcome
from .paper import reference
from .source import Reported

COLOURS: dict[Grade, str] = {"held": "#1a7f37", "failed": "#b42318", "unknown": "#6b4e00"}
"""Each with white text has a contrast above 4.5 to 1 (WCAG 2, AA)."""
LABEL = "reproducibility audit"
CHARACTER_PX = 6.2
"""The width of a character of DejaVu Sans or Verdana at 11 px, on average; `textLength` makes it exact."""
PADDING_PX = 8


def render(reported: Reported) -> str:
    """The badge; its width follows its words, and its title holds the digest."""
    run = reported.manifest.predicate.run
    told = outcome(reported.manifest.predicate)
    words = f"{told.words}, {run.tier}, {reported.date}" + ("" if reported.signed else ", UNSIGNED")
    left, right = _width(LABEL), _width(words)
    return _template().render(
        label=LABEL,
        words=words,
        title=f"{LABEL}: {words}; {reference.named(reported)}",
        colour=COLOURS[told.grade],
        left=left,
        right=right,
        padding=PADDING_PX,
    )


def _width(text: str) -> int:
    """In pixels, padding included."""
    return round(len(text) * CHARACTER_PX) + 2 * PADDING_PX


@functools.cache
def _template() -> jinja2.Template:
    return environment(folder("reports") / "templates", QUOTING).get_template("badge.svg.j2")
