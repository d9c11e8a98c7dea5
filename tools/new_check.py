"""
Creates a new check: `make new-check name=FRAMEWORK-NAME` writes its file, its test and its line in the golden list.

Both files run without changes; the test fails until the check measures something.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECK = '''"""
TODO-CLAIM: one sentence that is true when the check passes.

Why: TODO-WHY: what people were bitten by, with the threads.

Remedy: TODO-REMEDY: what to change, and where.
"""

from __future__ import annotations

from ..declare import Check

CHECK = Check(tier="full", rule="identical", across=("repeat", "process"))


def measure(settings):
    """TODO-MEASURE: what the returned names stand for."""
    raise NotImplementedError("nothing is measured yet")
'''
TEST = '''"""{check_id}: TODO-TEST: what it catches, and what it lets pass."""

import pytest
from support import verdict

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
FAULT = """
raise NotImplementedError("plant the fault that the check must catch")
"""


def test_a_planted_fault_is_caught(tmp_path):
    """The positive control: through a set-up file, as a user's own code would bring it."""
    setup = tmp_path / "setup.py"
    setup.write_text(FAULT)

    assert verdict("{check_id}", setup=str(setup)).outcome == "fail"


def test_without_the_fault_it_passes():
    """The negative control: the same thing, cured."""
    assert verdict("{check_id}").outcome == "pass"
'''


def main(arguments: list[str]) -> int:
    """Write the three; returns the exit code (2 for an invalid name)."""
    name = arguments[0] if arguments else ""
    folders = sorted(path.name for path in (ROOT / "checks").iterdir() if (path / "__init__.py").exists())
    folders = [folder for folder in folders if folder not in ("factors", "facts", "process", "recorders")]
    match = re.fullmatch(r"([a-z0-9]+)-([a-z0-9]+(?:-[a-z0-9]+)*)", name)
    if not match or match[1] not in folders:
        print(f"usage: make new-check name=FOLDER-NAME, for example torch-my-claim. Folders: {', '.join(folders)}")
        return 2
    module = match[2].replace("-", "_")
    check = ROOT / "checks" / match[1] / f"{module}.py"
    test = ROOT / "tests" / "checks" / match[1] / f"test_{module}.py"
    for path in (check, test):
        if path.exists():
            print(f"{path.relative_to(ROOT)} already exists; nothing was written.")
            return 2
    check.write_text(CHECK, encoding="utf-8")
    test.parent.mkdir(parents=True, exist_ok=True)
    test.write_text(TEST.format(check_id=name), encoding="utf-8")
    golden = ROOT / "tests" / "golden" / "ids.txt"
    golden.write_text("\n".join(sorted({*golden.read_text(encoding="utf-8").split(), name})) + "\n", encoding="utf-8")
    print(f"written: {check.relative_to(ROOT)}, {test.relative_to(ROOT)}, and the id in {golden.relative_to(ROOT)}")
    print("Next: fill in every TODO, a row for a new contract in auditor/catalogue/severities.py, `make docs`,")
    print("a line in CHANGELOG.md (docs/how-to/add-a-check.md).")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
