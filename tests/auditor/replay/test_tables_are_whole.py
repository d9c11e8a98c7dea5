"""Every table over a Literal, or over the factors, names each member: a new member fails here until it has its row."""

from typing import get_args

import pytest

from auditor.cli import compare as cli_compare
from auditor.cli import replay as cli_replay
from auditor.factors.factors import FACTORS
from auditor.render import divergence as words
from auditor.render import replay as rendered
from auditor.render import traces as rendered_traces
from auditor.replay.alignment import first_differences
from auditor.replay.cause import backtrack, interventions, sensitivity
from auditor.replay.cause.hypotheses import hypotheses
from auditor.replay.evidence import reproducer
from auditor.replay.model import Cause, Confidence, Divergence, Result, TaskDifference, TraceComparison, Verdict
from auditor.replay.provenance import origin_model, taints
from auditor.replay.provenance.origin_model import Evidence, Origin, ReachKind
from auditor.replay.trace.archive import TaskKey
from auditor.replay.trace.format import SourceLine

CAUSES, EVIDENCE = set(get_args(Cause)), set(get_args(Evidence))
NOT_PROVEN_BY_A_FACTOR = {"outside-input", "outside-state", "unknown"}
OF_OPERATIONS = {"nondeterministic-op", "uninitialised-memory", "compile"}
OF_DRAWS = {"unseeded-random", "seeded-too-late"}
OF_RUNS = {"data-cache", "earlier-run"}
"""Causes of which no single statement or operation is the place."""


def every_intervention():
    """All hypotheses that the interventions can make."""
    yield from interventions.unseeded("torch")
    yield interventions.entropy("python", late=interventions.TooLate(SourceLine("a.py", 1), SourceLine("a.py", 2)))
    yield from interventions.switch("torch")
    yield from (interventions.own_of_torch(), interventions.entropy("python"), interventions.from_system())
    yield from (interventions.pipeline(), interventions.one_thread("torch"), interventions.fill())
    yield from (interventions.hash_seed(), interventions.address(), interventions.files())
    yield from (interventions.clock(), interventions.task_order(), interventions.data_cache())
    yield interventions.earlier_run(["state.json"])
    yield from interventions.compilers_off("jit:step")


def field_of(model, name):
    """The members of a field's Literal."""
    return set(get_args(model.model_fields[name].annotation))


def test_each_cause_has_words_an_intervention_and_a_way_to_be_shown():
    """Renderer, interventions, the search for a Python statement, and the reproducer."""
    assert CAUSES == set(words.CAUSES)
    assert CAUSES == {one.cause for one in every_intervention()} | NOT_PROVEN_BY_A_FACTOR
    assert CAUSES == {*backtrack.CAUSES} | OF_OPERATIONS | OF_RUNS | NOT_PROVEN_BY_A_FACTOR
    of_statements = CAUSES - OF_OPERATIONS - OF_RUNS - NOT_PROVEN_BY_A_FACTOR
    assert {*reproducer.CAUSES} == of_statements - OF_DRAWS - {"thread-order"}


def test_each_factors_cause_is_a_cause():
    """And so is each hypothesis's factor a factor, or a cure's own name."""
    assert {one.cause for one in FACTORS.values()} <= CAUSES


@pytest.mark.parametrize("cause", get_args(Cause))
@pytest.mark.parametrize("evidence", get_args(Evidence))
def test_each_cause_and_evidence_is_rendered(cause, evidence):
    """In the words of the tables, never as a bare id."""
    found = Divergence(framework="torch", op="aten::mm", index=1, inputs_equal=True, evidence=evidence, cause=cause)
    confidence = Confidence(runs=2, rate_bound_95=None)
    text = rendered.text(
        Result(verdict="diverged", runs=2, ops=9, exit_codes=[0], divergence=found, confidence=confidence)
    )

    assert f"{cause} ({words.CAUSES[cause]})" in text
    assert words.EVIDENCE[evidence] in text


def test_each_kind_of_evidence_is_strong_or_may_be_received():
    """And some hypothesis is tried for each."""
    assert EVIDENCE | {"output"} == set(words.EVIDENCE)
    assert EVIDENCE == {*origin_model.STRONG} | {*reproducer.NOT_COMPUTED}
    for evidence in EVIDENCE:
        origin = Origin(TaskKey("main", 0), 1, evidence, "aten::mm", SourceLine("a.py", 1))
        assert hypotheses(origin), evidence


def test_each_kind_of_reach_has_its_rank():
    """What the program reads goes first."""
    assert set(get_args(ReachKind)) == set(taints.REACH_ORDER)
    assert "read" == min(taints.REACH_ORDER, key=taints.REACH_ORDER.get)


def test_each_verdict_has_its_exit_code_and_its_words():
    """Of replays and of two traces; and both name the same kinds of differences."""
    assert set(get_args(Verdict)) == set(cli_replay.EXIT_CODES)
    assert field_of(TraceComparison, "verdict") == set(rendered_traces.HEADLINES) == set(cli_compare.TRACE_EXIT_CODES)
    assert field_of(TaskDifference, "kind") == set(rendered_traces.KINDS) == set(get_args(first_differences.Kind))


@pytest.mark.parametrize("diverged", [False, True])
def test_each_factor_is_varied_or_has_a_reason(diverged):
    """`--vary all` leaves no factor out without a word; each is tried once, at a value of its own."""
    every = sensitivity.names_of(["all"], diverged=diverged)

    assert len(set(every)) == len(every)
    assert set(FACTORS) == {*every, *sensitivity.STEADYING, *sensitivity.NOT_VARIED}
    assert not {*every, *sensitivity.STEADYING} & set(sensitivity.NOT_VARIED)
    assert ("entropy" in every) == diverged
    assert all(sensitivity.NOT_VARIED.values())
    assert {*sensitivity.INNOCENT} == {name for name in sensitivity.VARIED if FACTORS[name].innocent}
    assert {*sensitivity.VALUES, *sensitivity.STEADY_VALUES} <= {*every, *sensitivity.STEADYING}
