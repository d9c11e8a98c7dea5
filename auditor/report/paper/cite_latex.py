"""A paragraph to cite, as LaTeX."""

from __future__ import annotations

from ...quoting.inert import Inert
from ...quoting.latex import tex_breaking
from ..source import Reported
from . import reference
from .cite import paragraph


def body(reported: Reported) -> Inert:
    """The paragraph, in ASCII; it needs no package."""
    named = tex_breaking(f"{paragraph(reported)} {reference.named(reported)}; {reference.how(reported)}")
    return Inert(rf"{named} \texttt{{{tex_breaking(reported.check)}}}.")


def render(reported: Reported) -> str:
    """The paragraph as one line of LaTeX's text."""
    return f"{body(reported)}\n"
