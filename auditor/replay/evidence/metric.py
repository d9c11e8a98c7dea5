"""
The metric that the user named, read from what the runs printed, and the runs with other seeds.

A regular expression can take for ever on a text, and one of a manifest is a stranger's: it is searched for in a process
of its own, whose CPU time is limited.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...errors import AuditorError, UsageError
from ..model import Spread
from ..runs.run import Run
from ..runs.runner import ExperimentRunner

MOST_BYTES = 64 * 1024 * 1024
"""Limit of the output that is searched: its end, since the last match counts."""
MOST_CHARACTERS = 1000
"""Limit of the expression."""
CPU_SECONDS = 20
"""Limit of one search; an expression as people write it needs about a second for `MOST_BYTES`."""
PLACE = "{}"
"""What stands for the seed in the seed argument."""
SEARCH = """
import json, re, resource, sys
pattern, most_bytes, seconds = json.loads(sys.argv[1])
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
count, last, texts, span = 0, None, set(), (0, 0)
printed = sys.stdin.buffer.read(most_bytes).decode("utf-8", "replace")
for match in re.finditer(pattern, printed):
    count, last, span = count + 1, (match.group(1) or "")[:400], match.span(1)
    if len(texts) < 2:
        texts.add(last)
before, after = printed[max(0, span[0] - 2):max(0, span[0])], printed[span[1]:span[1] + 20]
cut = re.search(r"[0-9][.]?$|(^|[^.])[.]$", before) or re.match(r"[.]?[0-9]|[eE][-+]?[0-9]", after)
if re.fullmatch(r"[-+]?[0-9]+", last or ""):  # 1,230.5 and 0,91 are one number; 3,0.91 and 0.91,3 are a row of a table
    cut = cut or re.match(r",[0-9]{3}(?![0-9])|,[0-9]+(?![0-9.])", after)
whole = printed[max(0, span[0] - 20):span[1] + 20] if cut and last else ""
print(json.dumps([count, last, len(texts) > 1, whole]))
"""


@dataclass(frozen=True)
class Reading:
    """The metric of one run."""

    value: float | None
    """The last match in the run's stdout; None without one, or if it is no number. It may be infinite or no number."""
    text: str = ""
    """As it is printed."""
    matches: int = 0
    """How often it is printed; the last one counts."""
    various: bool = False
    """Whether these matches differ."""
    problem: str = ""
    """Why there is no value."""


def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern, whose first group is the number. Raises UsageError for an invalid one."""
    if len(pattern) > MOST_CHARACTERS:
        raise UsageError(f"--metric is longer than {MOST_CHARACTERS} characters", "For example: 'loss=([0-9.]+)'.")
    try:
        found = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as problem:
        raise UsageError(
            f"--metric is not a regular expression: {problem}", "For example: 'loss=([0-9.]+)'."
        ) from problem
    if found.groups < 1:
        raise UsageError("--metric has no group", "Put the number into parentheses, for example 'loss=([0-9.]+)'.")
    return found


def spread(pattern: str, repeats: Sequence[Reading], seeds: Sequence[Reading]) -> Spread:
    """The metric over the baseline runs, and over runs with other seeds."""
    return Spread(pattern=pattern, repeats=values(repeats), seeds=values(seeds))


def values(readings: Sequence[Reading]) -> list[float]:
    """The numbers that were found."""
    return [one.value for one in readings if one.value is not None]


def read(pattern: str, run: Run) -> Reading:
    """The last match in the run's stdout, as a number."""
    asked = json.dumps([compiled(pattern).pattern, MOST_BYTES, CPU_SECONDS])
    with run.stdout.path.open("rb") as printed:
        printed.seek(max(0, run.stdout.path.stat().st_size - MOST_BYTES))
        child = subprocess.run(
            [sys.executable, "-I", "-S", "-c", SEARCH, asked], stdin=printed, capture_output=True, check=False
        )
    if child.returncode < 0:
        return Reading(
            None,
            problem=f"searching the output for the metric took more than {CPU_SECONDS} s: its expression backtracks",
        )
    if child.returncode:
        told = child.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise AuditorError(f"the output of a run could not be searched for the metric: {told}", "Nothing was judged.")
    count, text, various, whole = json.loads(child.stdout)
    if text is None:
        return Reading(None, problem="its output holds no match of the metric's expression")
    if whole:
        return Reading(
            None,
            text,
            count,
            various,
            f"the metric's expression takes only {text[:40]!a} of the number in {whole!a}: let its group take all"
            " of it, for example ([-+0-9.eE]+)",
        )
    try:
        return Reading(float(text), text, count, various)
    except ValueError:
        return Reading(None, text, count, various, f"the metric that it printed is no number: {text[:40]!a}")


def seed_arguments(argument: str, seeds: Sequence[str]) -> list[str]:
    """The argument with each of the seeds. Raises UsageError if nothing in it stands for the seed."""
    if PLACE not in argument:
        raise UsageError(
            f"--seed-arg has no {PLACE}, so every run would have the same arguments",
            f"Nothing was run. Write {PLACE} for the seed, for example: --seed-arg '--seed={PLACE}'.",
        )
    return [argument.replace(PLACE, seed) for seed in seeds]


def seeded(runs: ExperimentRunner, arguments: Sequence[str], *, facts: bool = False) -> Iterator[Run]:
    """A run with each of these arguments added; the first one with the facts of its processes, if wanted."""
    for number, argument in enumerate(arguments):
        yield runs.run({}, f"with {argument}", more=[argument], facts=facts and number == 0)
