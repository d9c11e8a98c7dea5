"""What a file of facts declares and answers: keys with a role and a meaning; answers in one of four states."""

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
    """One line for the reference page."""

    unit: str = ""
    """The unit of a number, empty for text."""

    source: str = ""
    """Where the value comes from: a file, a call, a command."""


def value(content, source):
    """A fact that was read: its content (any plain value) and where it came from."""
    return {"state": "value", "value": portable(content), "source": source}


def not_applicable(reason, source=""):
    """A fact that makes no sense here, and why."""
    return {"state": "not-applicable", "reason": reason, "source": source}


def unknown(reason, source=""):
    """A fact that exists but could not be learnt, and why."""
    return {"state": "unknown", "reason": reason, "source": source}


def error(problem, source=""):
    """A fact whose reading failed: an exception or a text."""
    text = problem if isinstance(problem, str) else "%s: %s" % (type(problem).__name__, problem)
    return {"state": "error", "reason": portable(text), "source": source}


class Unknown(Exception):
    """Raised by a reader when the fact exists but this process cannot learn it; the message says why."""


def reading(source, read, *arguments):
    """
    The answer of `read(*arguments)` as a fact, or its exception as a state.

    One failing probe must not cost its neighbours, so each is wrapped by itself. NotApplicable and Unknown become the
    states of those names; every other exception becomes `error`.
    """
    try:
        return value(read(*arguments), source)
    except NotApplicable as reason:
        return not_applicable(str(reason), source)
    except Unknown as reason:
        return unknown(str(reason), source)
    except Exception as problem:  # the fact's state carries it: nothing is swallowed
        return error(problem, source)


@dataclass(frozen=True)
class Probe:
    """One fact: its declaration, and how it is read."""

    key: Key
    """Role, meaning, unit and source."""

    source: str
    """Where the value comes from: a file, a call."""

    read: Callable
    """Gives the value, or raises NotApplicable, Unknown or anything else."""


def probe(role, meaning, source, read, unit=""):
    """A Probe in one line of a table."""
    return Probe(Key(role, meaning, unit, source), source, read)


def keys(probes):
    """The KEYS of a group: names to declarations."""
    return {name: one.key for name, one in probes.items()}


def answers(probes, *arguments):
    """Yield each name with its fact; `arguments` go to every reader."""
    for name, one in probes.items():
        yield name, reading(one.source, one.read, *arguments)
