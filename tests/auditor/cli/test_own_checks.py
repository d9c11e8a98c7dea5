"""`--checks-from`: the example of the how-to runs, finds its fault, and passes once that is cured."""

import json
import re

import pytest
from click.testing import CliRunner
from support import ROOT

from auditor.cli import run
from auditor.shipped import payload_digest

PAGE = ROOT / "docs" / "how-to" / "your-own-checks.md"


@pytest.fixture
def mine(tmp_path):
    """The folder that the page tells its reader to write."""
    blocks = re.findall(r"<!-- my_checks/(\S+) -->\n   ```python\n(.*?)   ```", PAGE.read_text(), flags=re.DOTALL)
    folder = tmp_path / "my_checks"
    folder.mkdir()
    for name, code in blocks:
        (folder / name).write_text(re.sub(r"^   ", "", code, flags=re.MULTILINE))
    return folder


def asked(capsys, *arguments):
    code = run([*map(str, arguments)])
    return code, capsys.readouterr().out


def test_the_example_finds_its_fault_and_passes_when_cured(mine, capsys):
    """Read, listed, explained, measured in fresh processes, judged by the same rule."""
    _, listed = asked(capsys, "list", "--checks-from", mine)
    _, explained = asked(capsys, "explain", "own-vocabulary", "--checks-from", mine)

    assert "own-vocabulary" in listed
    assert "our ids moved between two trainings" in explained

    check = ("check", "--checks-from", mine, "--check", "own-vocabulary", "-q", "--json")
    code, told = asked(capsys, *check)
    assert (code, json.loads(told)["findings"][0]["outcome"]) == (1, "fail")

    helper = mine / "_words.py"
    helper.write_text(helper.read_text().replace("enumerate(words)", "enumerate(sorted(words))"))
    code, told = asked(capsys, *check)
    assert (code, json.loads(told)["findings"][0]["outcome"]) == (0, "pass")


def test_the_manifest_says_which_code_measured(mine, tmp_path, capsys):
    """The digest over the user's files, which changes with them."""
    output = tmp_path / "audit"
    asked(capsys, "audit", "--checks-from", mine, "--check", "own-vocabulary", "-q", "--no-sign", "-o", output)
    manifest = json.loads((output / "manifest.json").read_text())

    assert payload_digest(mine) == manifest["predicate"]["auditor"]["ownChecksSha256"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("import torch_that_is_not_there", "No module named"),
        ("CHECK = 1", "own-broken"),
        (
            '"""T."""\nfrom ..declare import Check\nCHECK = Check(severity="huge", tier="quick", rule="identical")',
            "huge",
        ),
        ('"""T."""\nfrom ..declare import Check\nCHECK = Check(severity="low", tier="quick", rule="guess")', "guess"),
        ("def measure(:", "own-broken"),
    ],
)
def test_a_file_that_is_no_check_is_a_usage_error_that_names_it(mine, content, said):
    """Before anything is measured: exit 2, which file, why, and what to do."""
    (mine / "broken.py").write_text(content)
    result = CliRunner().invoke(_group(), ["list", "--checks-from", str(mine)])

    assert result.exception is not None
    assert type(result.exception).__name__ == "UsageError"
    assert "own-broken" in str(result.exception)
    assert said in str(result.exception)


def _group():
    from auditor.cli import group

    return group


def test_no_such_folder_is_a_usage_error(tmp_path, capsys):
    """A path that does not exist, or is a file."""
    assert run(["list", "--checks-from", str(tmp_path / "none")]) == 2
    assert "does not exist" in capsys.readouterr().err
