"""Renders the files of a specification from its plan, with the templates in `containers/`."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Callable
from typing import Any

import jinja2

from ...quoting import apptainer, dockerfile, jsontext, shell
from ...quoting.inert import Inert
from ...quoting.templates import environment
from ...shipped import folder
from .plan import Plan

WIDTH_CHARACTERS = 110
REQUIREMENTS = ("requirements.txt", "requirements.lock")
"""A specification has one of them: without hashes, or with all hashes."""
TEMPLATES = {
    "Dockerfile": "Dockerfile.j2",
    "apptainer.def": "apptainer.def.j2",
    ".devcontainer/devcontainer.json": "devcontainer.json.j2",
    "wheels/README": "wheels-README.j2",
}
USER = "audited"


def files(plan: Plan, payload_sha256: str, *, signed: bool) -> dict[str, str]:
    """Relative path to text of every file. Raises ValueError for an invalid digest."""
    context = _context(plan, payload_sha256, signed=signed)
    found = {path: _render(template, context) for path, template in TEMPLATES.items()}
    if plan.choices.lock:
        found["requirements.lock"] = plan.choices.lock
    else:
        found["requirements.txt"] = _render("requirements.txt.j2", context)
    if plan.driver:
        found["check-driver"] = _render("check-driver.j2", context)
    return found


def _context(plan: Plan, payload_sha256: str, *, signed: bool) -> dict[str, Any]:
    context: dict[str, Any] = {
        "payload_sha256": payload_sha256,
        "signed": signed,
        "plan": plan,
        "requirements": Inert(REQUIREMENTS[bool(plan.choices.lock)]),
        "base": plan.base,
        "base_name": plan.base_name,
        "base_digest": plan.choices.base_digest,
        "environment": sorted(plan.environment.items()),
        "packages": sorted(plan.packages.items()),
        "sources": sorted(plan.sources.items()),
        "image_user": Inert(USER),
    }
    for name in ("prepare", "install", "system", "settle"):
        for suffix, with_user in (("", True), ("_userless", False)):
            script = _render(f"steps/{name}.sh.j2", {**context, "with_user": with_user})
            context[f"{name}{suffix}"] = _commands(script)
    return context


def _commands(script: str) -> list[Inert]:
    """The commands of a rendered script: one a line, comments left out."""
    lines = (line.strip() for line in script.split("\n"))
    return [Inert(line) for line in lines if line and not line.startswith("#")]


def _render(template: str, context: dict[str, Any]) -> str:
    return _templates().get_template(template).render(context)


@functools.cache
def _templates() -> jinja2.Environment:
    quoting: dict[str, Callable[..., object]] = {
        **dockerfile.QUOTING,
        **shell.QUOTING,
        **apptainer.QUOTING,
        **jsontext.QUOTING,
        "lines": _lines,
    }
    return environment(folder("containers"), quoting)


def _lines(texts: list[str]) -> list[str]:
    """Texts as wrapped comment lines, indented from the second line of each text."""
    wrapped = (
        textwrap.wrap(text, WIDTH_CHARACTERS, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
        for text in texts
    )
    return [line for text in wrapped for line in text]
