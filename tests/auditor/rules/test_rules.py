"""Rules are pure functions: planted readings in, the right verdict or ask out."""

import math

import pytest
from planted import played

from auditor import rules
from auditor.catalogue.catalogue import CheckInfo
from auditor.confidence import clean_runs_needed, rate_bound_95
from auditor.factors.factors import CURE_SETTINGS, pooled
from auditor.manifest.agreement import agreement_class
from auditor.manifest.models import Reading

FILLS = ("85", "170", "255")


def check(**declared):
    declared = {"rule": "identical", "across": ("repeat",), "severity": "high", **declared}
    return CheckInfo(id="torch-planted", framework="torch", title="T.", why="W", remedy="R", tier="quick", **declared)


def reading(values, process="torch-1", repeat=0, **settings):
    named = {name.replace("_", "-"): value for name, value in settings.items()}
    return Reading(check="torch-planted", process=process, repeat=repeat, settings=named, values=values)


def repeats(*values, process="torch-1", **settings):
    return [reading({"op": value}, process, number, **settings) for number, value in enumerate(values)]


def test_equal_bits_pass_and_say_how_sure():
    """Twenty equal calls pass, with the 95 % bound on the rate of a hidden fault."""
    verdict = rules.judge(check(), repeats(*["a"] * 20))

    assert verdict.outcome == "pass"
    assert "15 %" in verdict.message or "14 %" in verdict.message
    assert math.isclose(float.fromhex(verdict.evidence["rate_bound_95"]), 0.1459, abs_tol=0.001)


def test_one_reading_proves_nothing():
    """A single call is inconclusive, never a pass."""
    assert rules.judge(check(), repeats("a")).outcome == "inconclusive"


def test_no_reading_of_an_untouched_process_is_inconclusive():
    """Readings made only under changed settings cannot be judged."""
    assert rules.judge(check(), repeats("a", "a", memory_fill="85")).outcome == "inconclusive"


def test_other_bits_in_one_process_fail_undocumented():
    """A deviation that nobody documents keeps its check's severity."""
    verdict = rules.judge(check(), repeats("a", "b", "a"))

    assert (verdict.outcome, verdict.known, verdict.severity) == ("fail", "undocumented", None)
    assert "op gave 2 different results in 3 calls" in verdict.message


def test_a_documented_race_asks_for_its_cure_then_is_low():
    """The cure is measured, not believed: only then documented-and-cured and low."""
    declared = check(cure="framework-switch", documented={"op": "https://example.org"}, repeats=20)
    base = repeats(*range(20))
    ask = rules.judge(declared, base)

    assert isinstance(ask, rules.Ask)
    assert [dict(arm.settings) for arm in ask.arms] == [CURE_SETTINGS["framework-switch"]]
    assert [arm.names for arm in ask.arms] == [("op",)]

    cured = repeats(*["same"] * 20, process="torch-2", framework_switch="on")
    verdict = rules.judge(declared, base + cured, [{}, CURE_SETTINGS["framework-switch"]])

    assert (verdict.outcome, verdict.known, verdict.severity) == ("fail", "documented-and-cured", "low")


def test_a_cure_that_does_not_cure_is_not_credited():
    """Under the switch the bits still differ: documented, at full severity."""
    declared = check(cure="framework-switch", documented={"op": "https://example.org"})
    asked = [{}, CURE_SETTINGS["framework-switch"]]
    verdict = rules.judge(declared, repeats(*"abcd") + repeats("x", "y", process="p", framework_switch="on"), asked)

    assert (verdict.known, verdict.severity) == ("documented", None)
    assert verdict.evidence["under"] == {"framework-switch": "differs"}


def test_a_rare_fault_is_not_cured_by_luck():
    """One deviation in twenty needs 59 clean runs; three clean ones prove nothing."""
    declared = check(cure="framework-switch", documented={"op": "https://example.org"}, repeats=20)
    base = repeats(*["a"] * 19, "b")
    asked = [{}, CURE_SETTINGS["framework-switch"]]
    verdict = rules.judge(declared, base + repeats(*"aaa", process="p", framework_switch="on"), asked)

    assert verdict.evidence["under"] == {"framework-switch": "not proven"}
    assert verdict.known == "documented"


def test_a_cure_that_crashed_is_not_asked_for_again():
    """No rule asks twice for the same settings; a missing answer is no cure."""
    declared = check(cure="framework-switch", documented={"op": "x"})
    verdict = rules.judge(declared, repeats(*"ab"), [{}, CURE_SETTINGS["framework-switch"]])

    assert verdict.evidence["under"] == {"framework-switch": "not measured"}
    assert verdict.known == "documented"


