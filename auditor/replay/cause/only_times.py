"""
Whether runs differ in printed times only, which are no results.

A token that names a point in time within its run, an address or the like needs no further run. Any other differing
amount is put to the test by two runs under clocks of our own, one of which is three times as fast: a duration is then
three times as large, a rate a third; a result that the clock merely decides ("fastest: tile 64") is neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..model import DifferingText
from ..runs.run import Run
from ..texts.differing import STREAMS, Place, StreamTexts, from_gauges, texts_of
from ..texts.pieces import Token
from .run_pair import compare_runs

STEP_SECONDS, FASTER = 0.37, 3.0
"""How far our clock goes on with each call, and how many times as far in the second run."""
ROUNDING = 1e-5
"""Relative error of a difference of two clock readings of about 1.7e9 s, with a margin."""
MOST_TOLD = 12
STDERR_LEFT_OUT = "stderr was not compared: its lines or words differ from run to run"
Runner = Callable[[Mapping[str, str], str], Run]


@dataclass(frozen=True)
class TextFinding:
    """What the printed texts of runs show."""

    only_times: tuple[DifferingText, ...] = ()
    """What differs, if all of it is times; empty otherwise."""
    results: tuple[DifferingText, ...] = ()
    """What differs and is no time."""
    stderr_left_out: bool = False
    """Whether stderr was not compared, because its words or lines differ."""
    why: str = ""
    """Why a difference counts as a result."""

    @property
    def notes(self) -> list[str]:
        """What limits the verdict."""
        return [STDERR_LEFT_OUT] if self.stderr_left_out else []


def found_in(base: Sequence[Run], make: Runner) -> TextFinding:
    """
    What differs between the baseline runs' outputs, whose operations are equal.

    `make` is called for at most two further runs, where differing amounts may be durations.
    """
    texts = {name: texts_of(base, name) for name in STREAMS}
    stdout, stderr = texts["stdout"], texts["stderr"]
    if stdout is None or not stdout.alike:
        return TextFinding(why="the words that are printed differ, or are more than is examined")
    read = [stdout, *([stderr] if stderr and stderr.alike else [])]
    left_out = len(read) == 1 and len({run.stderr.sha256 for run in base}) > 1
    differing = [(one, place) for one in read for place in one.differing()]
    open_places = [(one, place) for one, place in differing if not from_gauges(one.at(place), base)]
    told = tuple(_told(one, place) for one, place in differing[:MOST_TOLD])
    if not open_places:
        return TextFinding(told, stderr_left_out=left_out)
    why, wrong = _against_clocks(base, [place for _, place in open_places], read, make)
    if why:
        results = tuple(_told(one, place) for one, place in open_places if not wrong or place in wrong)
        return TextFinding(results=results[:MOST_TOLD], stderr_left_out=left_out, why=why)
    return TextFinding(told, stderr_left_out=left_out)


def _told(texts: StreamTexts, place: Place) -> DifferingText:
    lines = [run[place.line].text for run in texts.lines]
    return DifferingText(stream=texts.name, line=place.line + 1, first=lines[0], second=_other(lines))


def _other(lines: Sequence[str]) -> str:
    return next((line for line in lines[1:] if line != lines[0]), lines[0])


def _against_clocks(
    base: Sequence[Run], places: Sequence[Place], read: Sequence[StreamTexts], make: Runner
) -> tuple[str, Sequence[Place]]:
    """Why not all of these are times, and which are not; an empty text if all are."""
    steps = (STEP_SECONDS, STEP_SECONDS * FASTER)
    purpose = "with a clock of our own, to see whether only times differ"
    under = [
        make({"clock": f"stepping:{step:.2f}"}, f"{purpose}, {number} of 2")
        for number, step in enumerate(steps, start=1)
    ]
    for run in under:
        compared = compare_runs(base[0], run, search=False)
        if not compared.usable or compared.steps_differ:
            return "under another clock the program takes other steps: a clock decides what is computed", ()
    wrong = []
    for stream in read:
        own = [place for place in places if place.stream == stream.name]
        both = texts_of(under, stream.name)
        if both is None or not both.alike or len(both.lines[0]) != len(stream.lines[0]):
            return "under another clock the program prints other words", ()
        compared_words = [line.words for line in both.lines[0]] == [line.words for line in stream.lines[0]]
        if not compared_words:
            return "under another clock the program prints other words", ()
        wrong += [place for place in own if not _passes(stream.at(place), *both.at(place))]
        moved = [place for place in both.differing() if place not in own and not _may_move(both.at(place))]
        wrong += [place for place in moved if _is_equal(stream, place)]
    return ("what differs does not follow the clock", wrong) if wrong else ("", ())


def _passes(plain: Sequence[Token], slow: Token, fast: Token) -> bool:
    """Whether a token is a duration or a rate; or of a bar that was not full, and is the same under both clocks."""
    return follows_clock(slow, fast) or (slow.text == fast.text and any(token.interim for token in plain))


def _is_equal(stream: StreamTexts, place: Place) -> bool:
    return len({token.text for token in stream.at(place)}) == 1


def _may_move(tokens: Sequence[Token]) -> bool:
    """Whether a token that is equal in the baseline runs may differ under our clocks: a date, a rounded duration."""
    return follows_clock(*tokens) or all(token.kind != "amount" for token in tokens)


def follows_clock(slow: Token, fast: Token) -> bool:
    """Whether a token is a duration or a rate: three times as large, or a third, under the faster clock."""
    if slow.value is None or fast.value is None:
        return slow.kind == fast.kind == "amount" and slow.timely and fast.timely  # no rate yet: ?it/s
    if slow.value == fast.value and not (slow.timely and fast.timely):
        return False  # 0.0 is three times 0.0, whatever it is
    return _times(slow, fast, FASTER) or _times(fast, slow, FASTER)


def _times(small: Token, large: Token, factor: float) -> bool:
    """Whether one can be so many times the other, as far as their digits go."""
    slack = ROUNDING * max(abs(large.value or 0.0), factor * abs(small.value or 0.0))
    return factor * small.low - slack <= large.high and large.low <= factor * small.high + slack
