"""The wheel: one import package, everything it needs grafted in, and it works in an environment of its own."""

import json
import os
import subprocess
import sys
import tarfile
import zipfile

import pytest
from support import ROOT

from auditor import __version__

PLAN = """
import os, sys
from pathlib import Path
os.umask(int(sys.argv[3], 8))
for path in Path(sys.argv[1]).rglob("*"):
    os.utime(path, (float(sys.argv[4]), float(sys.argv[4])))
os.chdir(sys.argv[1])
from hatchling import build
print(build.build_sdist(sys.argv[2]), build.build_wheel(sys.argv[2]))
"""
"""Builds both distributions of a tree whose files have another time, with other permissions for new files."""


def copied(target):
    """A copy of what git would commit of this checkout."""
    listed = ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes((ROOT / name).read_bytes())
    return target


@pytest.mark.slow
def test_two_builds_are_byte_identical_and_carry_the_sbom(tmp_path):
    """In another folder, at another time, under another umask: the same wheel and sdist, with what they contain."""
    found = []
    for number, (mask, stamp) in enumerate((("022", "1700000000"), ("077", "1750000000"))):
        tree, output = copied(tmp_path / f"tree-{number}"), tmp_path / f"dist-{number}"
        output.mkdir()
        environment = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
        command = [sys.executable, "-c", PLAN, tree, output, mask, stamp]
        subprocess.run(command, check=True, env=environment, capture_output=True)
        found.append({path.name: path.read_bytes() for path in output.iterdir()})

    assert found[0].keys() == found[1].keys()
    assert 2 == len(found[0])
    assert [] == [name for name, content in found[0].items() if content != found[1][name]]
    (wheel,) = (tmp_path / "dist-0").glob("*.whl")
    (sdist,) = (tmp_path / "dist-0").glob("*.tar.gz")
    sbom = (ROOT / "sbom" / "auditor.cdx.json").read_bytes()
    with zipfile.ZipFile(wheel) as inside:
        (name,) = (name for name in inside.namelist() if ".dist-info/sboms/" in name)
        assert sbom == inside.read(name)
        assert "auditor/py.typed" in inside.namelist()
    with tarfile.open(sdist) as inside:
        (name,) = (name for name in inside.getnames() if name.endswith("/sbom/auditor.cdx.json"))
        assert sbom == inside.extractfile(name).read()


def test_the_sbom_names_what_is_vendored():
    """Each folder of the payload that others wrote, in the version that it says it has."""
    document = json.loads((ROOT / "sbom" / "auditor.cdx.json").read_bytes())
    vendored = sorted(path.parent.name for path in (ROOT / "checks" / "_vendored").glob("*/__init__.py"))

    assert ("CycloneDX", "1.6") == (document["bomFormat"], document["specVersion"])
    assert ("auditor", __version__) == tuple(document["metadata"]["component"][key] for key in ("name", "version"))
    assert vendored == [component["name"] for component in document["components"]]


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
    """In a fresh environment, no checkout near: the catalogue loads, and a check that needs no framework is audited."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", wheel], check=True)
    auditor = tmp_path / "venv" / "bin" / "auditor"
    done = subprocess.run(
        [auditor, "audit", "--python", python, "-o", tmp_path / "out", "-q", "--json", "--check", "python-hash-seed"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert [("python-hash-seed", "fail")] == [
        (finding["check"], finding["outcome"]) for finding in json.loads(done.stdout)["findings"]
    ]
    verified = subprocess.run(
        [auditor, "verify", tmp_path / "out"], capture_output=True, check=False, env={"HOME": str(tmp_path)}, text=True
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr
    locked = subprocess.run(
        [auditor, "container", "lock", tmp_path / "out"], capture_output=True, check=False, text=True
    )
    assert (5, True) == (locked.returncode, "pip install 'auditor[container]'" in locked.stderr), locked.stderr
