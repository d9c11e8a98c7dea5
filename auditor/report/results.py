"""SARIF, as the gate writes it."""

from __future__ import annotations

from ..gate.formats import sarif
from . import judged
from .source import Reported


def render(reported: Reported) -> str:
    """What counts under the gate's defaults, as results: a defect that may not reach the program is none."""
    return sarif.render(judged.verdict(reported), judged.DEFAULTS)
