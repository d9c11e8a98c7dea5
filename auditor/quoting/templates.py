"""Jinja templates that refuse to print a value that was not quoted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import jinja2

from .inert import Inert


def environment(folder: Path, quoting: Mapping[str, Callable[..., object]]) -> jinja2.Environment:
    """A Jinja environment over a folder of templates, with a format's quoting functions as filters."""
    made = jinja2.Environment(
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
