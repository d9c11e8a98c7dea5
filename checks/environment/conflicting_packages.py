"""
Installed packages have the versions that they require of each other.

Why: pip only warns about a conflict. Afterwards a package runs against a version that nobody tested it with, and two
machines with "the same" list of packages behave differently (https://pip.pypa.io/en/stable/cli/pip_check/).

Remedy: install the versions that the finding asks for in one `pip install` call, and keep a lock file.
"""

from __future__ import annotations

from ..declare import Check
from . import _installed, _requirements

CHECK = Check(tier="quick", rule="expected")
ALL_MET = "all met"


def measure(settings):
    """Requirements that are not met, as `pip check` finds them, and how many could not be judged."""
    table, broken, unjudged, judged = _installed.installed(), {}, [], 0
    for name, found in sorted(table.items()):
        for text in found.requires or ():
            try:
                problem = _problem(text, table)
            except _requirements.NotJudged as reason:
                unjudged.append("%s: %s" % (name, reason))
                continue
            judged += 1
            if problem:
                broken["%s requires %s" % (name, problem[0])] = {"expected": problem[1], "observed": problem[2]}
    observed = "%d not met" % len(broken) if broken else ALL_MET
    return dict(
        broken,
        requirements={"expected": ALL_MET, "observed": observed},
        conditions={"judged": judged, "not judged": sorted(unjudged)},
    )


def _problem(text, table):
    """(name, wanted, installed) of a requirement that is not met, else None."""
    required = _requirements.applicable(text)
    if required is None:
        return None
    name, wanted = _installed.normalised(required.name), str(required.specifier) or "any version"
    if name not in table:
        return name, wanted, "not installed"
    version = table[name].version
    return None if _requirements.satisfied(required.specifier, version) else (name, wanted, version)