def test_a_difference_between_processes_is_told_apart():
    """Stable within each process, other bits in the next."""
    verdict = rules.judge(check(across=("repeat", "process")), repeats("a", "a") + repeats("b", "b", process="torch-2"))

    assert verdict.outcome == "fail"
    assert verdict.evidence["where"] == "between processes"


def test_one_process_is_no_comparison_between_processes():
    """When the second process did not answer, agreement is inconclusive."""
    verdict = rules.judge(check(across=("repeat", "process")), repeats("a", "a"))

    assert verdict.outcome == "inconclusive"


def underscored(settings):
    """Settings as keyword names."""
    return {name.replace("-", "_"): value for name, value in settings.items()}


def fills(*values, canary="{}"):
    """Readings under the three fills, with canaries that show (or do not show) each."""
    made = []
    for fill, value in zip(FILLS, values, strict=True):
        shown = f"{255 - int(fill):02x}" if canary == "{}" else canary
        settings = underscored({**pooled(), "memory-fill": fill})
        made.append(reading({"op": value, "conditions": {"canary": {"small": shown}}}, f"p{fill}", **settings))
    return made


def test_a_fill_that_moves_the_bits_fails():
    """Memory that was never written shows under one fill: the factor and the operator are named."""
    verdict = played(
        check(across=("repeat", "memory-fill"), severity="critical"),
        repeats("a", "a") + fills("a", "a", "x"),
        lambda settings: "x" if settings["memory-fill"] == "255" else "a",
    )

    assert (verdict.outcome, verdict.severity) == ("fail", None)
    assert verdict.evidence["factors"] == {"memory-fill": ["op"]}
    assert "op changes with the contents of fresh memory (in 7 of 7 fresh processes" in verdict.message


def test_fills_with_canaries_pass():
    """Three fills that were shown to reach the process, and equal bits."""
    assert rules.judge(check(across=("repeat", "memory-fill")), repeats("a", "a") + fills(*"aaa")).outcome == "pass"


def test_an_obstacle_that_a_reading_names_is_inconclusive_with_its_reason():
    """A value that could not be measured: agreement of the others is no pass, a difference of one of them counts."""
    told = {"conditions": {"obstacle": "x.lock cannot be read: it is no TOML"}}
    held = reading({"a": {"expected": 1, "observed": 1}, **told})
    differs = reading({"a": {"expected": 1, "observed": 2}, **told})
    verdict = rules.judge(check(rule="expected", across=()), [held])

    assert ("inconclusive", "x.lock cannot be read: it is no TOML") == (verdict.outcome, verdict.message)
    assert "fail" == rules.judge(check(rule="expected", across=()), [differs]).outcome


@pytest.mark.parametrize("canary", ["00", "mixed", None])
def test_a_blind_fill_is_inconclusive(canary):
    """Where the canary does not show the fill, clean readings prove nothing."""
    verdict = rules.judge(check(across=("repeat", "memory-fill")), repeats("a", "a") + fills(*"aaa", canary=canary))

    assert verdict.outcome == "inconclusive"


def test_a_missing_arm_is_inconclusive():
    """Two of three fills answered: not a pass."""
    verdict = rules.judge(check(across=("repeat", "memory-fill")), repeats("a", "a") + fills(*"aaa")[:2])

    assert verdict.outcome == "inconclusive"
    assert "255" in verdict.message


def test_the_pooled_arm_is_bisected_and_given_to_its_contract():
    """One process with three innocent changes differs: each is tried alone, and the guilty one's contract gets it."""
    declared = check(across=("repeat", "perturbed"))
    readings = [*repeats("a", "a"), reading({"op": "x"}, "p", **underscored(pooled()))]
    ask = rules.judge(declared, readings)

    assert {tuple(arm.settings) for arm in ask.arms} == {("hash-seed",), ("memory-fill",), ("tmp",)}
    verdict = played(declared, readings, lambda settings: "x" if settings.get("hash-seed") == "1" else "a")

    assert (verdict.outcome, verdict.contract) == ("fail", "hash-seed")
    assert "the string hash seed" in verdict.message


def test_thread_count_is_recorded_not_failed():
    """Numbers may move with the thread count: a pass that says so."""
    verdict = rules.judge(check(across=("threads",)), repeats("a") + repeats("b", process="p", threads="1"))

    assert verdict.outcome == "pass"
    assert "recorded" in verdict.message


