"""What a file of facts declares and answers: keys with a role and a meaning; answers in one of four states."""

from __future__ import annotations

from dataclasses import dataclass

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


def reading(source, read, *arguments):
    """
    The answer of `read(*arguments)` as a fact, or its exception as an `error` state.

    One failing probe must not cost its neighbours, so each is wrapped by itself.
    """
    try:
        return value(read(*arguments), source)
    except Exception as problem:  # the fact's state carries it: nothing is swallowed
        return error(problem, source)
