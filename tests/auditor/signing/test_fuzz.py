"""Mutated envelopes: none yields what nobody signed, none crashes; and the harness finds planted faults."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).with_name("fuzz")
sys.path.insert(0, str(FUZZ))
import faults  # noqa: E402 -- the harness is a folder of scripts, as atheris starts it
import pool  # noqa: E402
from judge import Figures, Violation, judge  # noqa: E402
from mutants import mutant  # noqa: E402

RUNS = 100_000
"""Mutants of the exhaustive tier: the least number that the contract names."""
LIMIT_SECONDS = 3600
"""For one run on a machine that others use; it takes two minutes alone."""


def run_in_process(count, seed=1):
    """Judge this many mutants, half of them mutants of mutants; gives the figures."""
    chance, figures = random.Random(seed), Figures()
    corpus = list(pool.GOOD)
    for _ in range(count):
        made = mutant(chance.choice(corpus), chance)
        judge(made, figures)
        if len(corpus) < 200 and chance.random() < 0.05:
            corpus.append(made)
    return figures


def test_good_envelopes_are_accepted_by_the_judge():
    """The harness can tell good from bad only if good ones count as such."""
    figures = Figures()
    for data in pool.GOOD:
        judge(data, figures)

    assert (len(pool.GOOD),) * 3 == (figures.mutants, figures.reached, figures.accepted)


def test_a_thousand_mutants():
    """None yields another payload or type, none crashes, half reach the check of a signature."""
    figures = run_in_process(1_000)

    assert 1_000 == figures.mutants
    assert figures.reached >= figures.mutants / 2
    assert 0 < figures.accepted < figures.reached


@pytest.mark.slow
@pytest.mark.parametrize("fault", faults.FAULTS, ids=lambda fault: fault.__name__)
def test_a_planted_fault_is_found(fault):
    """Within 3000 mutants of a fixed seed: as an accepted forgery, or as a crash."""
    with faults.planted(fault), pytest.raises((Violation, Exception)) as found:
        run_in_process(3_000)

    crash = fault is faults.odd_type_crashes
    assert crash != isinstance(found.value, Violation)


def test_the_faults_are_six():
    """As many as the contract names, and each is taken away again."""
    assert 6 == len(faults.FAULTS)
    assert 200 == run_in_process(200).mutants


def atheris_run(target, runs, fault=""):
    """Exit code, and the line of figures, of a coverage-guided run."""
    words = [sys.executable, str(FUZZ / "run.py"), target, str(runs), *([fault] if fault else [])]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS)
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"target"')]
    return done.returncode, json.loads(lines[-1]) if lines else {}, done.stderr


@pytest.mark.exhaustive
@pytest.mark.timeout(LIMIT_SECONDS)
def test_a_hundred_thousand_mutants_under_atheris(capsys):
    """Coverage-guided: no violation, no crash; at least half reach the check of a signature. Prints the figures."""
    pytest.importorskip("atheris")
    code, figures, told = atheris_run("envelope", RUNS)

    assert 0 == code, told[-2000:]
    assert RUNS == figures["mutants"]
    assert figures["reached"] >= RUNS / 2
    with capsys.disabled():
        sys.stdout.write(f"\nfuzzing: {figures}" + "\n")


@pytest.mark.exhaustive
@pytest.mark.timeout(LIMIT_SECONDS)
@pytest.mark.parametrize(("target", "runs"), [("statement", 100_000), ("trust", 50_000)])
def test_readers_under_atheris(target, runs, capsys):
    """Payloads and files of keys, whatever they hold, give a value or our error."""
    pytest.importorskip("atheris")
    code, figures, told = atheris_run(target, runs)

    assert 0 == code, told[-2000:]
    assert runs == figures["mutants"]
    with capsys.disabled():
        sys.stdout.write(f"\nfuzzing: {figures}" + "\n")


@pytest.mark.exhaustive
@pytest.mark.timeout(LIMIT_SECONDS)
@pytest.mark.parametrize("fault", [fault.__name__ for fault in faults.FAULTS])
def test_atheris_finds_a_planted_fault(fault, tmp_path, monkeypatch, capsys):
    """The same harness, guided by coverage, ends with the fault's input before its runs are over."""
    pytest.importorskip("atheris")
    monkeypatch.chdir(tmp_path)  # libFuzzer writes the input there
    code, figures, told = atheris_run("envelope", RUNS, fault)

    assert 0 != code
    assert {} == figures, "it went on to the end"
    assert ("Violation" in told) != (fault == "odd_type_crashes")
    number = [line for line in told.splitlines() if "Test unit written" in line]
    with capsys.disabled():
        sys.stdout.write(f"\n{fault}: found; {number[0] if number else ''}" + "\n")
