"""What is asked of runs: the reported number, how the runs print theirs, and with which seeds they are made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import UsageError
from .reported import Kind, Stated, stated
from .rule import Judgement, other_seeds, same_seeds

SEED = re.compile(r"-?[0-9]{1,20}", re.ASCII)
MOST_SEEDS = 1000
EXAMPLE = "For example: --seeds 5 --seed-arg '--seed={}', or --seed-values 0,1,2,3,4 where the paper gives its seeds."


@dataclass(frozen=True)
class Asked:
    """One claim and the runs that judge it."""

    metric: str
    """The regular expression whose first group is the metric."""
    reported: str
    """Mean and spread as they were written."""
    kind: Kind | None
    """The definition of the spread; None without one."""
    stated: Stated
    seeds: tuple[str, ...]
    same_seeds: bool
    """Whether these are the seeds of the reported runs."""
    seed_argument: str

    def judge(self, values: Sequence[float]) -> Judgement:
        """The verdict on the values of these runs. Raises UsageError for one that is no metric."""
        return (same_seeds if self.same_seeds else other_seeds)(self.stated, values)


def asked(
    *,
    metric: str,
    reported: str,
    kind: Kind | None,
    reported_runs: int | None,
    seeds: int,
    seed_values: str,
    seed_argument: str,
) -> Asked:
    """
    The claim of the command line; with `seed_values`, the seeds of the paper, else the seeds from 0 on.

    Raises UsageError where something is missing, malformed or contradicts something else.
    """
    given = parsed_seeds(seed_values) if seed_values else ()
    if not given and not seeds:
        raise UsageError("nothing says with which seeds to run", f"Nothing was run. {EXAMPLE}")
    if given and seeds and seeds != len(given):
        raise UsageError(
            f"--seeds {seeds} contradicts the {len(given)} --seed-values", "Nothing was run. Leave --seeds out."
        )
    if given and reported_runs not in {None, len(given)}:
        raise UsageError(
            f"--reported-runs {reported_runs} contradicts the {len(given)} --seed-values, one for each reported run",
            "Nothing was run. Give the seeds of all reported runs; or leave --seed-values out and give --seeds, and the"
            " runs are judged as runs with other seeds.",
        )
    if not given and reported_runs is None:
        raise UsageError(
            "nothing says how many runs are behind the reported number",
            "Nothing was run. Give --reported-runs, as the paper says it (1 if it reports a single run).",
        )
    return Asked(
        metric=metric,
        reported=reported,
        kind=kind,
        stated=stated(reported, kind, reported_runs or len(given)),
        seeds=given or tuple(map(str, range(seeds))),
        same_seeds=bool(given),
        seed_argument=seed_argument,
    )


def parsed_seeds(text: str) -> tuple[str, ...]:
    """The seeds of `0,1,2`. Raises UsageError for what is no list of different integers."""
    return checked_seeds([one.strip() for one in text.split(",")])


def checked_seeds(seeds: Sequence[str]) -> tuple[str, ...]:
    """The same seeds: each an integer, none twice. Raises UsageError."""
    wrong = next((one for one in seeds if not SEED.fullmatch(one)), None)
    if wrong is not None:
        raise UsageError(f"a seed is no integer: {wrong[:40]!a}", f"Nothing was run. {EXAMPLE}")
    if len({int(one) for one in seeds}) < len(seeds):
        raise UsageError("a seed is given twice", "Nothing was run. A run that is made twice is one run.")
    if len(seeds) > MOST_SEEDS:
        raise UsageError(f"there are more than {MOST_SEEDS} seeds", "Nothing was run.")
    return tuple(seeds)
