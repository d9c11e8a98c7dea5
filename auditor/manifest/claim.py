"""A reported number that was judged by runs (`auditor claim`)."""

from __future__ import annotations

from typing import Literal

from .parts import Part, Sha256


class Claim(Part):
    """A number that a paper reports, the runs that were made for it, and whether they confirm it."""

    verdict: Literal["confirmed", "not-confirmed", "too-few-runs"]
    """
    `confirmed`: the runs give the number; `not-confirmed`: they give another one; `too-few-runs`: they cannot tell.
    """
    metric: str
    """The regular expression whose first group is the metric in a run's stdout; the last match counts."""
    reported: str
    """The mean as it is reported, and the spread if there is one; how many digits are written counts."""
    spread: Literal["", "sd", "sem", "range"] = ""
    """The definition of the reported spread: standard deviation, standard error, or largest minus smallest value."""
    reported_runs: int
    """Runs behind the reported figures."""
    rule: Literal["same-seeds", "other-seeds"]
    """
    Whether the runs have the seeds of the reported ones, and must give its digits; or others, and the reported mean
    must lie within the 95 % prediction interval.
    """
    seeds: list[str]
    """The seed of each run."""
    seed_argument: str
    """The argument that carried the seed; {} stands for it."""
    command: list[str]
    """What was run, without that argument. It is told and never run from a manifest."""
    values: list[str]
    """The metric of each run, as `float.hex()`."""
    mean: str
    """The mean of the runs, as `float.hex()`."""
    own_spread: str = ""
    """Their spread in the definition of the reported one (`sd` if none is reported), as `float.hex()`."""
    differs: list[Literal["mean", "spread"]] = []
    """What of the reported figures the runs do not confirm."""
    divisor: Literal["", "n-1", "n"] = ""
    """Same seeds: the divisor of the variance with which the standard deviation gives the reported digits."""
    low: str = ""
    """Other seeds: the lower end of the interval, as `float.hex()`."""
    high: str = ""
    """Its upper end."""
    power: str = ""
    """The probability of seeing a shift of one reported standard deviation, as `float.hex()`."""
    visible: str = ""
    """The smallest shift of the mean that is seen with a power of 80 %, as `float.hex()`."""
    needed: int | None = None
    """Of too few runs: how many would suffice. None where no number would, since too few runs are behind the report."""
    alike: bool = False
    """Whether all runs gave the same value though their seeds differ."""
    notes: list[str] = []
    """What else a reader should know of the runs."""
    traces: dict[str, Sha256] = {}
    """The packed traces of the runs: name to digest. They are also subjects of the manifest."""
    again_of: Sha256 | Literal[""] = ""
    """The digest of the manifest whose claim was judged again; empty if it was stated on the command line."""
