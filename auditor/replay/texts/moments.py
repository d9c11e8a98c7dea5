"""Whether a text names a point in time within a run: then it comes from the clock, whatever else differs."""

from __future__ import annotations

import datetime as dt
import re

MARGIN_SECONDS = 1.0
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LOG_PREFIX = re.compile(r"[IWEFD]\d{4}\s")
_COMPACT = (14, 12, 10, 6)
"""Digits of year, month, day, hour, minute and second; without the century; without the year; the time of day alone."""
_FRACTION = 6
"""Most digits of a fraction of a second."""
_EPOCH_SCALES = (1.0, 1e3, 1e6, 1e9)


def is_epoch(value: float, start: float, end: float) -> bool:
    """Whether a number is a Unix time within the run, in seconds, milliseconds, microseconds or nanoseconds."""
    return any(start - MARGIN_SECONDS <= value / scale <= end + MARGIN_SECONDS for scale in _EPOCH_SCALES)


def is_compact(text: str, start: float, end: float) -> bool:
    """Whether digits alone name a second of the run, with its date and digits of its fraction or without."""
    if not (text.isascii() and text.isdigit()):
        return False
    return any(
        _is_second(text[:length], start, end) for length in _COMPACT if length <= len(text) <= length + _FRACTION
    )


def _is_second(text: str, start: float, end: float) -> bool:
    for zone in (dt.timezone.utc, None):
        first = dt.datetime.fromtimestamp(start - MARGIN_SECONDS, zone).replace(tzinfo=None)
        last = dt.datetime.fromtimestamp(end + MARGIN_SECONDS, zone).replace(tzinfo=None)
        for day in (first, last):  # what the digits leave out
            known = day.strftime("%Y%m%d%H%M%S")
            whole = known[: len(known) - len(text)] + text
            try:
                moment = dt.datetime.strptime(whole, "%Y%m%d%H%M%S")  # noqa: DTZ007 - compared with naive ones
            except ValueError:
                continue
            if first <= moment + dt.timedelta(seconds=1) and moment <= last:
                return True
    return False


def is_within(text: str, start: float, end: float) -> bool:
    """Whether a date, a time of day or both lie within the run, local or UTC (`start`, `end`: Unix time)."""
    if _LOG_PREFIX.match(text):
        return True
    for zone in (dt.timezone.utc, None):
        first = dt.datetime.fromtimestamp(start - MARGIN_SECONDS, zone).replace(tzinfo=None)
        last = dt.datetime.fromtimestamp(end + MARGIN_SECONDS, zone).replace(tzinfo=None)
        told = _moment(text, first)
        if told is None:
            return False
        moment, unit = told
        if first - unit <= moment <= last:
            return True
    return False


def _moment(text: str, now: dt.datetime) -> tuple[dt.datetime, dt.timedelta] | None:
    """The point in time, with what is missing taken from `now`, and the unit of what is given; None if it is none."""
    date, rest = _date(text, now)
    found = re.search(r"(\d{1,2})[:.-]?(\d{2})(?:[:.-]?(\d{2})(?:[.,](\d+))?)?", rest)
    try:
        day = dt.datetime(*date)  # noqa: DTZ001 - compared with naive ones of the same zone
        if found is None:
            return (day, dt.timedelta(days=1)) if rest != text else None
        hour, minute, second = (int(one or 0) for one in found.groups()[:3])
        part = float(f"0.{found[4]}") if found[4] else 0.0
        moment = day.replace(hour=hour, minute=minute, second=second) + dt.timedelta(seconds=part)
    except ValueError:
        return None
    return moment, dt.timedelta(seconds=1) if found[3] else dt.timedelta(minutes=1)


def _date(text: str, now: dt.datetime) -> tuple[tuple[int, int, int], str]:
    """Year, month and day, those of `now` if the text has none; and the rest of the text."""
    today = (now.year, now.month, now.day)
    if found := re.match(r"((?:19|20)\d\d)[-/._]?(\d\d)[-/._]?(\d\d)", text):
        year, month, day = map(int, found.groups())
        return (year, month, day), text[found.end() :]
    found = re.search(r"([A-Z][a-z]{2})[a-z]*[ _-]?(\d{1,2})(?!\d|:)", text)
    if found and found[1].lower() in _MONTHS:
        told = re.search(r"\s(\d{4})$", text)
        rest = text[found.end() : told.start() if told else None]
        return (int(told[1]) if told else now.year, _MONTHS.index(found[1].lower()) + 1, int(found[2])), rest
    return today, text
