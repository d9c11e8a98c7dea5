"""A cause outside the program: what shows it, and what leaves the cause unknown."""

from __future__ import annotations

import pytest
from made_runs import Made
from searched import searched

from auditor.render import replay as rendered
from auditor.replay import result
from auditor.replay.cause import counterfactual, interventions, outside_state
from auditor.replay.cause.hypotheses import every_factor, hypotheses
from auditor.replay.model import Confidence, Result
from auditor.replay.provenance.origin_model import Origin
from auditor.replay.trace.archive import TaskKey
from auditor.replay.trace.format import SourceLine

CLOCK = interventions.clock()


def origin(code, evidence="other-branch", name="line", **known):
    """An origin at a line with this code."""
    return Origin(TaskKey("main", 0), 1, evidence, name, SourceLine("a.py", 7, "main", code), **known)


def unrelated(_settings, number):
    """Each run prints another number, whatever is fixed."""
    unrelated.count = getattr(unrelated, "count", 0) + 1
    return Made(1000 + unrelated.count + number)


def stuck(tmp_path, factors, *, budget=24):
    """The tests of these factors where none of them removes the divergence."""
    return searched(tmp_path, unrelated, factors, budget=budget)


def test_what_shows_with_everything_fixed_lies_outside(tmp_path):
    """One grouped look refutes all of them."""
    tests = stuck(tmp_path, hypotheses(None))
    said = outside_state.shown(tests, None)

    assert tests.outside
    assert all(factor in said for factor in every_factor())
    assert "outside-state" == result.of_output(None, tests.rejected, said).cause
    assert said == result.of_output(None, tests.rejected, said).because


def test_what_a_factor_removes_does_not(tmp_path):
    """The proof stands, and nothing is said of the outside."""
    tests = searched(tmp_path, lambda settings, number: Made(0 if "clock" in settings else 1 + number), [CLOCK])

    assert tests.proven
    assert "" == outside_state.shown(tests, origin("value = open(path).read()"))


@pytest.mark.parametrize("budget", [1, 3, 5])
def test_where_the_budget_ended_the_cause_stays_unknown(tmp_path, budget):
    """Though the line reads a file, and what was tried was refuted."""
    tests = stuck(tmp_path, hypotheses(None), budget=budget)
    said = outside_state.shown(tests, origin("value = open(path).read()"))

    assert ("", "unknown") == (said, result.of_output(None, tests.rejected, said).cause)


def test_a_run_that_failed_shows_nothing(tmp_path):
    """The factor may have removed the origin."""
    tests = searched(tmp_path, lambda settings, number: Made(number, exit_code=int(bool(settings))), [CLOCK])

    assert "" == outside_state.shown(tests, origin("value = open(path).read()"))


@pytest.mark.parametrize(
    ("code", "read"),
    [
        ("text = open('live.txt').read()", "a file"),
        ("text = Path('live').read_text()", "a file"),
        ("state = torch.load('last.pt')", "a file"),
        ("answer = client.recv(4)", "a socket or the network"),
        ("page = urlopen(url)", "a socket or the network"),
        ("load = os.getloadavg()[0]", "a gauge of the system"),
        ("load = open('/proc/loadavg')", "a gauge of the system"),
        ("out = subprocess.check_output(['nproc'])", "another process"),
        ("loss = model(x).mean()", ""),
        ("reopen(x); overload(y)", ""),
        ("loader = DataLoader(data)", ""),
    ],
)
def test_a_line_that_reads_the_outside_and_a_refuted_factor_show_it(tmp_path, code, read):
    """A line that reads nothing shows nothing: few factors were tried."""
    tests = stuck(tmp_path, [CLOCK])
    said = outside_state.shown(tests, origin(code))

    assert read == outside_state.live_read(origin(code))
    assert bool(read) == bool(said)
    assert f"reads {read}" in said or not read


def test_everything_fixed_is_more_than_what_was_tried_at_an_operation(tmp_path):
    """An operation that races on may have a cause inside; so may one where nothing was tried."""
    tests = stuck(tmp_path, hypotheses(None)[:6])

    assert tests.outside
    assert "" == outside_state.shown(tests, origin("loss.backward()", "same-inputs-other-outputs", "aten::index_put"))
    assert "" == outside_state.shown(counterfactual.Tests(), origin("value = open(path).read()"))


def test_other_names_in_a_folder_stay_an_outside_input(tmp_path):
    """That is in the trace."""
    tests = stuck(tmp_path, hypotheses(None))
    listing = origin("names = os.listdir('in')", "outside", "os.listdir", other_set=True)
    said = outside_state.shown(tests, listing)

    assert said
    assert "outside-input" == result._cause(listing, None, said)
    assert "outside-state" == result._cause(origin("x"), None, said)


def test_the_advice_is_never_called_proven(tmp_path):
    """The report has the sentence and the advice."""
    tests = stuck(tmp_path, hypotheses(None))
    found = result.of_output(None, tests.rejected, outside_state.shown(tests, None))
    cure = result.remedy(None, None, None, [], advice=outside_state.ADVICE)
    text = rendered.text(
        Result(
            verdict="diverged",
            runs=3,
            ops=1,
            exit_codes=[0],
            divergence=found,
            remedy=cure,
            confidence=Confidence(runs=3, rate_bound_95=None),
        )
    )

    assert (None, False) == (found.proof, cure.proven)
    assert "Cause: outside-state (something outside the program that changes between runs)" in text
    assert "It shows with every factor fixed at once (" in text
    assert f"Cure (not proven): {outside_state.ADVICE}" in text
