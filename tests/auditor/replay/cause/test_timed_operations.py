"""The numbers that two runs under clocks of ours read: equal, or three times as large; anything else is a result."""

from __future__ import annotations

import pytest

from auditor.replay.cause.timed_operations import ONE_NUMBER, _numbers_follow
from auditor.replay.runs import noted

FOLLOW = {
    "durations and a loss": ("main 0 0.37\nmain 0 0.5\n", "main 0 1.11\nmain 0 0.5\n"),
    "a rate": ("main 0 9.0\n", "main 0 3.0\n"),
    "beside strings": ("main 0 ?\nmain 0 0.37\n", "main 0 ?\nmain 0 1.11\n"),
}
RESULTS = {
    "nothing that follows": ("main 0 0.5\n", "main 0 0.5\n"),
    "a number that follows nothing": ("main 0 0.37\nmain 0 0.5\n", "main 0 1.11\nmain 0 0.6\n"),
    "a decision": ("main 0 0.37\nmain 0 0.0\n", "main 0 1.11\nmain 0 1.0\n"),
    "one more": ("main 0 0.37\n", "main 0 1.11\nmain 0 1.11\n"),
    "of another task": ("main 0 0.37\n", "main 1 1.11\n"),
    "a string in place of a number": ("main 0 0.37\nmain 0 ?\n", "main 0 1.11\nmain 0 2.0\n"),
    "nothing read": ("", ""),
    "more than are noted": ("main 0 0.37\n" * noted.MOST_NUMBERS, "main 0 1.11\n" * noted.MOST_NUMBERS),
}


def follow(tmp_path, texts):
    """Whether what these notes hold follows the clock."""
    found = []
    for name, text in zip(("slow", "fast"), texts, strict=True):
        (tmp_path / name / noted.NUMBERS).mkdir(parents=True)
        (tmp_path / name / noted.NUMBERS / "4000").write_text(text, encoding="ascii")
        found.append(noted.read_numbers(tmp_path / name))
    return _numbers_follow(*found, 3.0)


@pytest.mark.parametrize("name", FOLLOW)
def test_numbers_that_are_equal_or_follow_the_clock_are_times(tmp_path, name):
    """One at least must follow."""
    assert follow(tmp_path, FOLLOW[name])


@pytest.mark.parametrize("name", RESULTS)
def test_any_other_number_is_a_result(tmp_path, name):
    """So is what is not known."""
    assert not follow(tmp_path, RESULTS[name])


def test_only_single_real_numbers_are_taken_for_durations():
    """A complex number is not read as one number, and a string is none."""
    assert all(ONE_NUMBER.fullmatch(meta) for meta in ("f32[]@cpu", "i64[1,1]", "bf16[]", "bool[1]"))
    assert not any(ONE_NUMBER.fullmatch(meta) for meta in ("c64[]", "string[]", "f32[2]@cpu", "f32[];f32[]", "u8[4]"))
