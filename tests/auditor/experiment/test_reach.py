"""Whether a program reaches a defect: by its guilty operator, measured at the program's own shapes."""

import made_observed as made

from auditor.catalogue import catalogue
from auditor.experiment import reach
from auditor.experiment.reach import Case, Guilty, Program

CHECKS = {one.id: one for one in catalogue.load().checks}
RACE = made.defect("torch-thread-race", differing={"index_put_ accumulate": {}})
DATA = {
    "torch-thread-race": {
        "index_put_ accumulate": Case(
            operators=["aten::index_put_ float32", "aten::zeros float32"],
            guilty=Guilty(operator="aten::index_put_", dtype="float32", elements=300_000, backward=False),
        ),
        "sum": Case(operators=["aten::sum float32"]),
    }
}
TORCH = frozenset(("torch",))


def of(finding, *signatures, unseen=(), measured=(), frameworks=TORCH, beyond=None):
    """The reach of a finding for a program with these signatures."""
    program = Program(signatures, frameworks, unseen, beyond or {})
    return reach.of(finding, CHECKS[finding.check], program, made.measurement(*measured), DATA)


def test_the_operator_that_was_measured_to_race_is_reached_where_it_is_called():
    """Operator, dtype, line, module, direction and count of the signature that races."""
    put = made.signature("aten::index_put_", made.tensor(100), calls=7, backward=True)
    found = of(RACE, put, made.signature(), measured=[made.measured(put, "races")])

    assert ("reached", "aten::index_put_", "float32", 41, 7, "head", True) == (
        found.state,
        found.operator,
        found.dtype,
        found.line,
        found.count,
        found.module,
        found.backward,
    )


def test_an_operator_that_repeats_at_the_programs_own_shapes_is_outside_the_condition():
    """Not reached, with the reason; where the program was not seen whole, that is unknown."""
    put = made.signature("aten::index_put_", made.tensor(2))
    whole = of(RACE, put, measured=[made.measured(put)])
    cut = of(RACE, put, measured=[made.measured(put)], unseen=["ended after the first 60 s"])

    assert ("not-reached", "unknown") == (whole.state, cut.state)
    assert "outside the condition" in whole.reason
    assert "ended after the first 60 s" in cut.reason


def test_an_operator_that_was_not_called_is_not_reached_only_if_the_program_was_seen_whole():
    """What was not seen is unknown, never not reached."""
    assert "not-reached" == of(RACE, made.signature()).state
    assert "unknown" == of(RACE, made.signature(), unseen=["interrupted after 3 s"]).state
    assert "unknown" == of(RACE, made.signature(), beyond={"aten::index_put_": 9}).state


def test_a_call_that_was_not_measured_is_unknown_however_like_the_failing_case_it_is():
    """The condition may be another argument: the driver of a solver."""
    put = made.signature("aten::index_put_", made.tensor(300_000))
    found = of(RACE, put)

    assert "unknown" == found.state
    assert "not measured at the program's own shapes and arguments" in found.reason


def test_a_case_without_a_culprit_is_never_called_reached():
    """Which of its operators is at fault was not measured: calling one of them says nothing."""
    finding = made.defect("torch-thread-race", differing={"sum": {}})

    assert "unknown" == of(finding, made.signature("aten::sum")).state
    assert "not-reached" == of(finding, made.signature("aten::mul.Tensor")).state


def test_findings_of_which_nothing_was_measured_are_unknown():
    """A case that the data does not hold, or a finding that names none."""
    assert "unknown" == of(made.defect("torch-thread-race", differing={"new": {}}), made.signature()).state
    assert "unknown" == of(made.defect("torch-thread-race"), made.signature()).state


def test_a_framework_that_computes_nothing_is_not_reached():
    """A program of torch alone does not reach a defect of TensorFlow."""
    finding = made.defect("tensorflow-uninitialised", differing={"segment_sum": {}})

    assert "not-reached" == of(finding, made.signature()).state
    assert "unknown" == of(finding, made.signature(), unseen=["a process could not be recorded"]).state


def test_a_compilers_defect_is_not_reached_where_nothing_was_compiled():
    """With a compiled part it is unknown: whether that part differs was not measured."""
    finding = made.defect("torch-compiled-eager", classes={"mlp": "beyond"})
    inside = made.signature("aten::mul.Tensor", interior=True)

    assert ("not-reached", "unknown") == (of(finding, made.signature()).state, of(finding, inside).state)


def test_the_shipped_data_names_the_operators_that_race():
    """The eight cases of the check of races, and the solver that reads stale pivots."""
    data = reach.shipped_data()
    guilty = {name: row.guilty.operator for name, row in data["torch-thread-race"].items() if row.guilty}

    assert "aten::index_put" == guilty["index backward"]
    assert {"aten::index_put", "aten::index_put_", "aten::index_copy_", "aten::put", "aten::put_"} == {*guilty.values()}
    assert {"lstsq": "aten::linalg_lstsq"} == {
        name: row.guilty.operator for name, row in data["torch-uninitialised"].items() if row.guilty
    }
