"""A region that is evaluated operation by operation: which operation is named, and what is told where none is."""

from __future__ import annotations

import pytest
from made_runs import Experiment, Made, outside, series
from streams import writer

from auditor.replay.cause import inside_region
from auditor.replay.cause.inside_region import EvaluatedOperation, RegionEvaluation, call_of, evaluate, with_evaluation
from auditor.replay.model import Divergence
from auditor.replay.provenance.origin_model import Origin
from auditor.replay.trace.archive import TaskKey, open_trace
from auditor.replay.trace.format import REGION, SourceLine

HERE = SourceLine("train.py", 5)


def region(name, digest=7):
    """A call of a compiled region."""
    return lambda written: written.op(name, digest, 5, kind=writer.REGION)


BASE = Made(0, (region("other"), region("compiled"), ("aten::add", 1, 4), region("compiled"), region("compiled")))


def base_of(tmp_path):
    """The baseline run, and the indices of its records of regions."""
    (run,) = series(tmp_path, BASE)
    with open_trace(run.folder) as trace:
        stream = trace.streams[TaskKey("main", 0)]
        return run, [record.at for record in stream.records() if record.kind == REGION]


def origin_of(at, *, name="compiled", evidence="same-inputs-other-outputs", key=("main", 0)):
    """An origin at this record."""
    return Origin(TaskKey(*key), at, evidence, name, HERE)


# ---------------------------------------------------------------------------------------------------------- which call


@pytest.mark.parametrize(("place", "count"), [(1, 0), (2, 1), (3, 2)])
def test_a_call_is_counted_among_those_of_its_name(tmp_path, place, count):
    """Another region and an operation do not count."""
    base, places = base_of(tmp_path)

    assert {"lineage": "main", "ordinal": 0, "name": "compiled", "count": count} == call_of(
        base, origin_of(places[place])
    )


def test_an_origin_that_is_no_region_is_no_call(tmp_path):
    """Nor one of a task that was not recorded, nor one outside the stream."""
    base, places = base_of(tmp_path)
    with open_trace(base.folder) as trace:
        stream = trace.streams[TaskKey("main", 0)]
        blocks = stream.blocks
        operation = next(one.at for one in stream.records() if stream.name_of(one) == "aten::add")

    assert call_of(base, origin_of(places[1])) is not None
    for at, key in ((operation, ("main", 0)), (places[1], ("main", 1)), (-1, ("main", 0)), (blocks, ("main", 0))):
        assert call_of(base, origin_of(at, key=key)) is None


@pytest.mark.parametrize("evidence", ["outside", "draw-unseeded", "first-to-differ", "reads-unwritten"])
def test_a_region_that_received_the_difference_is_not_evaluated(tmp_path, evidence):
    """Only one whose inputs were equal."""
    base, places = base_of(tmp_path)
    experiment = Experiment(tmp_path, lambda *_: Made())

    assert call_of(base, origin_of(places[1], evidence=evidence)) is None
    assert evaluate(experiment, base, origin_of(places[1], evidence=evidence)) is None
    assert [] == experiment.asked


# --------------------------------------------------------------------------------------------------- the evaluations


def step(name, digest, line=8, *, inputs=(1,), meta="f32[2]@cpu"):
    """An operation of an evaluation."""

    def write(written):
        written.op(f"zoom:{name}", digest, line, meta=meta)
        for number in inputs:
            written.input(number)

    return write


def passes(*evaluations):
    """A run that holds these evaluations, with operations of the program around each."""
    steps = [("aten::before", 3, 1)]
    for number, evaluation in enumerate(evaluations):
        steps += [step(f"pass-{number}", 0, inputs=()), *evaluation, ("aten::after", 4 + number, 9)]
    return Made(0, tuple(steps), detail=True)


def evaluated(tmp_path, *runs):
    """What these runs show, the last one again and again; and the experiment."""
    base, places = base_of(tmp_path / "base")
    experiment = Experiment(tmp_path, lambda _, number: runs[min(number, len(runs) - 1)])
    return evaluate(experiment, base, origin_of(places[1])), experiment


FIRST, LAST = step("aten::mul", 10), step("aten::add", 30, 9)


def test_the_first_operation_with_equal_inputs_and_other_outputs_is_named(tmp_path):
    """Two evaluations of one run are enough; the steps before are equal, and a later one received it."""
    found, experiment = evaluated(
        tmp_path,
        passes(
            [FIRST, step("aten::sum", 20, 6, inputs=(10, 2)), LAST],
            [FIRST, step("aten::sum", 21, 6, inputs=(10, 2)), step("aten::add", 31, 9)],
        ),
    )

    assert ("aten::sum", 6, "f32[2]@cpu", 20, (10, 2)) == (
        found.step.name,
        found.step.source.line,
        found.step.meta,
        found.step.digest,
        found.step.inputs,
    )
    assert "inside compiled, evaluated operation by operation on the same inputs" == found.text
    assert 1 == len(experiment.asked)


def test_each_run_evaluates_that_call(tmp_path):
    """And says which run it is."""
    _, experiment = evaluated(tmp_path, passes([FIRST], [FIRST]))

    assert all(
        call == {"lineage": "main", "ordinal": 0, "name": "compiled", "count": 0} for call in experiment.settings
    )
    most = inside_region.MOST_RUNS
    assert [
        f"with compiled evaluated operation by operation, {number} of at most {most}" for number in range(1, most + 1)
    ] == experiment.purposes


