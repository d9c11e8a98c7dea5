from __future__ import annotations

import base64
import hashlib
import json
import sys

import pytest
from asking import errors, facts, oracle, pythons, values
from support import AUDITED

INSTALLED = """
import importlib.metadata, json, re
found = {}
for one in importlib.metadata.distributions():
    if one.metadata["Name"]:
        found.setdefault(re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower(), one.version)
print(json.dumps(found))
"""
SETTINGS = """
import gc, json, locale, platform, sys, time
print(json.dumps({
    "python.version": platform.python_version(),
    "python.implementation": platform.python_implementation(),
    "python.compiler": platform.python_compiler(),
    "python.executable": sys.executable,
    "python.prefix": sys.prefix,
    "python.hash.algorithm": sys.hash_info.algorithm,
    "python.hash.width": sys.hash_info.width,
    "python.gc.thresholds": list(gc.get_threshold()),
    "python.byte_order": sys.byteorder,
    "python.float.mantissa": sys.float_info.mant_dig,
    "python.time_zone": list(time.tzname),
    "python.locale": locale.setlocale(locale.LC_ALL),
}))
"""
SHALLOW = (
    *("accelerators", "caches", "code", "compilers", "env", "host", "installed", "job", "machine", "numpy", "python"),
    "system",
)
SECRET = "s3cr3tTokenOfTheIndex"


@pytest.mark.parametrize("python", pythons(), ids=lambda path: path.rsplit("/", 3)[-3])
def test_every_python_answers_truthfully(python):
    """From 3.8 on, every group without a framework is read without an error, and as the interpreter itself says."""
    found = facts(*SHALLOW, python=python)
    told = oracle(SETTINGS, python)

    assert errors(found) == {}
    assert {name: values(found)[name] for name in told} == told


def test_several_pythons_are_there():
    """The test above is no empty promise: at least the oldest and the newest Python of the support range run here."""
    if len(pythons()) == 1:
        pytest.skip("this machine has one Python only; the range is covered where more are installed")

    assert len(pythons()) >= 2


@pytest.mark.parametrize("python", [AUDITED, sys.executable], ids=["audited", "host"])
def test_distributions_are_those_of_importlib_metadata(python):
    """Every distribution that importlib.metadata finds is there, with its version, and no other."""
    found = values(facts("python", python=python))["python.distributions"]

    assert {name: one["version"] for name, one in found.items()} == oracle(INSTALLED, python)


def test_wheel_tags_are_recorded():
    """The tag of the wheel says which build of a package was installed."""
    code = """
import importlib.metadata as m, json
lines = m.distribution("pip").read_text("WHEEL").splitlines()
print(json.dumps(" ".join(sorted(line[5:] for line in lines if line.startswith("Tag: ")))))
"""
    found = values(facts("python"))["python.distributions"]

    assert found["pip"]["wheel_tag"] == oracle(code)


def _install(folder, name, direct_url=None, installer="pip"):
    """A real dist-info folder, as an installer leaves it."""
    info = folder / f"{name.replace('-', '_')}-1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n\nVersion: of the text\n")
    (info / "WHEEL").write_text("Wheel-Version: 1.0\nTag: py3-none-any\n")
    (info / "INSTALLER").write_text(f"{installer}\n")
    if direct_url is not None:
        (info / "direct_url.json").write_text(direct_url if isinstance(direct_url, str) else json.dumps(direct_url))


