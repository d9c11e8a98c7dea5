"""TOML, read by the vendored copy of tomli: the standard library reads it only from Python 3.11 on."""

from __future__ import annotations

from .model import Unreadable


def load(content):
    """The document as a dict. Raises Unreadable for text that is no TOML."""
    from ..._vendored import tomli

    try:
        return tomli.loads(content)
    except RecursionError:
        raise Unreadable("it is nested too deeply") from None
    except ValueError as problem:  # a TOMLDecodeError, or a date that does not exist
        raise Unreadable("it is no TOML: %s" % str(problem)[:200]) from None