def test_evaluations_of_several_runs_are_compared(tmp_path):
    """Each run holds one."""
    found, experiment = evaluated(tmp_path, passes([FIRST, LAST]), passes([FIRST, step("aten::add", 31, 9)]))

    assert ("aten::add", 2) == (found.step.name, len(experiment.asked))


def test_the_place_of_a_record_is_no_difference(tmp_path):
    """It is another one in each evaluation."""
    found, experiment = evaluated(tmp_path, passes([FIRST, LAST], [FIRST, LAST]))
    count = 2 * inside_region.MOST_RUNS

    assert (None, inside_region.MOST_RUNS) == (found.step, len(experiment.asked))
    assert found.text == (
        f"{count} evaluations of compiled operation by operation on its inputs agree: the compiled code itself differs"
    )


@pytest.mark.parametrize(
    "other", [step("aten::sum", 11, inputs=(2,)), step("aten::div", 11)], ids=["other inputs", "another operation"]
)
def test_an_operation_that_received_the_difference_is_not_named(tmp_path, other):
    """And nothing after it is."""
    found, _ = evaluated(tmp_path, passes([step("aten::sum", 10), LAST], [other, step("aten::add", 31, 9)]))

    assert found.step is None
    assert "the compiled code itself differs" in found.text


@pytest.mark.parametrize("turned", [False, True])
def test_the_earliest_operation_of_any_two_evaluations_is_named(tmp_path, turned):
    """The first two differ at their last step, the third one at its first."""
    evaluations = [[FIRST, LAST], [FIRST, step("aten::add", 31, 9)], [step("aten::mul", 12), LAST]]
    found, _ = evaluated(tmp_path, passes(*(reversed(evaluations) if turned else evaluations)))

    assert "aten::mul" == found.step.name


def test_a_run_without_an_evaluation_is_told(tmp_path):
    """It is not tried again; operations outside of an evaluation are none."""
    found, experiment = evaluated(tmp_path, Made(0, (("aten::mul", 1, 1), step("aten::stray", 2)), detail=True))

    assert (None, "compiled could not be evaluated operation by operation") == (found.step, found.text)
    assert 1 == len(experiment.asked)


def test_what_came_in_between_is_no_input(tmp_path):
    """A value from outside stands behind the operation, and differs."""
    found, _ = evaluated(
        tmp_path, passes(*([step("aten::sum", 10 + n), outside("os.urandom", 20 + n, 9)] for n in (0, 1)))
    )

    assert ("aten::sum", (1,)) == (found.step.name, found.step.inputs)


def test_an_evaluation_that_was_stopped_keeps_its_mark(tmp_path):
    """Where one evaluation stopped and another went on, no operation is named."""
    found, _ = evaluated(tmp_path, passes([FIRST, step("stopped", 0, inputs=())], [FIRST, LAST]))

    assert found.step is None


def test_operations_of_the_program_are_no_part_of_an_evaluation(tmp_path):
    """They differ between the runs, with the same inputs."""
    found, _ = evaluated(tmp_path, passes([FIRST], [FIRST]))

    assert found.step is None


def test_the_place_of_the_operation_is_that_of_its_record(tmp_path):
    """By it the recorder finds it again."""
    made = passes([FIRST, LAST], [FIRST, step("aten::add", 31, 9)])
    found, _ = evaluated(tmp_path, made)
    (run,) = series(tmp_path / "again", made)
    with open_trace(run.folder) as trace:
        stream = trace.streams[TaskKey("main", 0)]
        record = stream.record(found.step.at)
        assert ("zoom:aten::add", 30) == (stream.name_of(record), record.digest)


# ------------------------------------------------------------------------------------------------------- what is told

DIVERGENCE = Divergence(framework="torch", op="compiled", index=3, inputs_equal=True, evidence="outside", meta="old")


def test_the_operation_replaces_the_region():
    """With its line and each of its outputs."""
    operation = EvaluatedOperation("aten::sum", SourceLine("model.py", 4), "f32[2]@cpu;;i64[]@cpu", 1, ())
    found = with_evaluation(DIVERGENCE, RegionEvaluation(operation, "inside it"))

    assert ("aten::sum", operation.meta, "inside it") == (found.op, found.meta, found.zoom)
    assert (["f32[2]@cpu", "i64[]@cpu"], ("model.py", 4)) == (found.outputs, (found.source.file, found.source.line))


def test_an_operation_without_a_line_keeps_the_regions():
    """Better than none."""
    operation = EvaluatedOperation("aten::sum", SourceLine("?", 0), "", 1, ())

    assert DIVERGENCE.source == with_evaluation(DIVERGENCE, RegionEvaluation(operation, "")).source


def test_without_an_operation_only_the_outcome_is_told():
    """And nothing without an evaluation."""
    found = with_evaluation(DIVERGENCE, RegionEvaluation(None, "all agree"))

    assert DIVERGENCE.model_copy(update={"zoom": "all agree"}) == found
    assert DIVERGENCE == with_evaluation(DIVERGENCE, None)
