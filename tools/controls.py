"""
Does every check have both controls: a passing test that saw it fail, and one that saw it pass?

Tests note what they saw (tests/outcomes.py), and `make test` clears the notes. Run both tiers before this. Exit code 1
where a control is missing.

    tools/controls.py [FOLDER]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
POSITIVE, NEGATIVE = "positive control (no passing test saw it fail)", "negative control (no passing test saw it pass)"
SHOWN_BY = {POSITIVE: {"fail", "recorded"}, NEGATIVE: {"pass", "recorded"}}
"""
The outcomes that show each control.

A check that records what a factor moves does not fail. Its test says which names moved, and which did not.
"""
EXCEPTIONS = {
    ("tensorflow-precision", NEGATIVE): (
        "on a processor without AVX-512 TensorFlow 2.21 rounds partial sums of bfloat16 products"
    ),
    ("tensorflow-uninitialised", NEGATIVE): (
        "on a processor with AVX2 and without AVX-512 two operators of TensorFlow 2.21 stay unwritten when the others"
        " are cured"
    ),
}
"""Controls that may be missing, and why."""
SKIPPED = "tests of its file were skipped here"


class Missing(NamedTuple):
    """A control that no passing test showed."""

    check: str
    control: str
    excuse: str = ""
    """Why it may be missing; empty if it may not."""

    def line(self) -> str:
        """What is printed of it."""
        told = f"{self.check}: {self.control}"
        return f"excused: {told}; {self.excuse}" if self.excuse else f"missing: {told}"


def notes(folder: Path) -> list[dict[str, str]]:
    """What all processes noted; nothing if the folder is not there."""
    return [
        json.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def missing(checks: Mapping[str, str], noted: Iterable[Mapping[str, str]]) -> list[Missing]:
    """The controls that no test showed, of these checks: each id with the file of its own tests."""
    seen: defaultdict[str, set[str]] = defaultdict(set)
    skipped = set()
    for note in noted:
        if note["outcome"] == "skipped":
            skipped.add(note["test"].partition("::")[0])
        else:
            seen[note["check"]].add(note["outcome"])
    return [
        Missing(check, control, EXCEPTIONS.get((check, control), SKIPPED if file in skipped else ""))
        for check, file in checks.items()
        for control, outcomes in SHOWN_BY.items()
        if not outcomes & seen[check]
    ]


def own_file(check: str, framework: str) -> str:
    """The file of a check's own tests, as test ids name it."""
    return f"tests/checks/{framework}/test_{check.removeprefix(f'{framework}-').replace('-', '_')}.py"


def main(arguments: list[str] | None = None) -> int:
    """Compare the notes with the catalogue."""
    from auditor.catalogue import catalogue  # noqa: PLC0415 - starts a process

    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    default = os.environ.get("AUDITOR_CONTROLS") or ROOT / ".pytest_cache" / "controls"
    parser.add_argument("folder", nargs="?", type=Path, default=Path(default), help="where the tests left their notes")
    noted = notes(parser.parse_args(arguments).folder)
    checks = {check.id: own_file(check.id, check.framework) for check in catalogue.load().checks}
    found = missing(checks, noted)
    for one in found:
        print(one.line())
    bad = len({one.check for one in found if not one.excuse})
    print(f"{len(checks)} checks: {bad} lack a control, in {len(noted)} notes.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
