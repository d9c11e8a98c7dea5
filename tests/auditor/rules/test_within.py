"""The rule `within`: how a difference beyond rounding is explained, and what is told of errors."""

import math

import pytest
from planted import agreement, check, processes

from auditor import rules
from auditor.factors.factors import CURE_SETTINGS

BEYOND = agreement(compiled_error=1.0)


def explained(name, **under):
    """The evidence of a tensor beyond rounding where this cure gave the other value."""
    declared = check(rule="within", across=(), explains=(name,))
    settings = {key.replace("-", "_"): value for key, value in CURE_SETTINGS[name].items()}
    cured = processes({"loss": agreement(**under)}, **settings)
    return rules.judge(declared, [*processes({"loss": BEYOND}), *cured], [CURE_SETTINGS[name]])


@pytest.mark.parametrize(
    ("name", "kind"), [("fallback-random", "random"), ("one-thread", "wrong"), ("framework-switch", "wrong")]
)
def test_what_makes_a_difference_vanish_says_its_class(name, kind):
    """Drawing as eager code does cures what draws; anything else cures what was wrong."""
    verdict = explained(name)

    assert (kind, {name: "identical"}) == (verdict.evidence["class"], verdict.evidence["under"])
    assert f"The difference disappears under {name}." in verdict.message


def test_what_explains_a_difference_is_asked_for_the_values_beyond_rounding_alone():
    """Each arm names them, so that a check of many parts need not measure the others."""
    declared = check(rule="within", across=(), explains=("one-thread", "memory-fill"))
    ask = rules.judge(declared, processes({"loss": BEYOND, "logits": agreement()}))

    assert {("loss",)} == {arm.names for arm in ask.arms}
    assert 4 == len(ask.arms)


def test_no_process_is_started_for_what_nothing_tried_can_change():
    """An integer program has no kernel of oneDNN: its difference is wrong at once, and says why nothing was tried."""
    declared = check(rule="within", across=(), explains=("onednn-off",), unexplained={"*:whole": "no kernel for it"})
    found = rules.judge(declared, processes({"xla:whole": BEYOND, "xla:loss": agreement()}))
    ask = rules.judge(declared, processes({"xla:whole": BEYOND, "xla:loss": BEYOND}))

    assert ("fail", "wrong") == (found.outcome, found.evidence["class"])
    assert "Not tried: onednn-off (no kernel for it)." in found.message
    assert [("xla:loss",)] == [arm.names for arm in ask.arms]


def test_what_a_cure_leaves_is_wrong_and_says_what_was_ruled_out():
    """Still beyond rounding under the cure."""
    verdict = explained("fallback-random", compiled_error=1.0)

    assert ("wrong", {"fallback-random": "differs"}) == (verdict.evidence["class"], verdict.evidence["under"])
    assert "Ruled out as explanations: fallback-random." in verdict.message


def test_one_process_beyond_rounding_under_a_cure_is_enough_against_it():
    """Of two processes one still differs."""
    declared = check(rule="within", across=(), explains=("one-thread",))
    under = processes({"loss": agreement()}, {"loss": BEYOND}, threads="1")
    verdict = rules.judge(declared, [*processes({"loss": BEYOND}), *under], [CURE_SETTINGS["one-thread"]])

    assert {"one-thread": "differs"} == verdict.evidence["under"]


def test_the_worst_class_of_any_reading_counts():
    """Equal bits in one process, beyond rounding in the other, in either order."""
    equal = agreement(bits_equal=True)
    for values in ((equal, BEYOND), (BEYOND, equal), (agreement(), BEYOND), (BEYOND, agreement())):
        verdict = rules.judge(check(rule="within", across=("process",)), processes(*[{"loss": one} for one in values]))

        assert "fail" == verdict.outcome


def test_a_pass_tells_the_largest_error_at_its_tensors_scale():
    """An error of 2e-6 at a scale of 4 is 5e-7 of it, and larger than 1e-7 of 1."""
    values = {"small": agreement(), "large": agreement(2e-6, scale=(4.0).hex()), "equal": agreement(bits_equal=True)}
    verdict = rules.judge(check(rule="within", across=()), processes(values))

    assert "pass" == verdict.outcome
    assert "2 of 3 tensors differ, by rounding only" in verdict.message
    assert "float64 is 5.0e-07 of its tensor's scale" in verdict.message


