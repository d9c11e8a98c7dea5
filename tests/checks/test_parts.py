"""Parts of a check: those in which an asked name lies are measured whole, the others not at all."""

import pytest

from checks.parts import asked


@pytest.fixture
def measured():
    """The parts, and which of them were measured."""
    seen = []

    def part(*names):
        def function():
            seen.append(names)
            return dict.fromkeys(names, len(seen))

        return names, function

    return [part("a", "b"), part("c")], seen


@pytest.mark.parametrize("settings", [{}, {"names": []}])
def test_without_names_all_parts_are_measured(measured, settings):
    parts, _ = measured

    assert asked(parts, settings) == {"a": 1, "b": 1, "c": 2}


def test_a_part_is_measured_whole_for_one_of_its_names(measured):
    parts, seen = measured

    assert asked(parts, {"names": ["b"]}) == {"a": 1, "b": 1}
    assert seen == [("a", "b")]


def test_a_name_of_no_part_measures_nothing(measured):
    parts, seen = measured

    assert (asked(parts, {"names": ["d"]}), seen) == ({}, [])