def test_a_race_check_needs_two_threads():
    """With one thread a clean run proves nothing; a deviation would still count."""
    declared = check(requires={"threads": 2})
    one = [reading({"op": "a", "conditions": {"threads": 1}}, repeat=number) for number in range(3)]

    assert rules.judge(declared, one).outcome == "inconclusive"


def test_expected_names_what_does_not_hold():
    """The broken value is told with both sides; the others are counted as held."""
    values = {"fill": {"expected": "nan", "observed": "0"}, "raise": {"expected": "yes", "observed": "yes"}}
    verdict = rules.judge(check(rule="expected", across=()), [reading(values)])

    assert verdict.outcome == "fail"
    assert "fill: expected nan, observed 0" in verdict.message
    assert verdict.evidence["held"] == ["raise"]


def test_expected_with_nothing_to_compare_is_inconclusive():
    """An empty reading is no pass."""
    assert rules.judge(check(rule="expected", across=()), [reading({})]).outcome == "inconclusive"


def test_expected_refuses_a_reading_of_the_wrong_shape():
    """A value without both sides is a defect of the check, not a pass."""
    assert rules.judge(check(rule="expected", across=()), [reading({"fill": "nan"})]).outcome == "error"


def agreement(eager_error=1e-7, compiled_error=1e-7, **changed):
    made = {
        "bits_equal": False,
        "same_shape_and_dtype": True,
        "not_finite": 0,
        "eager_error": float(eager_error).hex(),
        "compiled_error": float(compiled_error).hex(),
        "scale": (1.0).hex(),
        "eps": (2.0**-23).hex(),
        "reduction": 64,
        "max_ulp": 10**9,
        "eager": "e",
        "compiled": "c",
    }
    return made | changed


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (agreement(bits_equal=True), "same"),
        (agreement(), "rounding"),
        (agreement(compiled_error=7e-6), "rounding"),
        (agreement(compiled_error=8e-6), "beyond"),
        (agreement(eager_error=1e-5, compiled_error=3.9e-5), "rounding"),
        (agreement(eager_error=1e-5, compiled_error=4.1e-5), "beyond"),
        (agreement(not_finite=1), "beyond"),
        (agreement(same_shape_and_dtype=False), "beyond"),
        (agreement(compiled_error=math.nan), "beyond"),
        ("no reading", "beyond"),
    ],
)
def test_agreement_is_judged_by_error_at_scale_not_by_ulp(value, expected):
    """10^9 ULP are rounding when the error is; a NaN, another shape, or an error of 4 times eager's is not."""
    assert agreement_class(value) == expected


def test_beyond_rounding_asks_until_its_class_is_known():
    """A compiled result that moves with the memory fill is uninitialised; one that does not is wrong."""
    declared = check(rule="within", across=(), explains=("memory-fill",), severity="critical")
    base = [reading({"loss": agreement(compiled_error=1.0)})]
    ask = rules.judge(declared, base)

    assert [dict(arm.settings) for arm in ask.arms] == [{"memory-fill": value} for value in FILLS]

    asked = [dict(arm.settings) for arm in ask.arms]
    same = [reading({"loss": agreement(compiled_error=1.0)}, f"p{fill}", memory_fill=fill) for fill in FILLS]
    other = [
        reading({"loss": agreement(compiled_error=1.0, compiled="z")}, f"p{fill}", memory_fill=fill) for fill in FILLS
    ]

    moved = [*other[:2], reading({"loss": agreement(compiled_error=1.0, compiled="y")}, "p255", memory_fill="255")]

    def follows(settings):
        return {"loss": agreement(compiled_error=1.0, compiled="y" if settings["memory-fill"] == "255" else "z")}

    assert rules.judge(declared, base + same, asked).evidence["class"] == "wrong"
    assert played(declared, base + moved, follows, asked).evidence["class"] == "uninitialised"
    cleared = played(declared, base + moved, lambda _: {"loss": agreement(compiled_error=1.0, compiled="z")}, asked)
    assert cleared.evidence["class"] == "random"
    assert "Whether fresh memory decides it is not shown" in cleared.message
    varying = [*same, reading({"loss": agreement(compiled_error=1.0, compiled="y")}, "p255", 1, memory_fill="255")]
    told = played(declared, base + varying, lambda _: {"loss": agreement(compiled_error=1.0)}, asked)
    assert "random" == told.evidence["class"]
    assert "Ruled out" not in told.message


def test_a_compiled_result_that_changes_by_itself_is_random():
    """Two processes with the same seed and two compiled digests."""
    declared = check(rule="within", across=("process",))
    readings = [
        reading({"loss": agreement(compiled_error=1.0)}),
        reading({"loss": agreement(compiled_error=1.0, compiled="z")}, "torch-2"),
    ]

    assert rules.judge(declared, readings).evidence["class"] == "random"


