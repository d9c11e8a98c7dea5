"""README and docs equal what the program prints; `make docs` renews them."""

import os
import sys

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