def test_origins_are_told_without_credentials(monkeypatch, tmp_path):
    """Commit, archive hash and editable flag are kept; user, password and signed query of an address are not."""
    address = f"https://user:{SECRET}@git.example/repo.git?token={SECRET}"
    _install(tmp_path, "from-git", {"url": address, "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}})
    _install(tmp_path, "from-archive", {"url": address, "archive_info": {"hashes": {"sha256": "ab" * 32}}})
    _install(tmp_path, "from-folder", {"url": "file:///home/me/src", "dir_info": {"editable": True}})
    _install(tmp_path, "From.Index")
    _install(tmp_path, "from-nowhere", installer="someone")
    _install(tmp_path, "from-rubbish", direct_url='{"url": [')
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    replies = facts("python")
    found = values(replies)["python.distributions"]

    assert found["from-git"]["commit"] == "c0ffee"
    assert found["from-archive"]["archive_hash"] == "sha256=" + "ab" * 32
    assert found["from-folder"]["editable"] is True
    assert found["from-index"] == {"version": "1.2", "wheel_tag": "py3-none-any", "origin": "index"}
    assert found["from-nowhere"]["origin"] == "unknown"
    assert found["from-rubbish"]["origin"] == "unreadable direct_url.json"
    assert SECRET not in json.dumps({name: fact.model_dump() for name, fact in replies.items()})
    assert any("git.example/repo.git" in line for line in values(replies)["python.distributions.addresses"])


def test_the_first_folder_wins(monkeypatch, tmp_path):
    """A package shadowed by a folder earlier on the path is recorded as the one that an import finds."""
    _install(tmp_path, "pip")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    assert values(facts("python"))["python.distributions"]["pip"]["version"] == "1.2"


def test_indexes_are_told_without_credentials(monkeypatch, tmp_path):
    """Which index packages come from is a fact; the credentials for it are not."""
    (tmp_path / "pip.conf").write_text(f"[global]\nindex-url = https://me:{SECRET}@one.example/simple\n")
    (tmp_path / "uv.toml").write_text(f'[[index]]\nurl = "https://{SECRET}@two.example/simple"\n')
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setenv("UV_CONFIG_FILE", str(tmp_path / "uv.toml"))
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", f"https://{SECRET}:x@three.example/simple")
    told = "\n".join(values(facts("python"))["python.index"])

    assert SECRET not in told
    assert [name in told for name in ("one.example", "two.example", "three.example")] == [True] * 3


@pytest.mark.parametrize(("seed", "mode"), [("0", "off"), ("7", "fixed"), ("random", "random")])
def test_hash_randomisation_is_told(monkeypatch, seed, mode):
    """The three ways of hashing strings are told apart."""
    monkeypatch.setenv("PYTHONHASHSEED", seed)

    assert values(facts("python"))["python.hash.randomisation"] == mode


def test_start_up_hooks_are_seen(tmp_path):
    """A `.pth` file that runs code at every start is named, since it can change a run unseen."""
    code = tmp_path / "hooked.py"
    (tmp_path / "quiet.pth").write_text("/nowhere\n")
    (tmp_path / "loud.pth").write_text("import os\n")
    code.write_text(f"import sys; sys.path.append({str(tmp_path)!r})\n")
    found = values(facts("python", setup=code))["python.start_up_hooks"]

    assert ("loud.pth" in found, "quiet.pth" in found) == (True, False)


def test_patched_files_are_seen(monkeypatch, tmp_path):
    """A file that was edited after its installation, and one that is gone, are named when files are verified."""
    _install(tmp_path, "patched")
    rows = []
    for name in ("kept.py", "edited.py", "gone.py"):
        (tmp_path / name).write_text("1\n")
        digest = base64.urlsafe_b64encode(hashlib.sha256(b"1\n").digest()).decode().rstrip("=")
        rows.append(f"{name},sha256={digest},2\n")
    (tmp_path / "patched-1.2.dist-info" / "RECORD").write_text("".join(rows) + "patched-1.2.dist-info/RECORD,,\n")
    (tmp_path / "edited.py").write_text("2\n")
    (tmp_path / "gone.py").unlink()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    small = next(python for python in pythons() if python != sys.executable) if len(pythons()) > 1 else sys.executable
    found = values(facts("python", python=small, context={"verify_files": True}))

    assert "edited.py" in found["python.distributions.changed"]
    assert "gone.py" in found["python.distributions.missing"]
    assert "kept.py" not in found["python.distributions.changed"] + found["python.distributions.missing"]


def test_files_are_verified_on_request_only():
    """Digests of all installed files take seconds, and are not made unasked."""
    assert facts("python")["python.distributions.changed"].state == "not-applicable"
