"""Reads a framework's own state by dotted path, so that a name that a release does not have says exactly that."""

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
    """A plain value as it is, lists of them as lists, everything else by its name."""
    if isinstance(value, _PLAIN) and not hasattr(value, "_member_map_"):
        return value
    if isinstance(value, (list, tuple)):
        return [named(item) for item in value]
    return getattr(value, "name", None) or str(value)


def answers(request, probes, starting, started):
    """
    `fact.answers`; in passive mode what would start a backend is `unknown` while `started()` is false.

    Passive is the taking of facts at the end of a real run, which must not start what the program did not. `starting`
    names the probes whose reading starts a backend.
    """
    asleep = request.get("passive") and not started()
    yield from fact.answers({name: one for name, one in probes.items() if not (asleep and name in starting)})
    for name in starting if asleep else ():
        yield name, fact.unknown("the program never started the backend, and asking would have", probes[name].source)
