"""Reads a framework's own state by dotted path, so that a name that a release does not have says exactly that."""

from __future__ import annotations

import importlib

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
