"""
One replay: base runs, the origin, its cause by counterfactuals, what the experiment depends on, and the verdict.

The runs are the program's own: nothing is changed in them but what a counterfactual says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from . import result
from .cause import backtrack, by_statement, sensitivity
from .cause import inside_region as zoom
from .cause.counterfactual import explain
from .cause.hypotheses import hypotheses
from .cause.run_pair import Pair, pair
from .cause.usual_run import MOST_SEARCHES, Seen, among, search, seen_in
from .evidence import metric as metrics
from .evidence import reproducer
from .evidence.distances import Amounts, dump_of, measure
from .model import Result, Spread, Verdict
from .provenance.origin_model import Origin
from .runs.recorded import frameworks_of
from .runs.run import Run, Setup
from .runs.run import run as run_once

LEAST_RUNS = 2
LEAST_PATIENCE_SECONDS, PATIENCE = 120.0, 20
"""Without --timeout, a run may take this long and this many times the slowest plain run before it."""
HIDDEN = (
    f"the divergence did not show in {MOST_SEARCHES + 1} runs with details, which are slower: it is rare, or they hide"
    " it; the first step that differs is that of the runs as they are, where inputs are not recorded"
)
MOST_DUMPS = 4
"""Runs until two have kept other outputs of the operation where it begins."""


@dataclass(frozen=True)
class Options:
    """What a replay is asked to do."""

    command: Sequence[str]
    scratch: Path
    runs: int = 3
    vary: Sequence[str] = ()
    files: Sequence[str] = ()
    timeout_seconds: float | None = None
    allow_failure: bool = False
    explain: bool = True
    """Whether the cause is looked for once runs have diverged."""
    metric: str = ""
    seeds: int = 0
    seed_argument: str = ""
    reproducer: Path | None = None
    """The folder to make for a script that shows the divergence alone."""
    zoom: bool = True
    """Whether a guilty compiled region is evaluated operation by operation."""
    portable: bool = False
    show: bool = True
    """Whether the first run's output is passed through."""


