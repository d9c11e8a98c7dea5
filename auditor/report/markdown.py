"""The report of an audit's folder."""

from __future__ import annotations

from ..render import markdown
from .source import Reported


def render(reported: Reported) -> str:
    """As `report.md`."""
    return markdown.render(reported.manifest, reported.sha256, signed=reported.signed)
