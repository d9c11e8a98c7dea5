"""What tests of torch's checks share: set-up files that plant a fault, and what a verdict blames."""

from __future__ import annotations

import textwrap


def setup_file(folder, code):
    """The path of a set-up file with this code."""
    path = folder / "setup.py"
    path.write_text("import torch\n" + textwrap.dedent(code), encoding="utf-8")
    return str(path)


def blamed(verdict):
    """Every name that a verdict of the rule `identical` holds against the check."""
    found = set(verdict.evidence.get("differing", ()))
    for names in verdict.evidence.get("factors", {}).values():
        found |= set(names)
    return found
