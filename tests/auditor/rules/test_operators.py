"""The rules for tables of operators, for what must differ, and for the stages of a compiled program."""

import pytest
from planted import played

from auditor import rules
from auditor.catalogue.catalogue import CheckInfo
from auditor.factors.factors import arms_across, pooled, started_with
from auditor.manifest.models import Reading


def check(**declared):
    declared = {"rule": "identical", "across": ("repeat",), "severity": "high", **declared}
    return CheckInfo(id="torch-planted", framework="torch", title="T.", why="W", remedy="R", tier="full", **declared)


def reading(values, process="torch-1", repeat=0, settings=None):
    return Reading(check="torch-planted", process=process, repeat=repeat, settings=settings or {}, values=values)


def tables(*each, inputs=None, **named):
    return [
        reading({"operators": table, "inputs": (inputs or [{}] * len(each))[number]}, repeat=number, **named)
        for number, table in enumerate(each)
    ]


def test_an_operator_that_differs_is_named_with_its_sample():
    """The entry, the position of the sample, and nothing else of the table."""
    verdict = rules.judge(
        check(), tables({"add float32": "aa.bb", "mul int64": "cc"}, {"add float32": "aa.bd", "mul int64": "cc"})
    )

    assert verdict.outcome == "fail"
    assert "add float32 gave 2 different results" in verdict.message
    assert "mul" not in verdict.message
    assert verdict.evidence["samples"] == {"add float32": ["sample 1"]}


def test_a_sample_is_told_with_its_shape_where_a_reading_has_it():
    """A rule asks again about the names; that reading tells shapes."""
    base = tables({"add float32": "aa.bb"}, {"add float32": "aa.bd"})
    shapes = {"shapes": {"add float32": ["5x5, 5x5", "0x5, 0x5"]}}
    told = reading({"operators": {"add float32": "aa.bb"}, "conditions": shapes}, "torch-2", settings={"threads": "1"})
    verdict = rules.judge(check(explains=("one-thread",)), [*base, told], [{}, {"threads": "1"}])

    assert verdict.evidence["samples"] == {"add float32": ["sample 1: 0x5, 0x5"]}


def test_outputs_of_other_inputs_are_not_compared_and_that_is_said():
    """An output that differs after its input is no deviation of the operator."""
    verdict = rules.judge(
        check(),
        tables(
            {"add float32": "aa", "mul int64": "cc"},
            {"add float32": "bb", "mul int64": "cc"},
            inputs=[{"add float32": "1", "mul int64": "3"}, {"add float32": "2", "mul int64": "3"}],
        ),
    )

    assert verdict.outcome == "pass"
    assert "not compared, because their inputs differed: add float32" in verdict.message
    assert verdict.evidence["not_compared"] == ["add float32"]


def test_documented_and_undocumented_operators_are_told_apart():
    """One undocumented operator keeps the severity, and each is listed on its side."""
    declared = check(documented={"index_put": "https://example.org"})
    verdict = rules.judge(
        declared, tables({"index_put float32": "a", "add int8": "b"}, {"index_put float32": "c", "add int8": "d"})
    )

    assert verdict.known == "undocumented"
    assert verdict.evidence["documented"] == {"index_put float32": "https://example.org"}
    assert verdict.evidence["undocumented"] == ["add int8"]


def test_bits_that_move_with_the_thread_count_do_not_make_a_documented_race_undocumented():
    """Nobody promises equal bits for another thread count: it is recorded beside the race."""
    declared = check(across=("repeat", "threads"), documented={"index_put": "https://example.org"})
    base = tables({"index_put float32": "a", "sum float32": "s"}, {"index_put float32": "b", "sum float32": "s"})
    one = tables({"index_put float32": "a", "sum float32": "t"}, settings={"threads": "1"})
    verdict = rules.judge(declared, [*base, *one], [{}, {"threads": "1"}])

    assert verdict.known == "documented"
    assert "sum float32 changes with the number of threads (recorded" in verdict.message


def test_what_must_differ_and_does_not_fails():
    """Two workers that draw the same numbers."""
    declared = check(rule="different")
    alike = [reading({"workers": ["a", "b", "a"], "order": "x"}, repeat=number) for number in range(2)]

    assert rules.judge(declared, alike).outcome == "fail"
    assert "workers: the same bits, but they must differ" in rules.judge(declared, alike).message


