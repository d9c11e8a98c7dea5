"""
Begins a format of the report: `make new-format name=NAME` writes its renderer and its test.

The test fails until the renderer is filled in, its golden file is written, and an audit's folder holds it.
"""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RENDERER = '''"""TODO-FORMAT: the report as ..., and which program reads it. Syntax: TODO-SOURCE."""

from __future__ import annotations

from ..manifest.models import Manifest


def render(manifest: Manifest, payload_sha256: str, *, signed: bool = True) -> str:
    """
    The whole file, a function of its arguments alone: `verify` renders it again and compares bytes.

    `payload_sha256` is the digest (hex) of the manifest's bytes; that nobody signed is said in the file. TODO-ESCAPE:
    every value is data of a stranger, and is escaped for the target language.
    """
    raise NotImplementedError("nothing is rendered yet")
'''
TEST = '''"""{name}: TODO-TEST: what it says, and that a value of a manifest is no markup in it."""

import os
from pathlib import Path

import audit_example
import hostile
from hypothesis import HealthCheck, given, settings

from auditor.manifest.models import payload_bytes
from auditor.output.audit_folder import rendered
from auditor.render import {name}

FILE_NAME = "report.{name}"
GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "render" / FILE_NAME


def _report(manifest=None):
    return {name}.render(manifest or audit_example.manifest(), audit_example.PAYLOAD_SHA256)


def test_the_example_is_written_as_the_golden_file_says():
    """A change of wording is seen in review. AUDITOR_REGENERATE=1 writes the file again."""
    found = _report()
    if os.environ.get("AUDITOR_REGENERATE"):
        GOLDEN.write_text(found, encoding="utf-8")

    assert GOLDEN.read_text(encoding="utf-8") == found


def test_an_audits_folder_holds_it():
    """A format that no folder holds reaches nobody."""
    manifest = audit_example.manifest()

    assert FILE_NAME in rendered(manifest, payload_bytes(manifest))


def test_that_nobody_signed_is_said():
    """Whoever reads the file alone must know."""
    manifest = audit_example.manifest()
    unsigned = {name}.render(manifest, audit_example.PAYLOAD_SHA256, signed=False)

    assert "UNSIGNED" in unsigned
    assert "UNSIGNED" not in _report()


@given(hostile.manifests())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_a_hostile_manifest_is_inert(manifest):
    """No character that a terminal or an editor acts on. TODO-PARSE: parse it with a parser of the language."""
    assert all(line.isprintable() for line in _report(manifest).split("\\n"))
'''


def main(arguments: list[str]) -> int:
    """Write both; returns the exit code (2 for a name that cannot be one)."""
    name = arguments[0] if arguments else ""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        print("usage: make new-format name=NAME, where NAME can name a Python module; for example sarif")
        return 2
    renderer = ROOT / "auditor" / "render" / f"{name}.py"
    test = ROOT / "tests" / "auditor" / "render" / f"test_{name}.py"
    for path in (renderer, test):
        if path.exists():
            print(f"{path.relative_to(ROOT)} is already there; nothing was written.")
            return 2
    renderer.write_text(RENDERER.format(name=name), encoding="utf-8")
    test.write_text(TEST.format(name=name), encoding="utf-8")
    print(f"written: {renderer.relative_to(ROOT)} and {test.relative_to(ROOT)}")
    print(
        "Next: fill in every TODO, call it in auditor/output/audit_folder.py, `make docs`, a line in CHANGELOG.md"
        " (docs/how-to/add-a-format.md)."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
