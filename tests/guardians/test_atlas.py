"""The atlas says which operators and findings differ between releases, and what was not measured."""

import json
import sys

import pytest
from support import ROOT

sys.path.insert(0, str(ROOT / "tools"))

import atlas
import releases

TABLE = {
    "compared": 7,
    "differing": [
        {"name": "sum float32", "kind": "bits", "samples": 4, "differing": 1},
        {"name": "sum float64", "kind": "bits", "samples": 4, "differing": 2},
        {"name": "svd float32", "kind": "raises", "samples": 1, "differing": 1},
    ],
    "otherInputs": ["fft float32"],
    "unstable": [],
    "onlyA": [],
    "onlyB": ["new float32"],
}


def finding(check, outcome, **evidence):
    """A finding of a check of JAX."""
    return {"check": check, "framework": "jax", "outcome": outcome, "evidence": evidence, "message": ""}


def written(folder, name, version, *found):
    """The release of an environment whose quick audit has these findings."""
    environment = releases.Environment(name, "3.11", (), ("jax",), "planted")
    facts = {"jax.version": {"value": version}}
    home = folder / "audits" / "quick" / name
    home.mkdir(parents=True)
    (home / "manifest.json").write_text(json.dumps({"predicate": {"facts": facts, "findings": found}}))
    return atlas.Release("jax", environment)


@pytest.fixture(name="known")
def two_releases(tmp_path, monkeypatch):
    """An old release with two faults, and a new one that repaired one and has another."""
    monkeypatch.setattr(releases, "FOLDER", tmp_path)
    old = finding("jax-a", "fail", broken={"kept": {}, "repaired": {}})
    new = finding("jax-a", "fail", differing={"kept": 2, "operators/sort float32": 3})
    return [
        written(tmp_path, "old", "1.0", old, finding("jax-b", "fail", broken={"gone": {}}), finding("jax-c", "pass")),
        written(tmp_path, "new", "2.0", new, finding("jax-b", "pass"), finding("jax-c", "pass")),
    ]


def test_a_fault_is_listed_with_the_releases_that_have_it(known):
    """What stays, what came and what went are apart; a check that passes everywhere is left out."""
    text = "\n".join(atlas.of_findings(known))

    assert "| `jax-b` | **fail** | pass |" in text
    assert "- `jax-a`, in 1.0, 2.0 (1): `kept`" in text
    assert "- `jax-a`, in 1.0 only (1): `repaired`" in text
    assert "- `jax-a`, in 2.0 only (1): `sort float32`" in text
    assert "jax-c" not in text


def test_operators_that_were_not_audited_are_said(known):
    """Silence would read like no change."""
    assert "Not measured: the operators of 1.0 and 2.0 were not audited." in "\n".join(atlas.of_operators("jax", known))
    assert "Not measured: fewer than two releases" in "\n".join(atlas.of_operators("jax", known[:1]))


def test_a_table_is_told_by_kind_with_each_operator_once():
    """Counts of operators and samples, dtypes in brackets, and what could not be compared."""
    text = "\n".join(atlas.of_table(TABLE))

    assert "7 operators (each counted by operator and dtype) were compared: 3 differ, in 4 of their 9 samples." in text
    assert "- give other bits (2): `sum` (float32, float64)" in text
    assert "- raise on one side only, or another error (1): `svd` (float32)" in text
    assert "- not compared, because the inputs differ (1): `fft` (float32)" in text
    assert "only in the older release" not in text


def test_without_an_audit_nothing_is_written(tmp_path, monkeypatch, capsys):
    """An empty page would replace the one that was measured."""
    monkeypatch.setattr(releases, "FOLDER", tmp_path)
    monkeypatch.setattr(sys, "argv", ["atlas.py", "--output", str(tmp_path / "atlas.md")])

    assert atlas.main() == 1
    assert not (tmp_path / "atlas.md").exists()
    assert "make releases" in capsys.readouterr().out


def test_a_framework_that_was_not_audited_here_keeps_its_rows_and_its_section(tmp_path, monkeypatch):
    """The audits of one framework do not take away what was measured of the others, wherever it was."""
    monkeypatch.setattr(releases, "FOLDER", tmp_path)
    monkeypatch.setattr(atlas, "ENVIRONMENTS", (releases.Environment("new", "3.11", (), ("jax",), "planted"),))
    monkeypatch.setattr(atlas, "NEIGHBOURS", {"torch": (), "tensorflow": (), "jax": ("new",)})
    facts = {"jax.version": {"value": "2.0"}, "host.cpu.model": {"value": "CPU"}}
    home = tmp_path / "audits" / "quick" / "new"
    home.mkdir(parents=True)
    predicate = {"facts": facts, "findings": [], "run": {"finishedOn": "2026-11-30T01:00:00Z"}}
    (home / "manifest.json").write_text(json.dumps({"predicate": predicate}))
    before = (
        "# Atlas\n\n| JAX 1.0 | 3.9 | 1.26 | quick | long ago |\n| PyTorch 9.9 | 3.11 | 2.4 | quick | 2026-01-01 |\n"
        "\n## PyTorch\n\nOperators of 9.9.\n\n### Findings\n\nOne.\n\n## JAX\n\nOld.\n"
    )

    text = atlas.page(before)

    assert "| PyTorch 9.9 | 3.11 | 2.4 | quick | 2026-01-01 |\n| JAX 2.0 |" in text
    assert "## PyTorch\n\nOperators of 9.9.\n\n### Findings\n\nOne.\n\n## TensorFlow\n\nNot measured.\n" in text
    assert "JAX 1.0" not in text
    assert "Old." not in text
