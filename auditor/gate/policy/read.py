"""From a parsed file to a policy: validation, and messages that name the nearest right key."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError

from ...errors import UsageError, nearest
from ...manifest.strict_json import shown
from . import toml
from .tables import Allowed, BaselineTable, Checks, Fail, Lock, Policy, Range, Replays, RuleTable, dashed

AUDITOR_FILE = "auditor.toml"
PROJECT_FILE = "pyproject.toml"
COMPLAINTS_SHOWN = 5
TABLES: dict[str, type[BaseModel]] = {
    "checks": Checks,
    "fail": Fail,
    "lock": Lock,
    "replays": Replays,
    "baseline": BaselineTable,
    "allow": Allowed,
    "rules": RuleTable,
    "all-of": RuleTable,
    "any-of": RuleTable,
    "at-least": RuleTable,
    "facts": Range,
    "fact": Range,
}
"""The model of each table, by the name of the key that holds it."""


def table_of(data: bytes, name: str) -> dict[str, Any] | None:
    """
    The table of the policy in a file: all of `auditor.toml`, `[tool.auditor]` of `pyproject.toml`, None without one.

    Raises UsageError if it is not TOML.
    """
    document = toml.load(data, name)
    if not name.endswith(PROJECT_FILE):
        return document
    tool = document.get("tool")
    found = tool.get("auditor") if isinstance(tool, dict) else None
    if found is not None and not isinstance(found, dict):
        raise UsageError(f"{name}: tool.auditor is no table", toml.NOT_USED)
    return found


def policy(table: dict[str, Any], name: str) -> Policy:
    """The policy in a table; `name` names the file in messages. Raises UsageError for anything that it cannot be."""
    toml.refuse_hostile(table, name)
    try:
        return Policy.model_validate(_frozen(table))
    except ValidationError as problem:
        raise UsageError(f"{name} holds no valid policy: {_told(problem)}", toml.NOT_USED) from problem


def _frozen(value: Any) -> Any:
    """The value with its lists as tuples, which is what the strict models take."""
    if isinstance(value, dict):
        return {name: _frozen(part) for name, part in value.items()}
    return tuple(_frozen(part) for part in value) if isinstance(value, list) else value


def _told(problem: ValidationError) -> str:
    errors = problem.errors(include_url=False, include_input=False, include_context=False)
    told = [*dict.fromkeys(_complaint(error["type"], error["loc"], error["msg"]) for error in errors)]
    more = len(told) - COMPLAINTS_SHOWN
    return "; ".join(told[:COMPLAINTS_SHOWN]) + (f"; and {more} more" if more > 0 else "")


def _complaint(kind: str, place: tuple[int | str, ...], message: str) -> str:
    told = shown(".".join(map(str, place)))
    if kind == "extra_forbidden":
        return f"unknown key {told}.{nearest(str(place[-1]), _keys_beside(place))}"
    return f"{told}: {message.removeprefix('Value error, ')}"


def _keys_beside(path: tuple[int | str, ...]) -> list[str]:
    """The keys that the table knows in which the last part of the path stands."""
    model: type[BaseModel] = Policy
    for part in path[:-1]:
        model = TABLES.get(str(part), model)
    return [dashed(name) for name in model.model_fields]
