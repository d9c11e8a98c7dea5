"""Draft answers for the checklists of conferences, as Markdown: what the manifest knows, and what is to be asked."""

from __future__ import annotations

import functools

import jinja2

from ...quoting.inert import Inert
from ...quoting.templates import environment
from ...render.markdown import QUOTING
from ...shipped import folder
from ..paper import reference
from ..source import Reported
from . import lists
from .topics import ABSENT, TOPICS, Answer


def render(reported: Reported) -> str:
    """All lists; each draft cites the manifest's fields."""
    known: dict[str, Answer | None] = {name: topic(reported) for name, topic in TOPICS.items()}
    return _template().render(
        named=reference.named(reported),
        how=reference.how(reported),
        check=reported.check,
        lists=[*lists.all_of()],
        known=known,
        absent=ABSENT,
    )


@functools.cache
def _template() -> jinja2.Template:
    return environment(folder("reports") / "templates", {**QUOTING, "ours": Inert}).get_template("checklists.md.j2")
