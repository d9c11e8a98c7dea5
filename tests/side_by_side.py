"""Which tests run in one worker, one after the other, when tests run side by side (pytest-xdist)."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

SHARED = {
    "tests/auditor/container": "they share a container engine",
    "tests/auditor/cli/test_audit_command.py": "they share one finished audit",
    "tests/power/test_twelve.py": "they share an audit of each framework as it is installed",
    "tests/checks": "the checks of one framework share a process that has imported it",
}
"""Where tests share something costly, and what: below `tests/checks`, by folder."""


class Grouped(LoadScopeScheduling):
    """
    Hand out tests that share something as one unit, and every other test by itself.

    xdist's own `--dist loadgroup` has no effect with pytest 9.2: it renames tests by an attribute that is gone.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)


def group(nodeid: str) -> str:
    """The unit to which a test belongs: a folder or file of `SHARED`, else the test itself."""
    path = nodeid.partition("::")[0]
    for place in SHARED:
        if path == place or path.startswith(f"{place}/"):
            return "/".join(path.split("/")[:3]) if place == "tests/checks" else place
    return nodeid
