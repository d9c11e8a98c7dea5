"""JUnit, as the gate writes it."""

from __future__ import annotations

from ..gate.formats import junit
from . import judged
from .source import Reported


def render(reported: Reported) -> str:
    """The rules of the gate under its defaults, as test cases."""
    return junit.render(judged.verdict(reported))
