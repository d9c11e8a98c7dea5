"""The rule `identical`: what is credited to a cure, what is told of values that differ, and when a pass is none."""

import pytest
from planted import check, played, processes, reading

from auditor import rules

SWITCH = {"framework-switch": "on"}
MORE = {"confirm": "rate"}


def test_a_cure_is_not_credited_while_an_innocent_factor_moves_another_value():
    """Both values are documented and the cure cures the race, but memory's contents still show in the other."""
    declared = check(
        across=("process", "memory-fill"), cure="framework-switch", documented={"race": "x", "memory": "x"}
    )
    base = processes(*[{"race": number, "memory": "a"} for number in range(8)])
    cured = processes(*[{"race": 1, "memory": "a"}] * 8, framework_switch="on")
    filled = [
        one
        for fill in ("85", "170", "255")
        for one in processes({"race": 1, "memory": fill}, memory_fill=fill, hash_seed="1", tmp="other")
    ]

    def memory_shows(settings):
        return {"race": 1, "memory": settings.get("memory-fill", "a")}

    assert "documented-and-cured" == rules.judge(declared, [*base, *cured], [SWITCH]).known
    assert "documented" == played(declared, [*base, *cured, *filled], memory_shows, [SWITCH]).known


def test_a_rarer_fault_is_asked_about_in_more_processes():
    """Eight results of eight processes need fewer clean ones than four of eight, by the lower bound of the rate."""
    declared = check(across=("process",), cure="framework-switch")
    often = rules.judge(declared, processes(*"abcdefgh"))
    rare = rules.judge(declared, processes(*"aaaabcde"), [{}, MORE])

    assert (7, 8) == (often.arms[0].processes, rare.arms[0].processes)


def test_two_processes_bound_no_rate_so_more_are_asked_for_first():
    """One of two differs: the rate may be 3 %, and no number of clean processes that fits would be significant."""
    declared = check(across=("process",), cure="framework-switch")
    ask = rules.judge(declared, processes("a", "b"), [{}])

    assert [(MORE, 6)] == [(dict(arm.settings), arm.processes) for arm in ask.arms]
    assert [SWITCH] == [dict(arm.settings) for arm in rules.judge(declared, processes("a", "b"), [{}, MORE]).arms]


def test_what_the_framework_documents_is_not_explained_once_more():
    """Its documentation says why; a value that is not documented is measured, and the documented one with it."""
    declared = check(across=("process",), explains=("entropy",), documented={"op": "x"})
    told = rules.judge(declared, processes("a", "b"))
    beside = rules.judge(declared, processes({"op": "a", "other": 1}, {"op": "b", "other": 2}), [{}, MORE])

    assert ("fail", "documented", {}) == (told.outcome, told.known, told.evidence["under"])
    assert "cause not established" not in told.message
    assert [{"entropy": "fixed"}] == [dict(arm.settings) for arm in beside.arms]


def test_processes_that_were_asked_for_one_value_say_nothing_of_the_others():
    """They measure how often the race differs; the other value is not missing there, it was not asked for."""
    declared = check(across=("process",), cure="framework-switch", documented={"*": "x"})
    base = processes({"race": 1, "calm": "a"}, {"race": 2, "calm": "a"})
    more = processes(*[{"race": number} for number in range(3, 9)], confirm="rate")
    cured = processes(*[{"race": 0}] * 8, framework_switch="on")
    verdict = rules.judge(declared, [*base, *more, *cured], [{}, MORE, SWITCH])

    assert {"race": "8 processes"} == verdict.evidence["trials"]
    assert "documented-and-cured" == verdict.known


def test_a_cure_is_not_proven_by_processes_in_which_the_fault_does_not_show():
    """A race that needs load agrees without load, with the switch or not."""
    declared = check(across=("repeat", "contention"), cure="framework-switch", documented={"op": "x"}, repeats=20)
    base = [reading({"op": "a"}, repeat=number) for number in range(20)]
    loaded = [reading({"op": number}, "loaded", number, contention="1") for number in range(20)]
    verdict = played(declared, [*base, *loaded], lambda _: "a")

    assert ("documented", "not proven") == (verdict.known, verdict.evidence["under"]["framework-switch"])


@pytest.mark.parametrize("factor", ["contention", "memory-fill"])
def test_what_varies_under_an_innocent_factor_alone_is_not_repeatable(factor):
    """A race that needs load, or stale memory: two calls of that process differ, so its value decides nothing."""
    values = {"contention": ["1"], "memory-fill": ["85", "170", "255"]}[factor]
    pooled = {} if factor == "contention" else {"hash_seed": "1", "tmp": "other"}
    declared = check(across=("repeat", factor), severity="critical")
    base = [reading({"op": "a"}, repeat=number) for number in range(2)]
    arms = [
        reading({"op": result}, f"p{value}", number, **{factor.replace("-", "_"): value}, **pooled)
        for value in values
        for number, result in enumerate("bc")
    ]
    verdict = played(declared, [*base, *arms], lambda _: "a")

    assert ("fail", "high", {}) == (verdict.outcome, verdict.severity, verdict.evidence["factors"])
    assert "cause not established" in verdict.message


def test_a_fault_within_a_process_needs_calls_and_not_processes():
    """Twenty calls of one process under the cure are as good as twenty processes."""
    declared = check(cure="framework-switch", repeats=20)
    ask = rules.judge(declared, [reading({"op": number}, repeat=number) for number in range(20)])

    assert 1 == ask.arms[0].processes


