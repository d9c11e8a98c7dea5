"""Reads a framework's state by dotted path; a name that the release lacks becomes `not-applicable`."""

from __future__ import annotations

import importlib

from .. import fact
from ..declare import NotApplicable

_PLAIN = (type(None), bool, int, float, str)


def at(framework, path):
    """
    A reader of `framework.PATH`; a path that ends with `()` is called.

    Dtypes, devices and enumeration members become their names. Raises NotApplicable when this release has no such name.
    """

    def read():
        value = importlib.import_module(framework)
        called = path.endswith("()")
        for name in (path[:-2] if called else path).split("."):
            try:
                value = getattr(value, name)
            except AttributeError:
                raise NotApplicable("this release of %s has no %s" % (framework, path)) from None
        return named(value() if called else value)

    return read


def named(value):
    """Plain values unchanged, lists element by element, everything else by its name."""
    if isinstance(value, _PLAIN) and not hasattr(value, "_member_map_"):
        return value
    if isinstance(value, (list, tuple)):
        return [named(item) for item in value]
    return getattr(value, "name", None) or str(value)


def answers(request, probes, starting, started):
    """
    As `fact.answers`; in passive mode, probes that would start a backend are `unknown` while `started()` is false.

    Passive mode collects facts at the end of a real run and must not start what the program did not. `starting`
    names the probes that start a backend.
    """
    asleep = request.get("passive") and not started()
    yield from fact.answers({name: one for name, one in probes.items() if not (asleep and name in starting)})
    for name in starting if asleep else ():
        yield name, fact.unknown("the program never started the backend, and reading it would", probes[name].source)
