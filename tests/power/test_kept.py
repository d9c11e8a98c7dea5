"""What a run of the plants keeps: an interrupted one goes on, and nothing old is taken for new."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import power  # noqa: E402 - a tool, found only now


@pytest.fixture
def asked(monkeypatch):
    """The checks that the command was run with, by call."""
    calls = []

    def findings(_python, checks, _setup):
        calls.append(list(checks))
        return {one: power.Finding("error" if "broken" in one else "pass", frozenset({"x"}), "said") for one in checks}

    monkeypatch.setattr(power, "findings", findings)
    return calls


def test_only_what_is_not_kept_is_measured(tmp_path, asked):
    kept = power.Kept(tmp_path / "kept", "source")
    first = kept.findings("python", ["a", "b"], None)

    assert first == kept.findings("python", ["b", "a"], None)
    assert {"a", "b", "c"} == set(kept.findings("python", ["a", "b", "c"], None))
    assert [["a", "b"], ["c"]] == asked


def test_another_source_another_set_up_and_afresh_are_measured_anew(tmp_path, asked):
    setup = tmp_path / "plant.py"
    setup.write_text("one")
    for kept in (
        power.Kept(tmp_path, "source"),
        power.Kept(tmp_path, "other"),
        power.Kept(tmp_path, "source", afresh=True),
    ):
        kept.findings("python", ["a"], setup)
    setup.write_text("two")
    power.Kept(tmp_path, "source").findings("python", ["a"], setup)

    assert [["a"]] * 4 == asked


def test_an_error_is_not_kept(tmp_path, asked):
    for _ in range(2):
        power.Kept(tmp_path, "source").findings("python", ["broken"], None)

    assert [["broken"]] * 2 == asked


def test_any_changed_source_file_changes_the_digest(tmp_path, monkeypatch):
    monkeypatch.setattr(power, "ROOT", tmp_path)
    (tmp_path / "checks").mkdir()
    (tmp_path / "auditor").mkdir()
    before = power.source_digest("python")
    (tmp_path / "checks" / "new.py").write_text("")

    assert len({before, power.source_digest("python"), power.source_digest("other")}) == 3


CONTRACTS = ("a-every-operator", "b", "c")


def failing(*checks):
    """A command under which these checks fail, with the plant alone; and what it was asked for."""
    asked = []

    def findings(_python, wanted, setup):
        asked.append((*wanted, "with" if setup else "without"))
        return {
            one: power.Finding("fail" if setup and one in checks else "pass", frozenset({"x"}), "") for one in wanted
        }

    return findings, asked


@pytest.mark.parametrize(
    ("fails", "by", "said"),
    [
        ("b", "b", [("b", "with"), ("b", "without")]),
        ("c", "c", [("b", "with"), ("c", "with"), ("c", "without")]),
        (
            "a-every-operator",
            "a-every-operator",
            [("b", "with"), ("c", "with"), ("a-every-operator", "with"), ("a-every-operator", "without")],
        ),
        ("none", "", [("b", "with"), ("c", "with"), ("a-every-operator", "with")]),
    ],
)
def test_contracts_run_until_one_catches_it_the_long_ones_last(tmp_path, monkeypatch, fails, by, said):
    findings, asked = failing(fails)
    monkeypatch.setattr(power, "findings", findings)
    (tmp_path / "one.py").write_text("fault = 1")
    plant = power.Plant(tmp_path / "one.py", CONTRACTS, "control", "", subtle=False)
    result = power.measured(plant, power.Kept(tmp_path, "source"), "python")

    assert result.by == by
    assert asked == [("control", "with"), ("control", "without"), *said]


def test_a_contract_that_fails_alike_without_the_plant_catches_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(
        power,
        "findings",
        lambda _python, wanted, _setup: {one: power.Finding("fail", frozenset({"x"}), "") for one in wanted},
    )
    (tmp_path / "one.py").write_text("fault = 1")
    plant = power.Plant(tmp_path / "one.py", CONTRACTS, "control", "", subtle=False)

    assert power.measured(plant, power.Kept(tmp_path, "source"), "python").by == ""
