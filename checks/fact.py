"""Facts: the declaration of each key (`Key`, `Probe`), and answers in one of four states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

from .declare import NotApplicable
from .encode import portable


@dataclass(frozen=True)
class Key:
    """The declaration of one fact key."""

    role: str
    """`software`, `machine`, `volatile` (times, loads) or `identity` (host names, UUIDs, paths)."""

    meaning: str
    """One line that says what the value is, for the reference page."""

    unit: str = ""
    """The unit of a number (`bytes`, `seconds`); empty for text and counts."""

    source: str = ""
    """Where the value is read: a file, a call or a command."""


def value(content, source):
    """State `value`: the content, encoded by `portable`, and where it was read."""
    return {"state": "value", "value": portable(content), "source": source}


def not_applicable(reason, source=""):
    """State `not-applicable`: the fact does not exist in this environment; the reason is for people."""
    return {"state": "not-applicable", "reason": reason, "source": source}


def unknown(reason, source=""):
    """State `unknown`: the fact exists, but this process cannot read it; the reason is for people."""
    return {"state": "unknown", "reason": reason, "source": source}


def error(problem, source=""):
    """State `error`: reading failed; `problem` is the exception or a text."""
    text = problem if isinstance(problem, str) else "%s: %s" % (type(problem).__name__, problem)
    return {"state": "error", "reason": portable(text), "source": source}


class Unknown(Exception):
    """Raised by a reader when the fact exists but this process cannot read it; the message is the reason."""


def reading(source, read, *arguments):
    """
    The result of `read(*arguments)` as a fact; an exception becomes its state. Raises nothing.

    NotApplicable and Unknown become the states of those names, every other exception becomes `error`. Each fact is read
    in a call of its own, so that one that fails does not lose the others of its group.
    """
    try:
        return value(read(*arguments), source)
    except NotApplicable as reason:
        return not_applicable(str(reason), source)
    except Unknown as reason:
        return unknown(str(reason), source)
    except Exception as problem:  # it becomes the state of this fact
        return error(problem, source)


@dataclass(frozen=True)
class Probe:
    """One fact: its declaration and its reader."""

    key: Key
    """Role, meaning, unit and source."""

    source: str
    """Where the value is read: a file, a call or a command."""

    read: Callable
    """Returns the value; raises NotApplicable, Unknown, or any exception when reading fails."""


def probe(role, meaning, source, read, unit=""):
    """A Probe, written as one line of a table."""
    return Probe(Key(role, meaning, unit, source), source, read)


def keys(probes):
    """The `KEYS` of a group: key names to declarations."""
    return {name: one.key for name, one in probes.items()}


def answers(probes, *arguments):
    """Yield (key name, fact) of each probe; `arguments` are passed to every reader."""
    for name, one in probes.items():
        yield name, reading(one.source, one.read, *arguments)
