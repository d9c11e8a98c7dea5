"""README and docs equal what the program prints; `make docs` renews them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT

sys.path.insert(0, str(ROOT / "tools"))

import generate

PAGES = generate.pages()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_generated_page_is_what_the_program_says(path):
    """A page that drifts from the program is a false promise."""
    if os.environ.get("AUDITOR_REGENERATE"):
        path.write_text(PAGES[path], encoding="utf-8")

    assert path.read_text(encoding="utf-8") == PAGES[path]


@pytest.mark.parametrize(("name", "holds"), [("help", "Usage: auditor"), ("checks", "| same-seed |")])
def test_readme_has_both_generated_blocks(name, holds):
    """Without its markers, or between markers that the generator does not find, a block would never be compared."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.partition(f"<!-- {name} -->")[2].partition(f"<!-- /{name} -->")[0]

    assert holds in block


@pytest.mark.parametrize("names", [(), ("audit",), ("probe",), ("replay",), ("container",), ("container", "lock")])
def test_the_help_in_the_pages_is_what_the_program_prints(names):
    """A real process on a terminal of 100 columns or more: the names of its options and its width included."""
    program = str(Path(sys.executable).with_name("auditor"))
    environment = {**os.environ, "COLUMNS": "120"}
    answer = subprocess.run([program, *names, "--help"], capture_output=True, text=True, check=True, env=environment)
    printed = "".join(f"{line.rstrip()}\n" for line in answer.stdout.splitlines())

    assert printed == generate.help_of(*names)
    assert "-h, --help" in printed
    assert f"```text\n{printed}```" in PAGES[ROOT / "docs" / "reference" / "command-line.md"]
