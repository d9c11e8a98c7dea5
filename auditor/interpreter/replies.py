"""What the door answers: typed reply lines, a tagged union."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from ..manifest.models import Fact


class _Reply(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Ready(_Reply):
    """The process is prepared; its steps follow."""

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
    """A check that makes no sense here, and why."""

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
    """The token of the recorded process that it descends from; empty when the command itself started it."""
    program: str = ""
    """The script's file name, `-m MODULE` or `-c`."""


class Taking(_Reply):
    """It has come to its end, and its facts follow."""

    tag: Literal["taking"]
    program: JsonValue = ""
    worker: JsonValue = ""
    """The name that multiprocessing gave it."""
    frameworks: list[str] = []
    """Those that it had imported."""
    executable: JsonValue = ""
    """Its interpreter."""


class Taken(_Reply):
    """Its facts are complete."""

    tag: Literal["taken"]
    seconds: JsonValue = None


@dataclass(frozen=True)
class Crashed:
    """A process that ended before a step's answer: what is known of its end."""

    step: Mapping[str, Any]
    """The step that was running; empty when the process died before its first."""
    problem: str
    """What happened, in words: signal, exit code, time limit, memory limit."""
    stderr: str
    """The end of what it wrote."""


Reply = Ready | Ok | NotApplicable | Failed
ADAPTER: TypeAdapter[Reply] = TypeAdapter(Annotated[Reply, Field(discriminator="tag")])
Recorded = Started | Taking | Taken | Ok | Failed
RECORDED: TypeAdapter[Recorded] = TypeAdapter(Annotated[Recorded, Field(discriminator="tag")])
"""What a process of a real run leaves behind (`checks/recorders/exit_facts/`)."""
