"""Lines that fit a terminal, and values of untrusted documents as text on one line."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TextIO

from pydantic import ValidationError

from ..manifest.models import Fact
from ..quoting.inert import as_text, shortened, visible

MOST_COLUMNS, LEAST_COLUMNS = 80, 40
CONTINUED = "    "
"""Indents what continues a line that was too long."""
MOST_FACTS = 2000
"""Limit of the facts that are shown; a trace has about 500, most of which do not apply to its machine."""


def columns(stream: TextIO) -> int:
    """The width to write for: 80, or less on a narrow terminal."""
    if not stream.isatty():
        return MOST_COLUMNS
    return max(LEAST_COLUMNS, min(MOST_COLUMNS, shutil.get_terminal_size().columns))


def fitted(lines: Iterable[str], width: int = MOST_COLUMNS, *, break_words: bool = True) -> Iterator[str]:
    """Each line made visible; one that is too long goes on below, indented. Paths to copy are no words to break."""
    for line in lines:
        told = visible(line).rstrip()
        indent = told[: len(told) - len(told.lstrip())][: width // 2]
        if len(told) <= width:
            yield told
        else:
            yield from textwrap.wrap(
                told.lstrip(),
                width,
                initial_indent=indent,
                subsequent_indent=indent + CONTINUED,
                break_on_hyphens=False,
                break_long_words=break_words,
            )


def one_line(value: Any) -> Any:
    """A JSON value whose texts, keys included, hold no line break and no control character: no text forges a line."""
    if isinstance(value, str):
        return visible(value.replace("\n", " "))
    if isinstance(value, list):
        return [one_line(item) for item in value]
    if isinstance(value, Mapping):
        return {one_line(name): one_line(item) for name, item in value.items()}
    return value


def facts(found: Any) -> Iterator[str]:
    """
    A heading, then each fact with its value, or why it could not be read; those that do not apply are counted.

    Facts of a trace or a probe are hostile data.
    """
    if not isinstance(found, dict) or not found:
        return
    read = {str(name): _fact(value) for name, value in found.items()}
    told = {name: fact for name, fact in read.items() if fact is None or fact.state != "not-applicable"}
    yield ""
    yield f"Facts ({len(read)}; {len(read) - len(told)} do not apply here and are left out):"
    for name in sorted(told)[:MOST_FACTS]:
        yield f"  {shortened(visible(name), MOST_COLUMNS)}: {_told(told[name])}"
    if len(told) > MOST_FACTS:
        yield f"  and {len(told) - MOST_FACTS} more"


def _fact(value: Any) -> Fact | None:
    try:
        return Fact.model_validate(value)
    except ValidationError:
        return None


def _told(fact: Fact | None) -> str:
    if fact is None:
        return "(not a fact: left out)"
    told = as_text(fact.value) if fact.state == "value" else f"({fact.state}) {fact.reason}".rstrip()
    return visible(shortened(told))
