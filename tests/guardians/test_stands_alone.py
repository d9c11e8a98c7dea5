"""The project stands alone: no tracked file names a page or a folder that a clone does not bring."""

import re
import subprocess

import pytest
from support import ROOT

OUTSIDE_PAGES = ("CHECKS", "DESIGN", "FACTS", "HOUSE", "MECHANISMS", "REPLAY", "SERVE", "STYLE")
"""Names that working papers of this project had: what they said stands in docs/."""
OUTSIDE = re.compile(
    rf"(?<![\w.-])(?:{'|'.join(OUTSIDE_PAGES)})\.md\b|(?<![\w-])shared/|\.\./shared\b|\bverified trap\b"
)
MACHINE = re.compile(r"(?<![\w.-])/(?:home|mnt|root|work)/")
"""A path of a developer's own machine."""
RECIPES = (".ci/run", "Makefile", "tools/engine_packages.sh")
"""What CI runs."""


def tracked():
    """Relative path to text of every tracked file that is text, this one apart."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout.decode()
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file() and path.name != "test_stands_alone.py":
            yield name, path.read_bytes().decode("utf-8", "replace")


def broken(pattern, texts):
    """Where a pattern is found: `path:line: text`."""
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in texts
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_tracked_file_names_what_lies_outside():
    """A reader who has the clone has all that it refers to."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")

    assert [] == broken(OUTSIDE, tracked())


@pytest.mark.parametrize("recipe", RECIPES)
def test_what_ci_runs_uses_no_parent_folder(recipe):
    """CI needs the clone and nothing beside it: one step up from a script's own folder is the clone's root."""
    text = (ROOT / recipe).read_text(encoding="utf-8").replace('cd "$(dirname "$0")/.."', "")

    assert ".." not in text
    assert [] == broken(MACHINE, [(recipe, text)])


@pytest.mark.parametrize(
    "line",
    ["see CHECKS.md", "ROOT.parent / '../shared'", "in shared/PAGE", "(DESIGN.md, Rooms)", "verified trap 2"],
)
def test_a_reference_to_the_outside_is_found(line):
    """The positive control: each kind of reference that the project once had."""
    assert [f"page.md:1: {line}"] == broken(OUTSIDE, [("page.md", line)])


@pytest.mark.parametrize("line", ["/usr/lib/shared-objects", "a shared setting", "docs/reference/checks.md"])
def test_what_is_inside_is_not(line):
    """The negative control: ordinary words and the project's own pages."""
    assert [] == broken(OUTSIDE, [("page.md", line)])
