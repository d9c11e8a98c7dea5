"""A paragraph to cite, as Markdown."""

from __future__ import annotations

from ...render.markdown import code, text
from ..source import Reported
from . import reference
from .cite import paragraph


def render(reported: Reported) -> str:
    """One paragraph; nothing of the manifest acts as markup."""
    named = text(f"{paragraph(reported)} {reference.named(reported)}; {reference.how(reported)}")
    return f"{named} {code(reported.check)}.\n"
