"""Suspects: what is one, how many processes confirm it, and what its confirmation says."""

import math
import random

import pytest
from planted import check, confirmations, played, processes, reading

from auditor import rules
from auditor.factors.factors import CONFIRM
from auditor.rules import suspects
from auditor.rules.verdict import Suspect

HASH = check(across=("process", "hash-seed"), severity="critical")
FIRST = [
    *processes("a", "a"),
    reading({"op": "a"}, "s0", hash_seed="0"),
    reading({"op": "b"}, "s1", hash_seed="1"),
    reading({"op": "a"}, "s2", hash_seed="2"),
]
"""The hash seed 1 gave another result, in one process."""


@pytest.mark.parametrize(("count", "needed"), [(1, 7), (3, 9), (10, 10), (30, 12), (100, 14), (300, 15)])
def test_more_suspects_need_more_processes(count, needed):
    """All of one audit together are confirmed by luck in at most 1 %: count * 2^-n <= 0.01."""
    assert needed == suspects.processes_needed(count)
    assert count * 2.0**-needed <= 0.01 < count * 2.0 ** -(needed - 1)


def test_a_difference_is_a_suspect_and_no_verdict():
    """Before a factor is named, two of its values are to be measured again."""
    ask = rules.judge(HASH, FIRST)

    assert isinstance(ask, rules.Ask)
    assert () == ask.arms
    assert [Suspect("hash-seed", ({"hash-seed": "0"}, {"hash-seed": "1"}), ("op",))] == [*ask.suspects]


def test_a_dependence_follows_the_coin_and_is_named():
    """Every process gives what its seed gave before."""
    verdict = played(HASH, FIRST, lambda settings: "b" if settings.get("hash-seed") == "1" else "a")

    assert ("fail", None) == (verdict.outcome, verdict.severity)
    assert {"hash-seed": ["op"]} == verdict.evidence["factors"]
    assert "op changes with the string hash seed (in 7 of 7 fresh processes whose value a coin drew)" == verdict.message


def test_an_event_that_struck_one_arm_does_not_follow_and_no_factor_is_named():
    """The odd result does not come back: it is an instability, of the severity of one."""
    verdict = played(HASH, FIRST, lambda _: "a")

    assert ("fail", "high", {}) == (verdict.outcome, verdict.severity, verdict.evidence["factors"])
    assert "op gave 2 different results in 12 processes; cause not established" in verdict.message
    assert "the string hash seed decided" in verdict.message


def test_one_process_that_does_not_follow_clears_the_factor():
    """Six of seven are not enough: the rule allows no exception, or its level would not hold."""
    left = iter([False] * 6 + [True])

    def answer(settings):
        return "other" if next(left, False) else ("b" if settings.get("hash-seed") == "1" else "a")

    assert {} == played(HASH, FIRST, answer).evidence["factors"]


def test_a_process_that_did_not_answer_clears_the_factor():
    """A missing answer is no evidence."""
    ask = rules.judge(HASH, FIRST)
    arms = [arm for one in confirmations(ask) for arm in one]
    answered = [
        reading({"op": "b" if arm.settings["hash-seed"] == "1" else "a"}, f"c{place}", **underscored(arm.settings))
        for place, arm in enumerate(arms)
    ]
    asked = [dict(arm.settings) for arm in arms]

    assert {"hash-seed": ["op"]} == rules.judge(HASH, FIRST + answered, asked).evidence["factors"]
    assert {} == rules.judge(HASH, FIRST + answered[:-1], asked).evidence["factors"]


def test_a_manifest_is_judged_again_to_the_same_verdict():
    """Without knowing what was asked: the readings themselves carry the coin's settings."""
    ask = rules.judge(HASH, FIRST)
    arms = [arm for one in confirmations(ask) for arm in one]
    answered = [
        reading({"op": "b" if arm.settings["hash-seed"] == "1" else "a"}, f"c{place}", **underscored(arm.settings))
        for place, arm in enumerate(arms)
    ]

    assert {"hash-seed": ["op"]} == rules.judge(HASH, FIRST + answered).evidence["factors"]


def test_a_value_that_is_not_constant_in_its_arm_is_no_suspect():
    """Two calls of the process with seed 1 differ: that is an instability, not a dependence."""
    declared = check(across=("repeat", "hash-seed"))
    base = [reading({"op": "a"}, repeat=number) for number in range(2)]
    arms = [
        reading({"op": value}, f"s{seed}", number, hash_seed=seed)
        for seed, values in (("0", "aa"), ("1", "ab"), ("2", "aa"))
        for number, value in enumerate(values)
    ]

    assert [] == suspects.across(declared, [*base, *arms])


def test_suspects_of_a_factor_share_its_coin_and_others_have_their_own():
    """One batch of processes serves all suspects of an audit, also where the second arm is another value."""
    found = [
        Suspect("hash-seed", ({"hash-seed": "0"}, {"hash-seed": "1"}), ("a",)),
        Suspect("hash-seed", ({"hash-seed": "0"}, {"hash-seed": "2"}), ("b",)),
        Suspect("tmp", ({}, {"tmp": "other"}), ("a",)),
    ]
    drawn = suspects.drawn(found, 40, random.Random(7))
    seeds = [[arm.settings["hash-seed"] for arm in one] for one in drawn[:2]]

    assert [seed == "0" for seed in seeds[0]] == [seed == "0" for seed in seeds[1]]
    assert ({"0", "1"}, {"0", "2"}) == ({*seeds[0]}, {*seeds[1]})
    assert [seed == "1" for seed in seeds[0]] != ["tmp" in arm.settings for arm in drawn[2]]
    assert [f"{place}/40" for place in range(1, 41)] == [arm.settings[CONFIRM] for arm in drawn[2]]


@pytest.mark.parametrize("rate", [0.05, 0.3])
def test_an_innocent_factor_is_named_in_at_most_one_audit_of_a_hundred(rate):
    """400 audits of ten values each, struck by events in processes; with the product's own coin rule."""
    named = 0
    for number in range(400):
        rng = random.Random(f"{rate}/{number}")

        def answer(_, rng=rng):
            return {f"v{place}": "odd" if rng.random() < rate else "usual" for place in range(10)}

        first = [
            *processes(answer({}), answer({})),
            *(reading(answer({}), f"s{seed}", hash_seed=seed) for seed in "012"),
        ]
        named += bool(played(HASH, first, answer, coin=rng).evidence.get("factors"))

    assert named / 400 <= 0.01 + 3 * math.sqrt(0.01 * 0.99 / 400)


def underscored(settings):
    return {name.replace("-", "_"): value for name, value in settings.items()}
