"""A paragraph to cite, as plain text."""

from __future__ import annotations

import textwrap

from ...quoting.inert import visible
from ..source import Reported
from . import reference, statements

COLUMNS = 100


def paragraph(reported: Reported) -> str:
    """All sentences about what was measured; the one that names the manifest follows them in each format."""
    return " ".join(statements.all_of(reported))


def render(reported: Reported) -> str:
    """The paragraph, and on a line of its own the command, which must not be broken."""
    text = f"{paragraph(reported)} {reference.named(reported)}; {reference.how(reported)}:"
    lines = textwrap.wrap(visible(text), COLUMNS, break_long_words=False, break_on_hyphens=False)
    return "\n".join([*lines, f"  {visible(reported.check)}", ""])
