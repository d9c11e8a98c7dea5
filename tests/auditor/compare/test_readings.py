"""Differences of readings: only where each side agrees with itself."""

import pytest
from sides import finding, reading, side

from auditor.compare.groups import algorithms
from auditor.compare.readings import differences as both_kinds

ONE, TWO, THREE = "1" * 64, "2" * 64, "3" * 64


def differences(left, right):
    """The differences of ordinary values; those of operators have tests of their own."""
    values, tables = both_kinds(left, right)

    assert tables == []
    return values


def told(left, right):
    """Outcome and names of each entry."""
    return [(one.outcome, one.names) for one in differences(side(readings=left), side(readings=right))]


def twice(values, **settings):
    """Two readings of two processes."""
    return [reading(values, process="torch-1", **settings), reading(values, process="torch-2", **settings)]


def test_equal_readings_are_no_difference():
    """Nothing is told, whatever the processes were called."""
    assert told(twice({"losses": ONE}), [reading({"losses": ONE}, process="torch-9")]) == []


def test_a_stable_value_that_differs_is_told_with_both_values():
    """The names that differ, and no other."""
    left, right = twice({"losses": ONE, "layer": TWO}), twice({"losses": THREE, "layer": TWO})
    (one,) = differences(side(readings=left), side(readings=right))

    assert (one.outcome, one.names, one.check, one.framework) == ("differs", ["losses"], "torch-same-seed", "torch")
    assert (one.values["losses"].a, one.values["losses"].b) == (ONE, THREE)


@pytest.mark.parametrize(
    ("left", "right", "where"), [("12", "3", "within A"), ("3", "12", "within B"), ("12", "13", "both")]
)
def test_a_value_that_differs_within_one_side_is_unstable_and_no_difference(left, right, where):
    """A race proves nothing about the other side."""
    (one,) = differences(
        *(side(readings=[reading({"sum": digit * 64}, repeat=n) for n, digit in enumerate(s)]) for s in (left, right))
    )

    assert (one.outcome, one.names) == ("unstable", ["sum"])
    assert where in one.reason


def test_one_unstable_name_hides_no_other():
    """Each name is judged by itself."""
    left = [reading({"sum": ONE, "order": ONE}), reading({"sum": TWO, "order": ONE}, repeat=1)]

    assert told(left, twice({"sum": ONE, "order": TWO})) == [("differs", ["order"]), ("unstable", ["sum"])]


def test_a_single_reading_of_a_value_that_races_untouched_proves_nothing():
    """Under another setting it was measured once: it may have been the same race."""
    left = [*twice({"sum": ONE}), reading({"sum": ONE}, memory_fill="85")]
    right = [reading({"sum": ONE}), reading({"sum": TWO}, repeat=1), reading({"sum": THREE}, memory_fill="85")]
    outcomes = [(one.settings, one.outcome) for one in differences(side(readings=left), side(readings=right))]

    assert outcomes == [({}, "unstable"), ({"memory-fill": "85"}, "unstable")]


def test_only_equal_settings_are_compared():
    """Two threads are not compared with one."""
    assert told(twice({"sum": ONE}), twice({"sum": TWO}, threads="1")) == []
    assert told(twice({"sum": ONE}, threads="1"), twice({"sum": TWO}, threads="1")) == [("differs", ["sum"])]


def test_conditions_are_not_compared():
    """They are what a measurement depended on."""
    left, right = twice({"sum": ONE, "conditions": {"threads": 2}}), twice({"sum": ONE, "conditions": {"threads": 8}})

    assert told(left, right) == []


def test_a_value_that_only_one_side_has_is_named():
    """A GPU's values have no counterpart on a machine without one."""
    assert told(twice({"sum": ONE, "cuda:sum": TWO}), twice({"sum": ONE})) == [("one-side", ["cuda:sum"])]


def test_digests_by_two_algorithms_are_incomparable():
    """They differ whatever was measured."""
    (one,) = differences(
        side(readings=twice({"sum": ONE, "text": "b"})), side(readings=twice({"sum": "blake3:" + ONE, "text": "a"}))
    )[1:]

    assert (one.outcome, one.names) == ("incomparable", ["sum"])
    assert "sha256" in one.reason
    assert "blake3" in one.reason


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (ONE, TWO, None),
        (ONE, "a" * 40, ("sha256", "sha1")),
        ("xxh3:0123456789abcdef", ONE, ("xxh3", "sha256")),
        ("sha256:" + ONE, TWO, None),
        ({"eager": ONE, "scale": "0x1p+0"}, {"eager": "b" * 32, "scale": "0x1p+1"}, ("sha256", "md5")),
        ([ONE], ["c" * 128], ("sha256", "sha512")),
        (ONE, "a text", None),
        (1, ONE, None),
        ("0x1.8p+0", "0x1.9p+0", None),
    ],
)
def test_the_algorithm_of_a_digest(left, right, expected):
    """By its name where it has one, else by its length; also inside a value."""
    assert algorithms(left, right) == expected


def test_a_check_that_one_audit_lacks_says_why():
    """The other's finding tells; a probe could not have any."""
    left = side(readings=twice({"sum": ONE}), findings=[finding("pass")])
    (one,) = differences(left, side(findings=[finding("error")]))

    assert one.outcome == "one-side"
    assert "B has no reading of the check: its outcome is error" in one.reason
    assert differences(left, side(audited=False)) == []


def test_a_number_that_differs_is_a_difference():
    """Not only digests are compared."""
    assert told(twice({"max_ulp": {"observed": 1}}), twice({"max_ulp": {"observed": 2}})) == [("differs", ["max_ulp"])]