def test_what_must_differ_must_also_repeat():
    """Other numbers each run are no better than the same numbers everywhere."""
    declared = check(rule="different")
    steady = [reading({"workers": ["a", "b"]}, repeat=number) for number in range(2)]
    moving = [reading({"workers": [f"a{number}", "b"]}, repeat=number) for number in range(2)]

    assert [rules.judge(declared, each).outcome for each in (steady, moving)] == ["pass", "fail"]
    assert rules.judge(declared, [reading({"order": "x"})]).outcome == "error"


def stages(traced="t", optimised="o", result="r", **named):
    told = [["traced", traced], ["optimised", optimised], ["result", result]]
    return reading({"mlp": {"stages": told}}, **named)


@pytest.mark.parametrize(
    ("other", "outcome", "said"),
    [
        ({}, "pass", "the compiled result has the same bits"),
        ({"optimised": "x"}, "pass", "recorded: an earlier stage of mlp differs"),
        ({"optimised": "x", "result": "y"}, "fail", "first differing stage: optimised"),
        ({"result": "y"}, "fail", "first differing stage: result"),
        ({"traced": "x", "optimised": "x", "result": "y"}, "fail", "first differing stage: traced"),
    ],
)
def test_the_first_stage_that_parted_is_named(other, outcome, said):
    """Only another result is a fault; an earlier stage alone is recorded."""
    declared = check(rule="staged", across=("process",))
    verdict = rules.judge(declared, [stages(), stages(process="torch-2", **other)])

    assert verdict.outcome == outcome
    assert said in verdict.message


def test_a_stage_that_parts_with_a_cold_cache_names_the_cache():
    """The own cache is what all processes share; the arm is what was varied."""
    declared = check(rule="staged", across=("process", "compile-cache"), under={"compile-cache": "own"})
    base = [stages(process=name, settings={"compile-cache": "own"}) for name in ("torch-1", "torch-2")]
    cold = stages(process="torch-3", settings={"compile-cache": "cold"}, optimised="x", result="y")

    assert rules.judge(declared, base).outcome == "inconclusive"
    assert (
        rules.judge(declared, [*base, stages(process="torch-3", settings={"compile-cache": "cold"})]).outcome == "pass"
    )
    verdict = rules.judge(declared, [*base, cold])
    assert verdict.outcome == "fail"
    assert "where compiled code is kept" in verdict.message


def test_steady_settings_are_in_every_process_and_varied_by_none():
    """A fixed hash seed stays in the perturbed arm and in the fills, and the readings are judged as untouched."""
    declared = check(across=("process", "memory-fill"), under={"hash-seed": "0"})

    assert arms_across("perturbed", declared.fixed) == [{"memory-fill": "85", "tmp": "other"}]
    fill = {"tmp": "other", "memory-fill": "170", "hash-seed": "0"}
    assert started_with(fill, declared.fixed) == {"tmp": "other", "memory-fill": "85", "hash-seed": "0"}
    assert "hash-seed" in pooled()
    base = [reading({"a": "1"}, process=name, settings={"hash-seed": "0"}) for name in ("p", "q")]
    fills = [
        reading(
            {"a": "1" if fill == "85" else "2"},
            process="r",
            settings={"hash-seed": "0", "tmp": "other", "memory-fill": fill},
        )
        for fill in ("85", "170", "255")
    ]
    verdict = played(declared, [*base, *fills], lambda told: {"a": "1" if told["memory-fill"] == "85" else "2"})
    assert verdict.outcome == "fail"
    assert verdict.evidence["factors"] == {"memory-fill": ["a"]}


def test_each_value_of_a_factor_is_compared_though_a_cure_has_its_name():
    """`hash-seed` names a factor with three values and a cure with one: two seeds that differ are a fault."""
    declared = check(across=("hash-seed",))
    seeds = [
        reading({"a": each}, process=each, settings={"hash-seed": seed})
        for seed, each in zip("012", "abc", strict=True)
    ]
    verdict = played(declared, [reading({"a": "a"}), *seeds], lambda told: {"a": "abc"[int(told["hash-seed"])]})

    assert verdict.outcome == "fail"
    assert verdict.evidence["factors"] == {"hash-seed": ["a"]}
