"""Jinja templates that refuse to print a value that was not quoted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import jinja2

from .inert import Inert


@dataclass(frozen=True)
class Delimiters:
    """What begins and ends a block, a value and a comment of a template."""

    block: tuple[str, str] = ("{%", "%}")
    value: tuple[str, str] = ("{{", "}}")
    comment: tuple[str, str] = ("{#", "#}")


LATEX = Delimiters(("<%", "%>"), ("<<", ">>"), ("<#", "#>"))
"""For templates in which braces and `#` have a meaning of their own."""


def environment(
    folder: Path, quoting: Mapping[str, Callable[..., object]], delimiters: Delimiters | None = None
) -> jinja2.Environment:
    """A Jinja environment over a folder of templates, with a format's quoting functions as filters."""
    marks = delimiters or Delimiters()
    made = jinja2.Environment(
        block_start_string=marks.block[0],
        block_end_string=marks.block[1],
        variable_start_string=marks.value[0],
        variable_end_string=marks.value[1],
        comment_start_string=marks.comment[0],
        comment_end_string=marks.comment[1],
        autoescape=False,  # noqa: S701  not HTML; `finalize` refuses unquoted values
        finalize=_only_inert,
        keep_trailing_newline=True,
        loader=jinja2.FileSystemLoader(folder),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters.update(quoting)
    return made


def _only_inert(value: object) -> object:
    """Pass quoted text and integers; anything else is a defect of the template."""
    if isinstance(value, Inert) or type(value) is int:
        return value
    raise TypeError(f"a template prints a value that was not quoted: {type(value).__name__}")
