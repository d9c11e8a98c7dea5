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


def test_readme_has_both_generated_blocks():
    """Without its markers a block would never be compared."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert "<!-- help -->" in text
    assert "<!-- checks -->" in text
