"""environment.yml (https://docs.conda.io/projects/conda/en/latest/user-guide/tasks/manage-environments.html)."""

from __future__ import annotations

import re

from . import requirements, yaml
from .model import CONDA, Lock, Locked, Unreadable, name, table, text

_SPEC = re.compile(r"(?:[^\s:]+::)?([A-Za-z0-9_][A-Za-z0-9_.\-]*)\s*(.*)")
_PIN = re.compile(r"(==?|\s*)\s*([A-Za-z0-9_.!+]+?)(\.?\*)?(?:=([A-Za-z0-9_.*]+)|\s+([A-Za-z0-9_.*]+))?")


def read(content, place):
    """The packages that it asks for: presence of each, and the version of those with a pin. Raises Unreadable."""
    del place
    document = table(yaml.load(content), "the document")
    wanted = document.get("dependencies") or []
    if not isinstance(wanted, list):
        raise Unreadable("dependencies is no list")
    packages, left = [], []
    for entry in wanted:
        found, reasons = _pip(entry) if isinstance(entry, dict) else _conda(text(entry, "a dependency"))
        packages += found
        left += reasons
    return Lock(tuple(packages), not_compared=tuple(left))


def _conda(spec):
    match = _SPEC.fullmatch(spec)
    if not match:
        return [], ["%r, which is no plain specification" % spec[:80]]
    own, rest = name(match.group(1), CONDA), match.group(2).strip()
    if not rest:
        return [Locked(own, manager=CONDA)], ["the version of %s, which is not pinned" % own]
    fixed = _PIN.fullmatch(rest)
    if not fixed:
        return [Locked(own, manager=CONDA)], ["the version of %s, which is not pinned" % own]
    operator, version, star = fixed.group(1).strip(), fixed.group(2), fixed.group(3)
    build = fixed.group(4) or fixed.group(5)
    told = build if build and "*" not in build else ""
    begins = bool(star) or (operator == "=" and not build)  # conda reads name=1.2 as 1.2.*
    return [Locked(own, version, told, manager=CONDA, prefix=begins)], []


def _pip(entry):
    if set(entry) != {"pip"} or not isinstance(entry["pip"], list):
        raise Unreadable("a dependency is neither a specification nor a list for pip")
    packages, left = [], []
    for line in entry["pip"]:
        found, reason = requirements.pin(text(line, "a requirement"), required=True)
        packages += [found] if found else []
        left += [reason] if reason else []
    return packages, left
