"""`make new-format name=...` begins a format whose test fails until it is filled in and an audit's folder holds it."""

import importlib.util
import os
import shutil
import subprocess
import sys

import audit_example
import pytest
from support import ROOT


@pytest.fixture
def scaffold(tmp_path, monkeypatch):
    """The tool, working on a copy of the folders that it writes to."""
    spec = importlib.util.spec_from_file_location("new_format", ROOT / "tools" / "new_format.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    for folder in ("auditor", "tests/auditor/render", "tests/golden"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    return tool


def outcomes(folder, name):
    """Which tests of the new file pass, and which fail."""
    command = [  # without the hostile manifests, which cost ten seconds
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-rA",
        "-p",
        "no:cacheprovider",
        "-k",
        "not hostile",
        f"tests/auditor/render/test_{name}.py",
    ]
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "AUDITOR_REGENERATE": ""}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith(("PASSED", "FAILED"))]
    return {line[1].partition("::")[2]: line[0] for line in lines}


def test_a_new_format_fails_until_it_is_filled_in_and_used(scaffold, tmp_path):
    """Nothing passes at first; a renderer, a golden file and a call where folders are written make all of it pass."""
    for name in ("pyproject.toml", "tests/support.py", "tests/samples.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("checks", "containers", "reports"):
        (tmp_path / name).symlink_to(ROOT / name)
    assert scaffold.main(["plain"]) == 0
    first = outcomes(tmp_path, "plain")
    assert {"FAILED"} == set(first.values())
    assert len(first) == 3

    renderer = tmp_path / "auditor" / "render" / "plain.py"
    body = "return f\"{len(manifest.predicate.findings)}{'' if signed else ' UNSIGNED'}\\n\""
    renderer.write_text(renderer.read_text().replace('raise NotImplementedError("nothing is rendered yet")', body))
    golden = f"{len(audit_example.manifest().predicate.findings)}\n"
    (tmp_path / "tests" / "golden" / "render" / "report.plain").write_text(golden)
    folder = tmp_path / "auditor" / "output" / "audit_folder.py"
    line = '    texts = {"report.md": markdown.render(manifest, digest, signed=signed)}\n'
    call = "plain.render(manifest, digest, signed=signed)"
    used = f"    from ..render import plain\n    texts['report.plain'] = {call}\n"
    assert line in folder.read_text()
    folder.write_text(folder.read_text().replace(line, line + used))

    assert dict.fromkeys(first, "PASSED") == outcomes(tmp_path, "plain")


@pytest.mark.parametrize("name", ["", "Report", "two-words", "../x", "import", "markdown"])
def test_a_name_that_cannot_be_one_writes_nothing(scaffold, tmp_path, name, capsys):
    """No module's name, a keyword, or a format that is there: exit 2 and a sentence."""
    before = sorted(tmp_path.rglob("*.py"))

    assert scaffold.main([name] if name else []) == 2
    assert capsys.readouterr().out
    assert sorted(tmp_path.rglob("*.py")) == before
