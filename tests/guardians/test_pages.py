"""What the pages name exists: links, files, tests, targets of make, commands."""

import ast
import re

import pytest
from support import ROOT

from auditor.cli import COMMANDS

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("[CS]*.md"))]
GENERATED = ("checks.md", "facts.md", "factors.md", "command-line.md", "CHANGELOG.md")
WRITTEN = [page for page in PAGES if page.name not in GENERATED]
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)")
PATH = re.compile(r"`((?:auditor|checks|containers|docs|reports|tests|tools|benchmarks)/[\w./-]*[\w/])(?:::(\w+))?`")
MAKE = re.compile(r"(?:^|`)make ([a-z][a-z-]*)", re.MULTILINE)
COMMAND = re.compile(r"(?:^|[`$] ?)auditor ([a-z]+)\b", re.MULTILINE)


def name_of(page):
    """For people: the path below the project."""
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_a_page_links_to_exists(page):
    """A link of one page to another holds."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)

    assert [] == [target for target in LINK.findall(text) if not (page.parent / target).exists()]


@pytest.mark.parametrize("page", WRITTEN, ids=name_of)
def test_the_files_and_tests_that_a_page_names_exist(page):
    """A path in backquotes is a file or folder of the project; after `::` stands a test of that file."""
    named = PATH.findall(page.read_text(encoding="utf-8"))
    named = [(path, test) for path, test in named if not re.search(r"[A-Z]{3}|_grafted|NAME", path)]

    assert [] == [path for path, _ in named if not (ROOT / path).exists()]
    assert [] == [f"{path}::{test}" for path, test in named if test and test not in _tests(path)]


def _tests(path):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("page", WRITTEN, ids=name_of)
def test_the_targets_and_commands_that_a_page_names_exist(page):
    """`make TARGET` is a target of the Makefile, `auditor COMMAND` is a command."""
    text = page.read_text(encoding="utf-8")
    rules = re.findall(r"^([a-z][a-z -]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    targets = {target for rule in rules for target in rule.split()}

    assert set() == set(MAKE.findall(text)) - targets
    assert set() == set(COMMAND.findall(text)) - set(COMMANDS)
