"""Covering arrays: every allowed pair in few rows, the same rows for the same seed."""

import json
import subprocess
import sys

import support

from checks import covering

AXES = {
    "operator": ("add", "sum", "sort", "dot"),
    "dtype": ("float32", "float64", "int32"),
    "layout": ("contiguous", "strided", "empty"),
    "size": (1, 1023, 1024, 1025),
    "values": ("ordinary", "nan", "huge"),
}


def allowed(row):
    """Integers have no NaN, and what is empty has one size."""
    if row.get("dtype") == "int32" and row.get("values") == "nan":
        return False
    return row.get("layout") != "empty" or row.get("size", 1) == 1


def test_every_allowed_pair_is_in_far_fewer_rows_than_there_are_cells():
    """16 pairs of an operator and a size need 16 rows at least; there are 288 allowed cells."""
    rows = covering.covering(AXES, 7, allowed)

    assert [] == covering.uncovered(rows, AXES, allowed)
    assert all(allowed(row) and list(AXES) == list(row) for row in rows)
    assert 288 == covering.size(AXES, allowed)
    assert 16 <= len(rows) <= 24


def test_a_pair_that_only_one_row_holds_is_missed_without_it():
    """The negative control: some row of the array is alone with a pair, and `uncovered` names the pair."""
    rows = covering.covering(AXES, 7, allowed)

    missed = [covering.uncovered(rows[:n] + rows[n + 1 :], AXES, allowed) for n in range(len(rows))]

    assert sum(map(bool, missed)) > len(rows) / 2
    assert all(dict(pair).items() <= row.items() for row, pairs in zip(rows, missed, strict=True) for pair in pairs)


def test_the_first_rows_hold_every_value_of_a_short_axis():
    """The rows are not sorted by an axis: the first third of them has all operators and all values."""
    rows = covering.covering(AXES, 7, allowed)

    part = rows[: len(rows) // 3]

    assert set(AXES["operator"]) == {row["operator"] for row in part}
    assert set(AXES["values"]) == {row["values"] for row in part}


def test_no_rows_cover_nothing():
    """Without rows every pair is missing, except the forbidden ones."""
    pairs = covering.uncovered([], AXES, allowed)

    assert 115 - 1 - 3 == len(pairs)  # NaN of int32, and three sizes of what is empty
    assert (("dtype", "int32"), ("values", "nan")) not in pairs


def test_a_pair_that_no_complete_row_can_hold_is_left_out():
    """Each pair of a=1 is allowed by itself, but no c goes with a=1 and b=1; so (a=1, b=1) is in no row."""
    axes = {"a": (0, 1), "b": (0, 1), "c": (0, 1)}

    def no_third(row):
        return not (row.get("a") == 1 and row.get("b") == 1 and "c" in row)

    rows = covering.covering(axes, 1, no_third)

    assert [] == covering.uncovered(rows, axes, no_third)
    assert not any(row["a"] == row["b"] == 1 for row in rows)
    assert (0, 1) in {(row["a"], row["b"]) for row in rows}


def test_the_seed_decides_the_rows():
    """One seed gives the same rows, and another one other rows that cover as much."""
    first, other = (covering.covering(AXES, seed, allowed) for seed in (7, 8))

    assert first == covering.covering(AXES, 7, allowed)
    assert first != other
    assert [] == covering.uncovered(other, AXES, allowed)


def test_a_process_with_another_hash_seed_makes_the_same_rows():
    """The order of sets and dicts decides nothing."""
    code = (
        "import json, sys; from checks import covering; axes = json.loads(sys.argv[1]);"
        "json.dump(covering.covering({name: tuple(axes[name]) for name in axes}, 7), sys.stdout)"
    )
    told = [
        json.loads(
            subprocess.run(
                [sys.executable, "-B", "-c", code, json.dumps(AXES)],
                env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(support.ROOT)},
                check=True,
                capture_output=True,
            ).stdout
        )
        for seed in ("1", "2")
    ]

    assert [covering.covering(AXES, 7)] * 2 == told
