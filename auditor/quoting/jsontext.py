"""Escapes values of a manifest as ASCII JSON strings."""

from __future__ import annotations

import json

from .inert import Inert, visible


def json_text(value: str) -> Inert:
    """A JSON string without control characters and bidirectional marks."""
    return Inert(json.dumps(visible(value), ensure_ascii=True))


QUOTING = {"json_text": json_text}
