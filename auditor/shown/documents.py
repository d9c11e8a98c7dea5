"""What commands print as JSON, as the same commands print it for a person. Each document is hostile data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ..errors import ManifestError
from ..gate.formats import text as gate_text
from ..gate.verdict import Verdict
from ..manifest.models import Finding
from ..render import replay as replay_text
from ..render import replay_resume
from ..replay.model import Result
from .kinds import NOTHING_SHOWN, Recognised
from .lines import one_line

Model = TypeVar("Model", bound=BaseModel)
OTHER_VERSION = f"It is damaged, or another version of auditor wrote it. {NOTHING_SHOWN}"


def gate(read: Recognised) -> Iterator[str]:
    """The verdict of `gate --format json`. Raises ManifestError for a document that is none."""
    document = {name: value for name, value in read.document.items() if name != "counting"}
    verdict = _validated(Verdict, one_line(document), read.path, "a verdict of `auditor gate`")
    if verdict.exit_code not in gate_text.HEADLINES:
        raise ManifestError(f"{read.path} holds a verdict with an exit code that the gate never has", OTHER_VERSION)
    yield from gate_text.render(verdict).splitlines()


def replay(read: Recognised) -> Iterator[str]:
    """The result of `replay --json`. Raises ManifestError for a document that is none."""
    result = _validated(Result, one_line(read.document), read.path, "a result of `auditor replay`")
    shown = replay_resume if result.resume is not None else replay_text
    yield from shown.text(result).splitlines()


def findings(read: Recognised) -> list[Finding]:
    """The findings of `audit --json` or `check --json`. Raises ManifestError for what is none."""
    found = read.document.get("findings")
    if not isinstance(found, list):
        raise ManifestError(f"{read.path} names the schema of findings and holds no list of them", OTHER_VERSION)
    return [_validated(Finding, one, read.path, "a list of findings") for one in found]


def program(document: Mapping[str, Any]) -> Iterator[str]:
    """What `audit --json -- COMMAND` says of the program, before its findings; nothing without one."""
    held = document.get("program")
    told = held.get("lines") if isinstance(held, dict) else None
    for one in told if isinstance(told, list) else []:
        if isinstance(one, str):
            yield str(one_line(one)).replace("`", "")
    if told:
        yield ""


def _validated(model: type[Model], document: Any, path: Path, what: str) -> Model:
    try:
        return model.model_validate(document)
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ManifestError(
            f"{path} is not {what}: {one_line(place)[:100]}: {one_line(first['msg'])[:200]}", OTHER_VERSION
        ) from problem
