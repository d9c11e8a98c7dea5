"""The metric in what a run printed."""

import math

import pytest
from made_runs import Made

from auditor.errors import UsageError
from auditor.replay.evidence import metric


def run_that_prints(folder, text):
    """A run with this stdout."""
    (made := Made().run(folder)).stdout.path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return made


def test_the_last_match_counts(tmp_path):
    """How often it is printed is told, and whether differently."""
    run = run_that_prints(tmp_path / "run", "acc=0.5\nacc=0.75\nloss=3\n")
    found = metric.read("acc=([0-9.]+)", run)

    assert (0.75, "0.75", 2, True, "") == (found.value, found.text, found.matches, found.various, found.problem)
    assert not metric.read("loss=([0-9.]+)", run).various


@pytest.mark.parametrize(
    ("text", "told"), [("loss=3\n", "no match"), ("acc=1.2.3\n", "no number: '1.2.3'"), ("", "no match")]
)
def test_a_run_without_a_number_says_why(tmp_path, text, told):
    """It has no value."""
    found = metric.read("acc=([0-9.]+)", run_that_prints(tmp_path / "run", text))

    assert found.value is None
    assert told in found.problem


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("acc=([0-9.]+)", "acc=1,230.5"),
        ("acc=([0-9.]+)", "acc=1.5e-05"),
        ("acc=([0-9]+)", "acc=1.5"),
        ("acc=([0-9.]+)", "acc=0,91"),
        ("acc=.*([0-9.]+)", "acc=0.913"),
        ("acc=0.([0-9]+)", "acc=0.913"),
    ],
)
def test_a_part_of_a_number_is_none(tmp_path, pattern, text):
    """The rest would be lost without a word, and a claim judged by the part."""
    found = metric.read(pattern, run_that_prints(tmp_path / "run", f"{text} done\n"))

    assert found.value is None
    assert "of the number in" in found.problem


@pytest.mark.parametrize("text", ["acc=0.5.", "acc=0.5, 3 epochs", "acc=0.5e", "step-0.5 acc=0.5", "x=1 acc=0.5%"])
def test_what_only_stands_beside_a_number_is_no_part_of_it(tmp_path, text):
    """The end of a sentence, a list, a unit."""
    found = metric.read(r"acc=([0-9]+\.[0-9]+)", run_that_prints(tmp_path / "run", f"{text}\n"))

    assert (0.5, "") == (found.value, found.problem)


@pytest.mark.parametrize(
    ("pattern", "text", "value"),
    [
        ("^3,([0-9.]+)", "3,0.913,0.5", 0.913),
        ("^3,0.913,([0-9.]+)", "3,0.913,0.5", 0.5),
        ("epoch=([0-9]+)", "epoch=3,0.913", 3.0),
        (r"acc\.*([01]\.[0-9]+)", "acc....0.913", 0.913),
    ],
)
def test_a_cell_of_a_row_is_a_number(tmp_path, pattern, text, value):
    """Commas part the cells of a table, and dots may lead to a number."""
    assert value == metric.read(pattern, run_that_prints(tmp_path / "run", f"{text}\n")).value


def test_what_is_printed_as_infinite_is_read_as_it_is(tmp_path):
    """Whoever judges the number refuses it."""
    run = run_that_prints(tmp_path / "run", "acc=nan loss=1e999")

    assert math.isnan(metric.read(r"acc=(\S+)", run).value)
    assert math.inf == metric.read(r"loss=(\S+)", run).value


def test_a_number_at_the_end_of_a_large_output_is_found(tmp_path, monkeypatch):
    """Only so much of the output is searched, and the last match counts."""
    monkeypatch.setattr(metric, "MOST_BYTES", 1000)
    run = run_that_prints(tmp_path / "run", "acc=0.1\n" + "x" * 5000 + "\nacc=0.9\n")

    assert (0.9, 1) == (metric.read("acc=([0-9.]+)", run).value, metric.read("acc=([0-9.]+)", run).matches)


def test_an_expression_that_backtracks_is_ended(tmp_path, monkeypatch):
    """Its search would take longer than the experiment."""
    monkeypatch.setattr(metric, "CPU_SECONDS", 1)
    found = metric.read(r"((?:a+)+)b", run_that_prints(tmp_path / "run", "a" * 64))

    assert found.value is None
    assert "took more than 1 s" in found.problem


@pytest.mark.parametrize("pattern", ["(", "acc=[0-9]+", "(" + "a" * 1000 + ")", "(a{99999999999})"])
def test_an_expression_that_gives_no_number_is_refused(pattern):
    """Invalid, without a group, or too long."""
    with pytest.raises(UsageError):
        metric.compiled(pattern)


def test_a_seed_argument_names_the_place_of_the_seed():
    """Otherwise all runs would be the same."""
    assert ["--seed=0", "--seed=7"] == metric.seed_arguments("--seed={}", ["0", "7"])
    with pytest.raises(UsageError, match=r"has no \{\}"):
        metric.seed_arguments("--seed", ["0"])