def test_a_scale_below_one_counts():
    """An error of 1e-7 at a scale of 0.5 is 2e-7 of it."""
    verdict = rules.judge(check(rule="within", across=()), processes({"loss": agreement(scale=(0.5).hex())}))

    assert "float64 is 2.0e-07 of its tensor's scale" in verdict.message


def test_a_tensor_of_zeros_has_no_relative_error():
    """Its scale is 0: nothing is divided by it."""
    zeros = agreement(compiled_error=0.0, scale=(0.0).hex())

    assert "float64 is 0.0e+00 of" in rules.judge(check(rule="within", across=()), processes({"loss": zeros})).message


def test_equal_bits_everywhere_are_counted():
    """No tensor only rounds."""
    values = {name: agreement(bits_equal=True) for name in "abc"}

    assert "all 3 tensors have the same bits" == rules.judge(check(rule="within", across=()), processes(values)).message


def test_distances_in_ulp_are_kept_and_decide_nothing():
    """For each tensor that has one."""
    values = {"a": agreement(max_ulp=7), "b": agreement(max_ulp=None)}
    verdict = rules.judge(check(rule="within", across=()), processes(values))

    assert {"a": 7} == verdict.evidence["max_ulp"]
    assert {"a": "rounding", "b": "rounding"} == verdict.evidence["classes"]


@pytest.mark.parametrize("error", ["no number", None, True, math.nan.hex()])
def test_an_error_that_is_no_number_is_beyond_rounding(error):
    """Whatever cannot be read is not within anything."""
    verdict = rules.judge(check(rule="within", across=()), processes({"loss": agreement() | {"compiled_error": error}}))

    assert ("fail", {"loss": "beyond"}) == (verdict.outcome, verdict.evidence["classes"])


def test_nothing_to_compare_is_inconclusive():
    """No tensor is no agreement."""
    assert "inconclusive" == rules.judge(check(rule="within", across=()), processes({"conditions": {}})).outcome


@pytest.mark.parametrize(
    ("eager", "compiled", "said"),
    [(0, 3, "with the eager result"), (3, 0, "with the compiled"), (2, 1, "with neither")],
)
def test_where_infinities_differ_the_reference_says_which_side_is_right(eager, compiled, said):
    """Three elements are infinite on one side only: the message counts them, and names the side of the reference."""
    value = BEYOND | {
        "not_finite": 3,
        "eager_not_finite": eager,
        "compiled_not_finite": compiled,
        "elements": 8,
        "dtype": "float16",
    }
    message = rules.judge(check(rule="within", across=("process",)), processes({"loss": value})).message

    assert "NaN or infinity differ in 3 of 8 elements" in message
    assert f"where float16 overflows, agrees {said}" in message


def test_finite_results_say_nothing_of_infinities():
    """The sentence stands only where it applies."""
    message = rules.judge(check(rule="within", across=("process",)), processes({"loss": BEYOND})).message

    assert "infinity" not in message


def test_a_matrix_tells_how_many_of_its_cells_were_measured():
    """The counts and the seed stand in the message and the evidence, whether it passes or fails."""
    cells = {"cells": 6, "of": 360, "seed": 7}
    for value, outcome in ((agreement(), "pass"), (BEYOND, "fail")):
        verdict = rules.judge(check(rule="within", across=()), processes({"loss": value, "conditions": cells}))

        assert (outcome, cells) == (verdict.outcome, verdict.evidence["cells"])
        assert verdict.message.endswith("; 6 of 360 cells (seed 7)")


def test_a_failure_found_in_a_part_of_the_cases_tells_the_part():
    """Also where no seed chose them."""
    part = {"loss": BEYOND, "conditions": {"cells": 440, "of": 1322}}
    verdict = rules.judge(check(rule="within", across=()), processes(part))

    assert "fail" == verdict.outcome
    assert verdict.message.endswith("; 440 of 1322 cases were measured (--all measures the rest)")


def test_without_a_matrix_nothing_is_told_of_cells():
    """Neither without conditions, nor with other counts in them."""
    for more in ({}, {"conditions": {"cells": 6}}):
        verdict = rules.judge(check(rule="within", across=()), processes({"loss": agreement(), **more}))

        assert ("pass", False) == (verdict.outcome, "cells" in verdict.evidence or "cells" in verdict.message)