class Session:
    """
    A replay in progress; `announce` is told what each run is for.

    Raises KeyboardInterrupt when we are told to stop while a run is made; everything of that run is ended by then.
    """

    def __init__(self, options: Options, announce: Callable[[str], None]) -> None:
        self.options = options
        self.base: list[Run] = []
        self.problems: list[str] = []
        self._announce = announce
        self._count = 0
        self._dump: Mapping[str, str | int] | None = None
        self._dumped: list[Path] = []
        self._place: zoom.Place | None = None
        self._found = result.Found()

    # ----------------------------------------------------------------------------------------------------- runs

    def _run(
        self,
        settings: Mapping[str, str],
        purpose: str,
        *,
        detail: bool,
        more: Sequence[str] = (),
        tier: Literal["lines"] | None = None,
    ) -> Run:
        self._count += 1
        self._announce(f"run {self._count}: {purpose}")
        setup = Setup(
            folder=self.options.scratch / f"run-{self._count:03d}",
            settings=dict(settings),
            tier=tier or ("detail" if detail else "base"),
            portable=self.options.portable,
            files=tuple(self.options.files),
            timeout_seconds=self.options.timeout_seconds or self._patience(),
            show=self._count == 1 and self.options.show,
            dump=self._dump if detail and not settings else None,
            zoom=self._place,
        )
        made = run_once([*self.options.command, *more], setup)
        if made.interrupted:
            raise KeyboardInterrupt
        if setup.dump and (kept := dump_of(made.folder)):
            self._dumped.append(kept)
        return made

    def _patience(self) -> float | None:
        """For what is run after the command has once ended: a factor can stop a program for ever."""
        slowest = max((run.seconds for run in self.base), default=0.0)
        return LEAST_PATIENCE_SECONDS + PATIENCE * slowest if slowest else None

    def _plain(self, settings: Mapping[str, str], purpose: str) -> Run:
        return self._run(settings, purpose, detail=False)

    def _detail(self, settings: Mapping[str, str], purpose: str) -> Run:
        return self._run(settings, purpose, detail=True)

    def _lines(self, settings: Mapping[str, str], purpose: str) -> Run:
        return self._run(settings, f"{purpose}, statement by statement", detail=True, tier="lines")

    def _zoomed(self, place: zoom.Place, purpose: str) -> Run:
        """A run in which that region is evaluated operation by operation."""
        self._place = place
        try:
            return self._detail({}, purpose)
        finally:
            self._place = None

    def record(self) -> Run:
        """One run, for its trace alone."""
        return self._plain({}, "recording")

    def run(self) -> Result:
        """Everything; returns the result. The traces stay in the scratch folder until the caller removes it."""
        wanted = max(LEAST_RUNS, self.options.runs)
        for number in range(wanted):
            self.base.append(self._plain({}, f"as it is, {number + 1} of {wanted}"))
            if self._stops(self.base[-1]):
                return self._result("inconclusive")
        pairs = [pair(self.base[0], other, search=False) for other in self.base[1:]]
        self.problems += list(dict.fromkeys(one.note for one in pairs if not one.usable))
        diverged = any(one.differs for one in pairs)
        if not all(map(result.processes_recorded, self.base)):
            self.problems.append(result.UNRECORDED)
        seen = seen_in(self.base) if diverged else None
        verdict = self._diverged(seen) if seen else self._identical(pairs)
        rate = seen.rate if seen else None
        self._found.sensitivity = [*sensitivity.table(self._plain, self.base[0], self.options.vary, rate)]
        self._found.metric = self._metric()
        return self._result(verdict)

    def _stops(self, run: Run) -> bool:
        """Whether this run makes the replay inconclusive by itself."""
        if run.timed_out:
            self.problems.append("the command did not end in time and was ended (--timeout)")
        elif run.exit_code and not self.options.allow_failure:
            told = f"the command failed with exit code {run.exit_code}: runs that fail alike prove nothing"
            self.problems.append(f"{told} (--allow-failure compares them all the same)")
        else:
            return False
        return True

    # ------------------------------------------------------------------------------------------------- verdicts

    def _result(self, verdict: Verdict) -> Result:
        return result.build(verdict, self.base, self.problems, self._found)

    def _identical(self, pairs: Sequence[Pair]) -> Verdict:
        self.problems += result.beside(pairs)
        whole = result.UNRECORDED not in self.problems
        if not result.compared_anything(self.base[0]):
            self.problems.append(
                "nothing was compared: no operation of a framework ran, nothing was printed, and --files names no file"
            )
            return "inconclusive"
        return "identical" if whole and all(one.usable for one in pairs) else "inconclusive"

    def _diverged(self, before: Seen) -> Verdict:
        self._found.rate = before.rate
        if not self.options.explain:
            return "diverged"
        explained = self._explained(before)
        self.problems += explained.notes
        found = explained.found
        base, origin, proofs = explained.found.base, explained.found.origin, explained.proofs
        proven = next((proof for proof in proofs if proof.proven), None)
        rejected = [proof.tried for proof in proofs if not proof.proven]
        amounts = self._amounts(origin)
        self._found.divergence = (
            result.divergence(base, origin, proven, rejected, amounts) if origin else result.of_output(proven, rejected)
        )
        if proven and origin and (made := backtrack.made_at(self._lines, origin, proven.hypothesis)):
            self._found.divergence = result.traced_back(self._found.divergence, made)
        zoomed = zoom.zoom(self._zoomed, base, origin) if origin and self.options.zoom else None
        self._found.divergence = zoom.told(self._found.divergence, zoomed)
        self._found.remedy = result.remedy(proven, origin, base, found.seconds, rejected)
        self._reproduce(origin, base, zoomed.step if zoomed else None)
        return "diverged"

    def _explained(self, before: Seen) -> by_statement.Explained:
        """Where it begins and why: from runs with details, or from those without where these do not diverge."""
        found = search(self._detail)
        if found is None:
            self.problems.append(HIDDEN)
            found = among(self.base)
            tried = hypotheses(found.origin, frameworks_of(found.base))
            return by_statement.Explained(found, explain(self._plain, tried, found, before))
        if found.origin is None or by_statement.is_unread(found.origin):
            return by_statement.explain(self._detail, self._lines, found, before)
        if reproducer.can_be_kept(found.origin.name):
            key, name = found.origin.key, found.origin.name
            self._dump = {"lineage": key.lineage, "ordinal": key.ordinal, "at": found.origin.at, "name": name}
        tried = hypotheses(found.origin, frameworks_of(found.base))
        return by_statement.Explained(found, explain(self._detail, tried, found, before))

    # ------------------------------------------------------------------------------------------------ how much

    def _amounts(self, origin: Origin | None) -> Amounts | None:
        """By how much the outputs differ, from two runs that kept them; None for what the recorder cannot keep."""
        if self._dump is None or origin is None or origin.evidence == "draw-unseeded":
            return None
        made = 0
        while True:
            found = next(filter(None, map(self._apart, self._dumped[1:])), None)
            if found or made >= MOST_DUMPS or (made and not self._dumped):
                return found
            self._detail({}, "with the inputs and outputs of that operation kept")
            made += 1

    def _apart(self, other: Path) -> Amounts | None:
        amounts = measure(self._dumped[0], other)
        return amounts if amounts and amounts.differs else None

    def _reproduce(self, origin: Origin | None, base: Run, step: zoom.Step | None) -> None:
        if self.options.reproducer is None:
            return
        if origin and step and reproducer.can_be_kept(step.name):
            origin = self._inside(origin, base, step)
        elif self._dump is not None and not self._dumped:
            self._detail({}, "with the inputs of that operation kept")
        dump = self._dumped[0] if self._dumped else None
        self._announce("running the reproducer")
        cause = self._found.divergence.cause if self._found.divergence else "unknown"
        made = reproducer.make(self.options.reproducer, origin, dump, self.options.command, cause)
        self._found.reproducer = made

    def _inside(self, origin: Origin, base: Run, step: zoom.Step) -> Origin:
        """The guilty operation inside a region, its inputs kept where the region is evaluated."""
        place = zoom.place_of(base, origin)
        self._dump = {"lineage": origin.key.lineage, "ordinal": origin.key.ordinal, "at": step.at}
        self._dumped = []
        if place:
            self._zoomed(place, f"with the inputs of {step.name} kept")
        return replace(origin, name=step.name, source=step.source)

    # ---------------------------------------------------------------------------------------------- the number

    def _metric(self) -> Spread | None:
        if not self.options.metric:
            return None
        arguments = [self.options.seed_argument.replace("{}", str(seed)) for seed in range(self.options.seeds)]
        more = [self._run({}, f"with {one}", detail=False, more=[one]) for one in arguments]
        found = metrics.spread(self.options.metric, self.base, more)
        if len(found.repeats) < len(self.base):
            self.problems.append(f"the metric was not found in every run's output: {self.options.metric}")
        return found
