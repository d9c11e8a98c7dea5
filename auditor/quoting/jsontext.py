"""Values of a manifest as JSON texts, in ASCII."""

from __future__ import annotations

import json

from .inert import Inert, visible


def json_text(value: str) -> Inert:
    """A JSON string whose text is visible: whoever shows it meets no control and no bidirectional mark."""
    return Inert(json.dumps(visible(value), ensure_ascii=True))


QUOTING = {"json_text": json_text}
