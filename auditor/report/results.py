"""SARIF, as the gate writes it."""

from __future__ import annotations

from ..gate.formats import sarif
from . import judged
from .source import Reported


def render(reported: Reported) -> str:
    """The failed findings as results, under the defaults of the gate."""
    return sarif.render(judged.verdict(reported), judged.DEFAULTS)
