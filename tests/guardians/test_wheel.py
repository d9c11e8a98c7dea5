"""The wheel: one import package, everything it needs grafted in, and it works in an environment of its own."""

import json
import subprocess
import sys
import zipfile

import pytest
from support import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel built from this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT], check=True, capture_output=True
    )
    (path,) = folder.glob("*.whl")
    return path


@pytest.mark.slow
def test_the_wheel_installs_one_import_package(wheel):
    """Nothing called `checks` or `reports` ever lands in a user's site-packages."""
    names = zipfile.ZipFile(wheel).namelist()
    roots = {name.split("/")[0] for name in names if ".dist-info/" not in name}

    assert roots == {"auditor"}
    assert "auditor/_grafted/checks/__main__.py" in names
    assert any(name.startswith("auditor/_grafted/reports/templates/") for name in names)
    assert any(name.startswith("auditor/_grafted/containers/") for name in names)


@pytest.mark.slow
def test_an_installed_wheel_audits(wheel, tmp_path):
    """In a fresh environment, no checkout near: the catalogue loads, and a Python without frameworks is audited."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", wheel], check=True)
    auditor = tmp_path / "venv" / "bin" / "auditor"
    done = subprocess.run(
        [auditor, "audit", "--python", python, "-o", tmp_path / "out", "-q", "--json"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        text=True,
    )

    assert done.returncode == 0, done.stderr
    findings = json.loads(done.stdout)["findings"]
    assert {finding["outcome"] for finding in findings if finding["framework"] == "torch"} == {"not-applicable"}
    verified = subprocess.run(
        [auditor, "verify", tmp_path / "out"], capture_output=True, check=False, env={"HOME": str(tmp_path)}, text=True
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr
    locked = subprocess.run(
        [auditor, "container", "lock", tmp_path / "out"], capture_output=True, check=False, text=True
    )
    assert (5, True) == (locked.returncode, "pip install 'auditor[container]'" in locked.stderr), locked.stderr
