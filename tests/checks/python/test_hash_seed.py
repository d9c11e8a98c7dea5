"""The order of sets under the hash seed, and the checks that need no framework on every Python there is."""

from pathlib import Path

import pytest
import support

from auditor.interpreter.launcher import Here

PYTHONS = support.older_pythons()


def _name(python):
    return Path(python).name


@pytest.fixture(autouse=True)
def _bare(monkeypatch):
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)


def test_a_drawn_hash_seed_fails_low():
    """Without PYTHONHASHSEED the order differs between processes; the seed is documented and cures it."""
    found = support.verdict("python-hash-seed")

    assert (found.outcome, found.known, found.severity) == ("fail", "documented-and-cured", "low")
    assert list(found.evidence["differing"]) == ["order"]


def test_a_fixed_hash_seed_passes(monkeypatch):
    """With PYTHONHASHSEED=0 every process has the same order."""
    monkeypatch.setenv("PYTHONHASHSEED", "0")

    assert support.verdict("python-hash-seed").outcome == "pass"


def test_a_set_ordered_by_identity_is_not_cured(tmp_path):
    """An order that no variable fixes differs under a fixed seed too, and is not documented-and-cured."""
    setup = tmp_path / "setup.py"
    setup.write_text(
        "import builtins, random\n"
        "from _auditor_checks.python import hash_seed\n"
        "hash_seed.measure = lambda settings: {'order': random.SystemRandom().random()}\n"
    )

    found = support.verdict("python-hash-seed", setup=str(setup))

    assert (found.outcome, found.known) == ("fail", "documented")


@pytest.mark.skipif(not PYTHONS, reason="no Python 3.8 to 3.13 on PATH or in pyenv's versions")
@pytest.mark.parametrize("python", PYTHONS, ids=_name)
def test_checks_without_frameworks_run_on_every_python(monkeypatch, python):
    """The order of sets and every lint answer on each Python, with the seed fixed: none is an error."""
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    checks = [check for check in support.catalogue.load().checks if check.framework in ("python", "environment")]
    answers = {}
    for framework in ("python", "environment"):
        steps = [{"check": check.id, "repeats": 1} for check in checks if check.framework == framework]
        replies = list(support.ask(Here(python), support.Request("measure", framework=framework, steps=steps)))
        answers.update({reply.check: reply.tag for reply in replies if getattr(reply, "check", "")})

    assert {check.id for check in checks} == set(answers)
    assert set(answers.values()) <= {"ok", "not-applicable"}, answers
    assert answers["environment-hash-seed-set"] == "ok"
