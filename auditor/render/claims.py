"""Reported numbers that runs were judged against (`auditor claim`): verdicts, a table, and rows, for every report."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from ..claim.reported import parsed
from ..errors import AuditorError
from ..manifest.models import Claim
from ..quoting.inert import hex_float, shortened
from .claim_recorded import follows

WORDS = {
    "confirmed": "CONFIRMED",
    "not-confirmed": "NOT CONFIRMED",
    "too-few-runs": "TOO FEW RUNS TO TELL",
    "contradicted": "NOT AS RECORDED",
}
"""
Verdict to what it says. `contradicted` stands in no manifest: by the rule, its values do not give its verdict.
"""
SPREADS = {"sd": "standard deviation", "sem": "standard error", "range": "largest minus smallest value"}
DIVISORS = {"": "", "n": " with divisor n", "n-1": " with divisor n - 1"}
COLUMNS = ("Reported", "Runs give", "Judged by", "Verdict")
"""Of the table of claims."""
ALIKE = "all runs gave the same value: the metric does not vary, or their seeds do not reach it"
ASKED_POWER = "80 %"
LEAST_DIGITS, MOST_DIGITS = 6, 17
SHOWN_VALUES = 20


def word(one: Claim) -> str:
    """The verdict that its own values bear out; `contradicted` if they do not give the recorded one."""
    return one.verdict if follows(one) else "contradicted"


def number(text: str, one: Claim | None = None) -> str:
    """
    A figure of the manifest with six digits; `n/a` for what a stranger wrote in its place.

    With a claim: so many digits that two more than the last reported one are there.
    """
    found = hex_float(text)
    if found is None:
        return "n/a"
    return f"{found:.{_digits(found, one) if one else LEAST_DIGITS}g}"


def _digits(value: float, one: Claim) -> int:
    try:
        unit = float(parsed(one.reported)[0].unit)
        needed = math.ceil(math.log10(abs(value) / unit)) + 2
    except (AuditorError, ArithmeticError, ValueError):
        return LEAST_DIGITS
    return min(max(LEAST_DIGITS, needed), MOST_DIGITS)


def table(claims: Sequence[Claim]) -> list[tuple[str, str, str, str]]:
    """One row for each claim, under `COLUMNS`."""
    return [(_reported(one), _given(one), judged_by(one), WORDS[word(one)].lower()) for one in claims]


def verdict(one: Claim) -> str:
    """The verdict in a sentence, with the figures that decide it."""
    return f"{WORDS[word(one)]}: {shortened(_why(one))}."


def _why(one: Claim) -> str:
    if not follows(one):
        said = WORDS[one.verdict].lower()
        return f"the manifest says {said}, and by the rule the values in it do not give that. Run it again"
    if one.rule == "same-seeds":
        return _of_same_seeds(one)
    if not hex_known(one.low, one.high):
        return _without_interval(one)
    where = f"{number(one.low, one)} to {number(one.high, one)}, {_expected(one)}"
    reported = f"the mean of the reported {_mean(one)}"
    if one.verdict == "not-confirmed":
        return f"{reported} lies outside of {where}, whose mean is {number(one.mean)}"
    power = f"a shift of {_one(one)} would be seen with a probability of {percent(one.power)}"
    if one.verdict == "confirmed":
        return f"{reported} lies within {where}; {power}"
    return f"nothing speaks against {reported}, which lies within {where}; but {power} only ({ASKED_POWER} is asked)"


def _of_same_seeds(one: Claim) -> str:
    gave = f"{_runs(one)} with the reported seeds gave"
    if one.verdict == "confirmed":
        return f"{gave} the reported digits, {_reported(one, DIVISORS[one.divisor])}"
    wrong = " and the ".join(one.differs) or "figures"
    verb = "differs" if len(one.differs) == 1 else "differ"
    return f"{gave} {_given(one)}, and {_reported(one)} is reported: the {wrong} {verb}"


def _without_interval(one: Claim) -> str:
    if one.verdict == "confirmed":
        return f"the report says that the metric does not vary, and {_runs(one)} gave its digits, {_mean(one)}"
    return "neither the report nor the runs tell how much the metric varies from run to run"


def _expected(one: Claim) -> str:
    of = "a run" if one.reported_runs == 1 else f"the mean of {one.reported_runs} runs"
    return f"the 95 % prediction interval for {of}, from {_runs(one)} with other seeds"


def advice(one: Claim) -> Iterator[str]:
    """Sentences on what limits the verdict, and what to do."""
    if one.alike:
        what = ". Runs with other seeds count as one run then" if one.rule == "other-seeds" else ""
        yield f"{ALIKE[0].upper()}{ALIKE[1:]}{what}. Check the seed argument, {one.seed_argument!r}."
    if one.verdict == "too-few-runs":
        yield from _what_would_suffice(one)
    yield from one.notes


def _what_would_suffice(one: Claim) -> Iterator[str]:
    if hex_known(one.visible):
        yield f"The smallest shift that these runs show with a power of {ASKED_POWER}: {number(one.visible)}."
    if one.needed is not None:
        yield f"With {one.needed} runs (--seeds {one.needed}) the power would be {ASKED_POWER}."
    elif not one.alike and hex_known(one.visible):
        yield (
            f"No number of further runs would suffice: the reported mean is too uncertain itself, by its"
            f" {one.reported_runs} run{_s(one.reported_runs)} or by its digits. Where the paper gives its seeds,"
            " --seed-values compares digits."
        )


def rows(one: Claim) -> list[tuple[str, str]]:
    """Rows about one claim; empty ones are left out."""
    values = [number(value, one) for value in one.values[:SHOWN_VALUES]]
    more = f" and {len(one.values) - SHOWN_VALUES} more" if len(one.values) > SHOWN_VALUES else ""
    interval = f"{number(one.low, one)} to {number(one.high, one)}" if hex_known(one.low, one.high) else ""
    told = [
        ("Reported", f"{_reported(one)}, {one.reported_runs} run{_s(one.reported_runs)}"),
        ("Runs give", _given(one)),
        ("Values", f"{', '.join(values)}{more}"),
        ("Seeds", ", ".join(one.seeds)),
        ("Judged by", judged_by(one)),
        ("Expected (95 %)", interval),
        (f"Power for a shift of {_one(one)}", percent(one.power) if one.power else ""),
        ("Smallest shift seen with a power of 80 %", number(one.visible) if one.visible else ""),
        ("Metric", f"{one.metric} (the last match counts)"),
        ("Command", " ".join([*one.command, one.seed_argument])),
        *((f"Trace {name}", f"sha256:{digest}") for name, digest in sorted(one.traces.items())),
        ("Judged again from", f"sha256:{one.again_of}" if one.again_of else ""),
    ]
    limits = [("Limitation", shortened(text)) for text in advice(one)]
    return [(shortened(name), shortened(value)) for name, value in told if value] + limits


def judged_by(one: Claim) -> str:
    """The rule in a few words."""
    if one.rule == "same-seeds":
        return "same seeds: the reported digits"
    return (
        "other seeds: 95 % prediction interval" if hex_known(one.low, one.high) else "other seeds: the reported digits"
    )


def hex_known(*texts: str) -> bool:
    """Whether all of these are figures."""
    return all(hex_float(text) is not None for text in texts)


def percent(text: str) -> str:
    """A probability of the manifest, never rounded up."""
    found = hex_float(text)
    return "n/a" if found is None or not 0 <= found <= 1 else f"{int(100 * found + 1e-9)} %"


def _reported(one: Claim, more: str = "") -> str:
    return shortened(f"{one.reported}{f' ({SPREADS[one.spread]}{more})' if one.spread else ''}", 160)


def _mean(one: Claim) -> str:
    return shortened(one.reported, 80)


def _given(one: Claim) -> str:
    kind = one.spread or "sd"
    apart = f" ± {number(one.own_spread)} ({SPREADS[kind]})" if one.own_spread else ""
    return f"{number(one.mean, one)}{apart}, {_runs(one)}"


def _one(one: Claim) -> str:
    return "one reported standard deviation" if one.spread else "one standard deviation of these runs"


def _runs(one: Claim) -> str:
    return f"{len(one.values)} run{_s(len(one.values))}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"