def test_clean_processes_of_a_cure_prove_it_only_where_each_value_was_measured():
    """A process under the cure that did not give the value says nothing about it."""
    declared = check(across=("process",), cure="framework-switch", documented={"op": "x"})
    base = processes("a", "b")
    silent = processes(*["a"] * 7, {"another": 1}, framework_switch="on")
    verdict = rules.judge(declared, [*base, *silent], [SWITCH])

    assert "documented" == verdict.known
    assert "identical" != verdict.evidence["under"]["framework-switch"]


def test_only_so_many_values_are_named_and_the_others_counted():
    """Six values differ: four names, and two more."""
    names = "abcdef"
    verdict = rules.judge(check(), [reading(dict.fromkeys(names, number), repeat=number) for number in range(2)])

    assert "d gave 2 different results in 2 calls with equal inputs; and 2 more" in verdict.message
    assert "e gave" not in verdict.message
    assert (
        "a, b, c, d and 2 more change with the number of threads"
        in rules.judge(
            check(across=("threads",)),
            [reading(dict.fromkeys(names, 1)), reading(dict.fromkeys(names, 2), "p", threads="1")],
        ).message
    )


def test_four_values_are_all_named():
    """Nothing is left to count."""
    verdict = rules.judge(check(), [reading(dict.fromkeys("abcd", number), repeat=number) for number in range(2)])

    assert verdict.message.endswith("d gave 2 different results in 2 calls with equal inputs; cause not established")


@pytest.mark.parametrize(
    ("across", "base", "said"),
    [
        (("threads",), ["a"], "1 values agree bit for bit in 1 reading of 1 unchanged processes"),
        (("process",), ["a", "a"], "1 values agree bit for bit in 2 readings of 2 unchanged processes"),
    ],
)
def test_a_pass_says_how_much_was_measured(across, base, said):
    """Readings and processes are counted."""
    readings = [*processes(*base), *processes("a", threads="1")]

    assert said in rules.judge(check(across=across), readings).message


def test_a_pass_says_what_was_varied():
    """The thread count here, and everything that the perturbed process changes."""
    perturbed = {"hash_seed": "1", "memory_fill": "85", "tmp": "other"}
    threads = rules.judge(check(across=("threads",)), [*processes("a"), *processes("a", threads="1")])
    pooled = rules.judge(check(across=("perturbed",)), [*processes("a"), *processes("a", **perturbed)])

    assert "and when the number of threads change" in threads.message
    assert "the string hash seed" in pooled.message
    assert "the string hash seed" not in threads.message


@pytest.mark.parametrize(
    ("threads", "outcome"), [(1, "inconclusive"), (2, "pass"), (16, "pass"), (None, "inconclusive")]
)
def test_agreement_counts_where_the_process_had_what_the_check_needs(threads, outcome):
    """Two threads can race; one cannot, and neither can an unknown number be believed."""
    told = {} if threads is None else {"conditions": {"threads": threads}}
    readings = [reading({"op": "a", **told}, repeat=number) for number in range(2)]

    assert outcome == rules.judge(check(requires={"threads": 2}), readings).outcome


def test_the_poorest_reading_decides_whether_agreement_counts():
    """One process of two had only one thread."""
    readings = processes({"op": "a", "conditions": {"threads": 2}}, {"op": "a", "conditions": {"threads": 1}})

    assert "inconclusive" == rules.judge(check(across=("process",), requires={"threads": 2}), readings).outcome


def test_an_operator_that_one_reading_lacks_has_no_sample_to_name():
    """It differs, and no sample of it can be compared."""
    readings = [reading({"operators": table}, repeat=number) for number, table in enumerate([{"add f": "aa.bb"}, {}])]
    verdict = rules.judge(check(), readings)

    assert "fail" == verdict.outcome
    assert "samples" not in verdict.evidence


def test_tables_with_other_numbers_of_samples_are_not_compared_sample_by_sample():
    """Position two of the one is not position two of the other."""
    tables = [{"add f": "aa.bb"}, {"add f": "aa.bb.cc"}]
    verdict = rules.judge(check(), [reading({"operators": one}, repeat=number) for number, one in enumerate(tables)])

    assert "fail" == verdict.outcome
    assert "samples" not in verdict.evidence


def test_what_differs_within_one_process_is_not_told_as_between_processes():
    """One of two processes disagrees with itself."""
    readings = [*processes("a", "a"), reading({"op": "b"}, "untouched-1", repeat=1)]
    verdict = rules.judge(check(across=("repeat", "process")), readings)

    assert "within one process" == verdict.evidence["where"]
    assert (3, 2) == (verdict.evidence["readings"], verdict.evidence["processes"])


def test_innocent_changes_that_move_bits_only_together_are_told_as_such():
    """Each alone moves nothing: no contract gets the blame."""
    declared = check(across=("repeat", "perturbed"))
    together = {"hash_seed": "1", "memory_fill": "85", "tmp": "other"}
    base = [reading({"op": "a"}, repeat=number) for number in range(2)]
    ask = rules.judge(declared, [*base, *processes("x", **together)])
    assert {("hash-seed",), ("memory-fill",), ("tmp",)} == {tuple(arm.settings) for arm in ask.arms}
    verdict = played(
        declared, [*base, *processes("x", **together)], lambda settings: "x" if len(settings) == 3 else "a"
    )

    assert ("fail", "", ["perturbed"]) == (verdict.outcome, verdict.contract, [*verdict.evidence["factors"]])
    assert "together, and with none of them alone" in verdict.message
