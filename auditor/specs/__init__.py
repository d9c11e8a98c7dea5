"""
From a manifest to a container specification: a Dockerfile and a requirements file.

A pure function of the manifest and of its digest, so that `verify` can render both again and compare. What a manifest
cannot settle (a base image's digest, hashes of files) is said in a comment with UNPINNED or UNHASHED, never guessed.
"""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Callable

import jinja2

from ..manifest import Manifest
from ..render import dockerfile
from ..render.templates import environment
from ..shipped import folder
from . import base, packages, variables
from .plan import Plan

WIDTH_CHARACTERS = 110
WARNINGS = ("UNPINNED", "UNHASHED", "ASSUMED", "CONFLICT", "GPU", "LEFT OUT", "OTHER", "OWN INDEX")
"""How notes begin that say what the specification cannot promise."""


def files(manifest: Manifest, payload_sha256: str, *, signed: bool = True) -> dict[str, str]:
    """
    `Dockerfile` and `requirements.txt` as text.

    `payload_sha256` is the digest (hex) of the manifest's bytes. Raises ValueError when it is no such digest.
    """
    plan = _plan(manifest)
    context = {
        "payload_sha256": payload_sha256,
        "signed": signed,
        "base": plan.base,
        "base_notes": plan.base_notes,
        "environment": sorted(plan.environment.items()),
        "environment_notes": plan.environment_notes,
        "own_index": plan.own_index,
        "packages": sorted(plan.packages.items()),
        "package_notes": plan.package_notes,
    }
    return {
        name: _templates().get_template(f"{name}.j2").render(context) for name in ("Dockerfile", "requirements.txt")
    }


@functools.cache
def _templates() -> jinja2.Environment:
    quoting: dict[str, Callable[..., object]] = {**dockerfile.QUOTING, "lines": _lines}
    return environment(folder("containers"), quoting)


def notes(manifest: Manifest) -> list[str]:
    """What the specification cannot promise, for the terminal: each begins with one of WARNINGS."""
    plan = _plan(manifest)
    return [
        note for note in (*plan.base_notes, *plan.environment_notes, *plan.package_notes) if note.startswith(WARNINGS)
    ]


def _lines(texts: list[str]) -> list[str]:
    """Texts as lines of comments: wrapped, each text indented from its second line on."""
    wrapped = (
        textwrap.wrap(text, WIDTH_CHARACTERS, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
        for text in texts
    )
    return [line for text in wrapped for line in text]


def _plan(manifest: Manifest) -> Plan:
    plan = Plan()
    for part in (base, variables, packages):
        part.choose(manifest, plan)
    return plan
