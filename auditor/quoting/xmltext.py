"""Quotes values of a manifest for the text and the attributes of XML."""

from __future__ import annotations

from xml.sax.saxutils import escape

from .inert import Inert, visible

QUOTES = {'"': "&quot;", "'": "&apos;"}


def xml_text(text: str) -> Inert:
    """The text on one line; nothing in it begins an element, ends an attribute or names an entity."""
    return Inert(escape(visible(text), QUOTES))


QUOTING = {"xml_text": xml_text}
