"""
Whether runs differ in printed or written times only, which are no results.

A token that names a point in time within its run, an address or the like needs no further run. Any other differing
amount is put to the test by two runs under clocks of our own, one of which is three times as fast: a duration is then
three times as large, a rate a third; a result that the clock merely decides ("fastest: tile 64") is neither.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..model import DifferingText
from ..runs.run import Run
from ..texts.differing import STREAMS, Place, StreamTexts, from_gauges, may_differ, texts_of
from ..texts.pieces import Token
from ..texts.written import differing_texts
from .run_pair import compare_runs
from .timed_operations import ROUNDING, Timed, follow_the_clock

STEP_SECONDS, FASTER = 0.37, 3.0
"""How far our clock goes on with each call, and how many times as far in the second run."""
RATE = re.compile(r"\bfps\b|/s(ec(ond)?)?\b|per[_ ]?s(ec(ond)?)?\b|speed|throughput", re.IGNORECASE)
"""A line that tells a speed."""
LOGGED = re.compile(rf"(?:{RATE.pattern})[^\s,:]*: \w+\[\] \S+$", re.IGNORECASE)
"""A single number of an event file, under the name of a speed."""
COARSE = 0.5
"""From which width of rounding, relative to the number, it has too few digits."""
MOST_TOLD = 12
PURPOSE = "with a clock of our own, to see whether only times differ"
NOT_TRIED = "whether it is a time was not tried, since the replay was interrupted"
OTHER_WORDS = "other words are printed, or more than is examined"
UNTRIED = "whether it is a time could not be tried, since a run under another clock failed"
STDERR_LEFT_OUT = "stderr was not compared: its lines or words differ from run to run"
TIMED = (
    "operations compute on durations ({name} at {source}, {count} in all): what is read from them is {factor:g} times"
    " as large, or as small, under a clock that is so many times as fast"
)
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
    undecided: bool = False
    """Whether it may be times or results, since no further run could be made."""
    timed: Timed | None = None
    """The operations that differ, if they compute on durations alone."""

    @property
    def notes(self) -> list[str]:
        """What limits the verdict, or explains it."""
        counts = "what is printed differs" if self.undecided else "what is printed counts as a result"
        why = [f"{counts}: {self.why}"] if self.why and self.results else []
        timed = [_told_timed(self.timed)] if self.timed else []
        return [*why, *timed, *([STDERR_LEFT_OUT] if self.stderr_left_out else [])]

    @property
    def nothing_else(self) -> bool:
        """Whether all that differs is times."""
        return bool(self.only_times or self.timed) and not self.why


def found_in(base: Sequence[Run], make: Runner | None, *, steps_differ: bool = False) -> TextFinding:
    """
    What differs between the baseline runs' outputs.

    Their operations are equal, or with `steps_differ` differ in single numbers that may be durations. `make` is called
    for at most two further runs, where differing amounts may be durations; without it that is left undecided.
    """
    files = differing_texts(base)
    same = len({run.stdout.sha256 for run in base}) == len({run.stderr.sha256 for run in base}) == 1 and not files
    if same and not steps_differ:
        return TextFinding()
    stdout, stderr = (texts_of(base, name) for name in STREAMS)
    if stdout is None:
        return TextFinding(why=OTHER_WORDS)
    read = [stdout, *([stderr] if stderr else []), *files]
    left_out = stderr is None
    differing = [(one, place) for one in read for place in one.differing()]
    told = _once(_told(one, place, _kind(one, place)) for one, place in differing)
    if not steps_differ and all(from_gauges(one.at(place), base) for one, place in differing):
        return TextFinding(told, stderr_left_out=left_out)
    if make is None:
        return TextFinding(results=told, stderr_left_out=left_out, why=NOT_TRIED, undecided=True)
    found = _against_clocks(base, read, make, steps_differ=steps_differ)
    left_out = left_out or found.stderr_left_out
    if found.why:
        computed = tuple(one.model_copy(update={"kind": "computed"}) for one in told)
        return replace(
            found,
            results=found.results or computed,
            stderr_left_out=left_out,
        )
    return TextFinding(told, stderr_left_out=left_out, timed=found.timed)


def _told_timed(timed: Timed) -> str:
    source = timed.source
    where = f"{source.file}:{source.line}" if source and source.known else "an unknown line"
    return TIMED.format(name=timed.name, source=where, count=len(timed.digests), factor=FASTER)


def _kind(texts: StreamTexts, place: Place) -> Literal["time", "identity"]:
    """Of a token that is no result: whether it names something, or tells a time or another gauge."""
    names = all(token.kind in {"address", "temporary", "identity"} or token.process for token in texts.at(place))
    return "identity" if names else "time"


def _told(
    texts: StreamTexts, place: Place, kind: Literal["computed", "time", "identity"] = "computed"
) -> DifferingText:
    lines = [run[place.line] for run in texts.lines]
    other = next((line.text for line in lines[1:] if line.text != lines[0].text), lines[0].text)
    return DifferingText(stream=texts.name, line=lines[0].number, first=lines[0].text, second=other, kind=kind)


def _once(lines: Iterable[DifferingText]) -> tuple[DifferingText, ...]:
    """Each line once, though several of its numbers differ."""
    return tuple({(one.stream, one.line, one.kind): one for one in reversed(list(lines))}.values())[::-1][:MOST_TOLD]


def _against_clocks(
    base: Sequence[Run], streams: Sequence[StreamTexts], make: Runner, *, steps_differ: bool
) -> TextFinding:
    """Why not all that differs is times, and what is none."""
    steps = (STEP_SECONDS, STEP_SECONDS * FASTER)
    under = [
        make({"clock": f"stepping:{step:.2f}"}, f"{PURPOSE}, {number} of 2")
        for number, step in enumerate(steps, start=1)
    ]
    for run in under:
        compared = compare_runs(base[0], run, search=False)
        if not compared.usable:
            return TextFinding(why=f"{UNTRIED} ({compared.note})")
        if compared.steps_differ and not steps_differ:
            return TextFinding(why="under another clock the program takes other steps")
    timed = follow_the_clock(base, under[0], under[1], FASTER) if steps_differ else None
    if steps_differ and timed is None:
        return TextFinding(why="operations differ that do not compute on durations alone")
    runs = [*base, *under]
    files = {one.name: one for one in differing_texts(runs)}
    found: list[DifferingText] = []
    left_out = False
    for stream in streams:
        texts = texts_of(runs, stream.name) if stream.name in STREAMS else files.get(stream.name)
        if texts is not None:
            plain, clocks = texts.of(slice(len(base))), texts.of(slice(len(base), None))
            found += [_told(plain, place) for place in texts.differing() if _is_result(plain, clocks, place, base)]
        elif stream.name == "stderr" and all(may_differ(stream.at(place), base) for place in stream.differing()):
            left_out = True  # libraries log more or less of what takes long
        else:
            does = "prints" if stream.name in STREAMS else "writes"
            return TextFinding(why=f"under another clock the program {does} other words")
    why = "it does not follow the clock" if found else ""
    return TextFinding(results=_once(found), why=why, stderr_left_out=left_out, timed=timed)


def _is_result(plain: StreamTexts, clocks: StreamTexts, place: Place, base: Sequence[Run]) -> bool:
    """Whether a token that differs somewhere is none of a time, a gauge, and a bar that was not full."""
    tokens, (slow, fast) = plain.at(place), clocks.at(place)
    if any(token.passing for token in (*tokens, slow, fast)):
        return False
    if len({token.text for token in tokens}) == 1:  # it may move with our clocks only as a date or a duration does
        return slow.text != fast.text and slow.kind == "amount" and not follows_clock(slow, fast)
    if from_gauges(tokens, base):
        return False
    if follows_clock(slow, fast) and (_has_digits(slow) or _fit(tokens, base)):
        return False
    if _is_cut_off_speed(plain.lines[0][place.line].text, slow, fast):
        return False
    return slow.text != fast.text or not any(token.interim for token in tokens)


def _has_digits(token: Token) -> bool:
    """Whether it has digits enough that "three times as large" says something."""
    return token.value is not None and token.high - token.low <= COARSE * abs(token.value)


def _fit(tokens: Sequence[Token], base: Sequence[Run]) -> bool:
    """Whether each is a duration by its unit, and none lasted longer than its run."""
    return all(
        token.least_seconds is not None and token.least_seconds <= run.seconds
        for token, run in zip(tokens, base, strict=True)
    )


def follows_clock(slow: Token, fast: Token) -> bool:
    """Whether a token is a duration or a rate: three times as large, or a third, under the faster clock."""
    if slow.value is None or fast.value is None:
        return slow.kind == fast.kind == "amount" and slow.timely and fast.timely  # no rate yet: ?it/s
    if slow.value == fast.value and not (slow.timely and fast.timely):
        return False  # 0.0 is three times 0.0, whatever it is
    return _times(slow, fast, FASTER) or _times(fast, slow, FASTER)


def _is_cut_off_speed(line: str, slow: Token, fast: Token) -> bool:
    """Whether both are speeds in whole numbers, three times as large but for what was cut off."""
    values = [one.value for one in (slow, fast) if one.value is not None and one.value.is_integer()]
    named = LOGGED.search(line) if not slow.timely else RATE.search(line)
    if len(values) < 2 or not named:
        return False
    small, large = sorted(values)
    return abs(FASTER * small - large) <= FASTER + 1


def _times(small: Token, large: Token, factor: float) -> bool:
    """Whether one can be so many times the other, as far as their digits go."""
    slack = ROUNDING * max(abs(large.value or 0.0), factor * abs(small.value or 0.0))
    return factor * small.low - slack <= large.high and large.low <= factor * small.high + slack
