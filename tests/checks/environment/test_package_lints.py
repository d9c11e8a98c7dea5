"""The lints of installed packages, with metadata folders, files and git checkouts really planted on PYTHONPATH."""

import json
import subprocess

import pytest
import support

from auditor.replies import Absent


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder on PYTHONPATH, and a function that plants a distribution there."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(folder))

    def plant(name, version, requires=(), files=None, into=folder, **records):
        metadata = into / f"{name.replace('-', '_')}-{version}.dist-info"
        metadata.mkdir(parents=True)
        lines = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
        lines += [f"Requires-Dist: {requirement}" for requirement in requires]
        (metadata / "METADATA").write_text("\n".join(lines) + "\n")
        for record, content in records.items():
            (metadata / record.replace("_json", ".json")).write_text(content)
        if files is not None:
            for path, content in files.items():
                (into / path).parent.mkdir(parents=True, exist_ok=True)
                (into / path).write_text(content)
            rows = [f"{path},sha256=unused,{len(content)}" for path, content in files.items()]
            (metadata / "RECORD").write_text("\n".join(rows) + "\n")
        return metadata

    return plant


def test_a_requirement_that_is_not_met_is_named(site):
    """A too old package, a missing one and one under a marker that does not apply: the first two are named."""
    site("alpha-kit", "1.0", ["beta_kit>=2", "gamma", "delta; python_version < '3'", "eps; extra == 'more'"])
    site("beta.kit", "1.5")

    found = support.verdict("environment-conflicting-packages")

    assert found.outcome == "fail"
    assert sorted(found.evidence["broken"]) == [
        "alpha-kit requires beta-kit",
        "alpha-kit requires gamma",
        "requirements",
    ]
    assert found.evidence["broken"]["alpha-kit requires beta-kit"] == {"expected": ">=2", "observed": "1.5"}


def test_met_requirements_pass(site):
    """The same packages in fitting versions pass, and so does the audited environment, as `pip check` says."""
    site("alpha-kit", "1.0", ["Beta_Kit >=2, <3", "beta.kit (!=2.1)"])
    site("beta-kit", "2.5+local")
    done = subprocess.run([support.AUDITED, "-m", "pip", "check"], capture_output=True, text=True, check=False)

    assert support.verdict("environment-conflicting-packages").outcome == "pass"
    assert done.returncode == 0, done.stdout


def test_what_is_not_understood_is_said(site):
    """A requirement outside the subset is counted as not judged, and breaks nothing."""
    site("alpha", "1.0", ["beta ~=2", "beta; shoe_size > '40'"])
    site("beta", "1.5")

    (reading,) = support.measure("environment-conflicting-packages").repeats

    assert len(reading["conditions"]["not judged"]) == 2
    assert reading["requirements"]["observed"] == "all met"


def test_two_metadata_folders_of_one_name_are_named(site):
    """The same name in two spellings and versions is one package installed twice; one folder each passes."""
    site("delta-kit", "1.0")
    alone = support.verdict("environment-duplicate-distributions")
    site("Delta.Kit", "1.1")

    found = support.verdict("environment-duplicate-distributions")

    assert (alone.outcome, found.outcome) == ("pass", "fail")
    assert sorted(found.evidence["broken"]) == ["delta-kit", "packages"]
    assert found.evidence["broken"]["delta-kit"]["observed"].startswith("2 times: 1.")


def test_a_cover_over_the_environment_is_found(site):
    """Another NumPy on PYTHONPATH covers the installed one."""
    site("numpy", "1.0")

    assert "numpy" in support.verdict("environment-duplicate-distributions").evidence["broken"]


def _git(folder, *arguments):
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def test_an_editable_installation_must_be_clean(site, tmp_path):
    """A committed checkout passes, an edited or a new file fails, and a monitor that the checkout names never runs."""
    checkout = tmp_path / "my checkout"
    checkout.mkdir()
    (checkout / "model.py").write_text("rate = 1\n")
    _git(checkout, "init", "-q")
    _git(checkout, "add", ".")
    _git(checkout, "commit", "-q", "-m", "first")
    trap = tmp_path / "trap"
    _git(checkout, "config", "core.fsmonitor", f"touch {trap}; true")
    site("my-model", "0.1", direct_url_json=json.dumps({"url": checkout.as_uri(), "dir_info": {"editable": True}}))
    clean = support.verdict("environment-editable-dirty")
    (checkout / "model.py").write_text("rate = 2\n")
    (checkout / "new.py").write_text("")

    found = support.verdict("environment-editable-dirty")

    assert (clean.outcome, found.outcome) == ("pass", "fail")
    assert found.evidence["broken"]["my-model"]["observed"] == "2 files changed"
    assert not trap.exists()


@pytest.mark.parametrize("record", ["{", "[]", '{"url": 5}', '{"url": "https://example.org", "dir_info": {}}'])
def test_installations_that_are_not_editable_do_not_apply(site, record):
    """Damaged records and installations from an index or a web address are no checkouts."""
    site("other", "0.1", direct_url_json=record)

    assert isinstance(support.measure("environment-editable-dirty"), Absent)


def test_files_of_another_size_are_named(site, tmp_path):
    """A grown and a missing file of a framework are named; as installed, it passes."""
    site("jax", "9.9", files={"jax/a.py": "one\n", "jax/b.py": "two\n"})
    before = support.verdict("environment-files-changed")
    (tmp_path / "site" / "jax" / "a.py").write_text("one and more\n")
    (tmp_path / "site" / "jax" / "b.py").unlink()

    found = support.verdict("environment-files-changed")

    assert (before.outcome, found.outcome) == ("pass", "fail")
    assert found.evidence["broken"]["jax 9.9"]["observed"] == "jax/a.py (13 bytes, not 4), jax/b.py (missing)"


def test_the_audited_frameworks_are_as_installed():
    """All three frameworks and NumPy are compared, and have the sizes that pip recorded."""
    found = support.verdict("environment-files-changed")

    assert {"torch", "tensorflow-cpu", "jax", "jaxlib", "numpy"} == {name.split()[0] for name in found.evidence["held"]}
