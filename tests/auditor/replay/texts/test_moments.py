"""Points in time within a run."""

import datetime as dt

import pytest

from auditor.replay.texts.moments import is_compact, is_epoch, is_within

MOMENT = dt.datetime(2026, 11, 29, 11, 40, 24, tzinfo=dt.timezone.utc)
START = MOMENT.timestamp()


@pytest.mark.parametrize(
    "form",
    ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%H:%M:%S", "%b%d_%H-%M-%S", "%a %b %d %H:%M:%S %Y", "%Y%m%d-%H%M%S",
     "%Y-%m-%d", "%Y/%m/%d %H:%M", "%Y-%m-%d/%H-%M-%S"],
)  # fmt: skip
def test_the_moment_of_a_run_is_within_it_and_another_is_not(form):
    own = (MOMENT + dt.timedelta(seconds=2)).strftime(form)
    other = (MOMENT + dt.timedelta(days=3, hours=5, minutes=7)).strftime(form)

    assert is_within(own, START, START + 5)
    assert not is_within(other, START, START + 5)


@pytest.mark.parametrize("text", ["99:99:99", "2026-13-45", "Foo99"])
def test_what_is_no_moment_is_not_within(text):
    assert not is_within(text, START, START + 5)


@pytest.mark.parametrize("scale", [1, 1e3, 1e6, 1e9])
def test_a_unix_time_has_four_units(scale):
    assert is_epoch((START + 1) * scale, START, START + 5)
    assert not is_epoch((START + 60) * scale, START, START + 5)


@pytest.mark.parametrize("form", ["%H%M%S", "%m%d%H%M%S", "%Y%m%d%H%M%S", "%H%M%S%f"])
def test_digits_alone_name_a_second(form):
    own = (MOMENT + dt.timedelta(seconds=2)).strftime(form)
    other = (MOMENT + dt.timedelta(seconds=42)).strftime(form)

    assert is_compact(own, START, START + 5)
    assert not is_compact(other, START, START + 5)


def test_fewer_digits_name_nothing():
    assert not is_compact("1140", START, START + 5)
