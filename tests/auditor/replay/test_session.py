"""Planted experiments, replayed whole: verdict, cause, line and proven cure; the clean ones without a false alarm."""

import sys
from pathlib import Path

import pytest
from support import AUDITED

from auditor.replay.session import ReplayOptions, Session

EXPERIMENTS = Path(__file__).parent / "experiments"


def replayed(name, scratch, *, python=sys.executable, **options):
    """The result of replaying one of the experiments."""
    command = [python, str(EXPERIMENTS / f"{name}.py")]
    return Session(ReplayOptions(command, scratch / "runs", show=False, **options), str).run()


def guilty_line(name):
    """The number of the line that says that it is guilty."""
    lines = (EXPERIMENTS / f"{name}.py").read_text().splitlines()
    return next(number for number, line in enumerate(lines, start=1) if "# guilty" in line)


def test_a_clean_program_is_identical(tmp_path):
    """Seeded draws: no operation of a framework, equal output, and how sure that is."""
    result = replayed("clean_python", tmp_path)

    assert ("identical", [0, 0, 0]) == (result.verdict, result.exit_codes)
    assert 0.77 < result.confidence.rate_bound_95 < 0.78
    assert result.divergence is None


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("clock", "clock"),
    ],
)
@pytest.mark.exhaustive  # CI sees it in test_plain_python.py
def test_a_plain_program_diverges_and_its_cause_is_proven(tmp_path, name, cause):
    """No framework: what is printed differs, and one counterfactual alone makes it equal."""
    result = replayed(name, tmp_path)

    assert ("diverged", cause) == (result.verdict, result.divergence.cause)
    assert result.remedy.proven


@pytest.mark.parametrize("name", ["hash_order", "clock", "address_order"])
def test_what_is_not_asked_about_is_still_a_divergence(tmp_path, name):
    """Without the search for a cause, the verdict stands."""
    result = replayed(name, tmp_path, explain=False)

    assert ("diverged", ["stdout"]) == (result.verdict, result.outputs_differ)


def test_runs_that_fail_alike_are_inconclusive(tmp_path):
    """Equal failures prove nothing, unless the user says that the failure is part of the experiment."""
    failing, allowed = replayed("crash", tmp_path / "a"), replayed("crash", tmp_path / "b", allow_failure=True)

    assert "inconclusive" == failing.verdict
    assert "exit code 7" in failing.problems[0]
    assert ("identical", [7, 7, 7]) == (allowed.verdict, allowed.exit_codes)


def test_a_program_that_never_ends_is_ended_and_inconclusive(tmp_path):
    """The time limit is the user's."""
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    options = ReplayOptions(command, tmp_path / "runs", timeout_seconds=1.0, show=False)

    assert "inconclusive" == Session(options, str).run().verdict


def test_what_an_experiment_depends_on_is_told_by_factor(tmp_path):
    """A program whose output is the order of a set, under a fixed hash seed: only another hash seed moves it."""
    environment = pytest.MonkeyPatch()
    environment.setenv("PYTHONHASHSEED", "0")
    try:
        result = replayed("hash_order", tmp_path, runs=2, vary=["hash-seed", "file-order", "time-zone"])
    finally:
        environment.undo()

    assert "identical" == result.verdict
    told = {one.factor: one.verdict for one in result.sensitivity}
    assert {"hash-seed": "diverged", "file-order": "identical", "time-zone": "identical"} == told


def test_a_race_is_not_blamed_on_the_factor_under_which_it_shows(tmp_path):
    """It differs under the factor, and from run to run there: a second run under the factor says so."""
    program = "import os; print(os.urandom(4).hex() if 'TZ' in os.environ else 1)"
    options = ReplayOptions([sys.executable, "-c", program], tmp_path / "runs", runs=2, vary=["time-zone"], show=False)
    one = Session(options, str).run().sensitivity[0]

    assert ("inconclusive", 2) == (one.verdict, one.runs)
    assert "this factor alone does not explain the difference" in one.note


@pytest.mark.slow
def test_where_runs_diverge_the_table_tells_what_makes_them_equal(tmp_path):
    """`all` with the entropy, which only then is a factor; few runs are said to be few."""
    result = replayed("entropy", tmp_path, runs=2, explain=False, vary=["entropy", "hash-seed"])
    told = {one.factor: one for one in result.sensitivity}

    assert ("identical", "diverged") == (told["entropy"].verdict, told["hash-seed"].verdict)
    assert "makes the runs equal" in told["entropy"].note
    assert told["hash-seed"].first


def test_the_number_that_people_report_has_its_spread(tmp_path):
    """Over repeats, and over seeds that the command takes as an argument."""
    seed = "random.seed(int((sys.argv[1:] or ['--seed=1'])[0][7:]))"
    program = f"import random, sys; {seed}; print('loss=%f' % random.random())"
    options = ReplayOptions(
        [sys.executable, "-c", program],
        tmp_path / "runs",
        metric="loss=([0-9.]+)",
        seeds=3,
        seed_argument="--seed={}",
        show=False,
    )
    metric = Session(options, str).run().metric

    assert (3, 1) == (len(metric.repeats), len(set(metric.repeats)))
    assert 3 == len(set(metric.seeds))


@pytest.mark.frameworks
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "operation", "cause"),
    [
        pytest.param(  # CI sees it in test_torch.py
            "torch_unseeded", "aten::randn", "unseeded-random", marks=pytest.mark.exhaustive
        ),
        pytest.param(
            "torch_race",  # CI sees it in evidence/test_reproducer.py, with its reproducer
            "aten::index_put_",
            "nondeterministic-op",
            marks=[pytest.mark.exhaustive, pytest.mark.alone],
        ),
        pytest.param("torch_numpy_draw", "numpy.random.rand", "unseeded-random", marks=pytest.mark.exhaustive),
        pytest.param("torch_seed_call", "aten::randn", "unseeded-random", marks=pytest.mark.exhaustive),
    ],
)
def test_the_guilty_line_of_a_torch_program_is_named_and_its_cure_proven(tmp_path, name, operation, cause):
    """The operation, its line, why, and what cures it; proven by what happens under the cure and after its release."""
    result = replayed(name, tmp_path, python=AUDITED)

    assert ("diverged", cause) == (result.verdict, result.divergence.cause)
    assert (operation, guilty_line(name)) == (result.divergence.op, result.divergence.source.line)
    assert result.remedy.proven
    assert ("torch_seed_call" == name) == (result.divergence.from_system is not None)


@pytest.mark.frameworks
def test_a_clean_training_is_identical(tmp_path):
    """Forward, backward, optimizer: some hundred operations, no difference in two runs."""
    result = replayed("torch_clean", tmp_path, python=AUDITED, runs=2)

    assert ("identical", []) == (result.verdict, result.problems)
    assert result.ops > 50
