"""The typed reply lines of the payload: a tagged union."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from ..manifest.models import Fact


class _Reply(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Ready(_Reply):
    """The process is ready; the answers to its steps follow."""

    tag: Literal["ready"]


class Ok(_Reply):
    """One step's answer: facts of a group, repeats of a check, or a check's declaration."""

    tag: Literal["ok"]
    facts: str = ""
    check: str = ""
    framework: str = ""
    doc: str = ""
    declaration: dict[str, JsonValue] = {}
    keys: dict[str, dict[str, str]] = {}
    when: Literal["before", "after"] = "before"
    apart: bool = False
    settings: dict[str, str] = {}
    values: dict[str, Fact] = {}
    repeats: list[dict[str, JsonValue]] = []
    seconds: JsonValue = None


class NotApplicable(_Reply):
    """A check that does not apply here, with the reason."""

    tag: Literal["not-applicable"]
    check: str
    reason: str
    settings: dict[str, str] = {}


class Failed(_Reply):
    """A step, or the whole process at a `stage`, failed with a known error."""

    tag: Literal["error"]
    check: str = ""
    facts: str = ""
    stage: str = ""
    error: str
    message: JsonValue
    settings: dict[str, str] = {}
    traceback: JsonValue = ""


class Started(_Reply):
    """A Python process of a real run has begun."""

    tag: Literal["started"]
    pid: int
    parent: str = ""
    """The token of its recorded ancestor; empty if the command started it."""
    program: str = ""
    """The script's file name, `-m MODULE` or `-c`."""


class Taking(_Reply):
    """A Python process of a real run is exiting, and its facts follow."""

    tag: Literal["taking"]
    program: JsonValue = ""
    worker: JsonValue = ""
    """Its multiprocessing name."""
    frameworks: list[str] = []
    """The imported frameworks."""
    executable: JsonValue = ""
    """Its interpreter."""


class Taken(_Reply):
    """Its facts are complete."""

    tag: Literal["taken"]
    seconds: JsonValue = None


@dataclass(frozen=True)
class Crashed:
    """A process that ended before it answered a step."""

    step: Mapping[str, Any]
    """The step that was running; empty if the process ended before its first step."""
    problem: str
    """The end as text: signal, exit code, time limit or memory limit."""
    stderr: str
    """The last part of its output."""


Reply = Ready | Ok | NotApplicable | Failed
_ADAPTER: TypeAdapter[Reply] = TypeAdapter(
    Annotated[Reply, Field(discriminator="tag")], config=ConfigDict(defer_build=True)
)
_BUILDING = threading.Lock()
Recorded = Started | Taking | Taken | Ok | Failed
RECORDED: TypeAdapter[Recorded] = TypeAdapter(
    Annotated[Recorded, Field(discriminator="tag")], config=ConfigDict(defer_build=True)
)
"""The reply lines of a process of a real run (`checks/recorders/exit_facts/`)."""


def parsed(line: bytes) -> Reply:
    """
    The reply of one line. Raises ValidationError.

    Several threads call it, and pydantic does not say that they may build a validator together.
    """
    with _BUILDING:
        _ADAPTER.rebuild(raise_errors=True)
    return _ADAPTER.validate_json(line)