@pytest.mark.parametrize(("runs", "bound"), [(1, None), (2, 0.95), (3, 0.78), (20, 0.15), (150, 0.02)])
def test_the_bound_counts_trials_not_pairs(runs, bound):
    """R agreeing runs are R-1 trials (docs/explanation/measuring.md, How sure)."""
    assert rate_bound_95(runs) == (None if bound is None else pytest.approx(bound, abs=0.005))


def test_clean_runs_needed_grow_as_the_fault_gets_rarer():
    """(1-p)^n must be at most 0.05."""
    assert [clean_runs_needed(rate) for rate in (1.0, 0.95, 0.5, 0.1)] == [1, 1, 5, 29]


def test_the_pooled_fill_alone_is_asked_apart_before_memory_is_blamed():
    """Only the perturbed process differs: it may be its hash seed; each change alone decides."""
    declared = check(across=("repeat", "memory-fill"))
    readings = repeats("a", "a") + fills("x", "x", "x")
    ask = rules.judge(declared, readings)

    assert {tuple(arm.settings) for arm in ask.arms} == {("hash-seed",), ("memory-fill",), ("tmp",)}

    verdict = played(declared, readings, lambda settings: "x" if "memory-fill" in settings else "a")

    assert verdict.outcome == "fail"
    assert verdict.evidence["factors"] == {"memory-fill": ["op"]}


def test_a_flickering_name_does_not_hide_one_that_only_a_fill_moves():
    """A documented race beside memory that was never written: both are named, and it is not low."""
    declared = check(across=("repeat", "memory-fill"), cure="framework-switch", documented={"race": "x"}, repeats=20)

    def both(race, memory, process="torch-1", repeat=0, **settings):
        return reading({"race": race, "memory": memory}, process, repeat, **settings)

    base = [both(number, "a", repeat=number) for number in range(20)]
    filled = [both(0, fill, f"p{fill}", **underscored({**pooled(), "memory-fill": fill})) for fill in FILLS]
    cured = [both("c", "a", "q", number, framework_switch="on") for number in range(20)]
    verdict = played(
        declared,
        base + filled + cured,
        lambda settings: {"race": 0, "memory": settings.get("memory-fill", "a")},
        [{}, CURE_SETTINGS["framework-switch"]],
    )

    assert (verdict.known, verdict.severity) == ("undocumented", None)
    assert verdict.evidence["factors"]["memory-fill"] == ["memory"]
    assert "memory changes with the contents of fresh memory" in verdict.message


def test_cases_that_a_release_lacks_are_named_and_the_rest_is_judged():
    """The message and the evidence name each case with what is missing; the outcome is that of the measured cases."""
    lacking = {"attention": "jax.nn.dot_product_attention"}
    values = {"op": "a", "conditions": {"not in this release": lacking}}

    verdict = rules.judge(check(), [reading(values, repeat=number) for number in range(20)])

    assert ("pass", ["attention (jax.nn.dot_product_attention)"]) == (
        verdict.outcome,
        verdict.evidence["not_in_this_release"],
    )
    assert "this installation lacks them: attention (jax.nn.dot_product_attention)" in verdict.message


def test_a_release_that_lacks_every_case_is_no_pass():
    """Readings without a value agree about nothing."""
    values = {"conditions": {"not in this release": {"attention": "jax.nn.dot_product_attention"}}}

    verdict = rules.judge(check(), [reading(values, repeat=number) for number in range(20)])

    assert verdict.outcome == "not-applicable"
    assert "attention" in verdict.message


@pytest.mark.parametrize(
    ("of", "told"), [(1322, "440 of 1322 cases were measured (--all measures the rest)"), (440, "")]
)
def test_a_part_of_the_cases_is_told_with_all_of_them(of, told):
    """A pass of a part never reads like one of everything."""
    agreed = [reading({"op": "a", "conditions": {"cells": 440, "of": of}}) for _ in range(2)]
    verdict = rules.judge(check(), agreed)

    assert "pass" == verdict.outcome
    assert (told in verdict.message) if told else "cases" not in verdict.message


def test_a_failure_found_in_a_part_of_the_cases_tells_the_part():
    """What else fails may lie in the rest."""
    part = {"conditions": {"cells": 440, "of": 1322}}
    verdict = rules.judge(check(), [reading({"op": digest, **part}) for digest in "ab"])

    assert "fail" == verdict.outcome
    assert "440 of 1322 cases were measured (--all measures the rest)" in verdict.message
