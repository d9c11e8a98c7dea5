"""
Parts of a check that are measured one by one, so that a process that explains one value need not measure all others.

A part is what is compiled, or trained, together: a value is always measured beside the same other values, since those
can change what a compiler makes of it.
"""

from __future__ import annotations


def asked(parts, settings):
    """
    Name to value of the parts in which an asked name lies; of all parts if the settings name none.

    Args:
        parts: (names, function) pairs; the function returns a dict with these names.
        settings: as given to `measure`; `names` are those that are asked for.
    """
    wanted, found = settings.get("names"), {}
    for names, measured in parts:
        if not wanted or not set(names).isdisjoint(wanted):
            found.update(measured())
    return found
