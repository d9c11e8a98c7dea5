"""
One replay: base runs, the origin, its cause by counterfactuals, what the experiment depends on, and the verdict.

The runs are the program's own: nothing is changed in them but what a counterfactual says.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..factors import FACTORS
from ..rules.confidence import rate_bound_95
from . import metric as metrics
from .align import compare
from .experiment import Run, Setup
from .experiment import run as run_once
from .findings import Origin
from .hypotheses import Hypothesis, hypotheses
from .model import Confidence, Cure, Divergence, Line, Result, Sensitivity, Spread, Tried, Verdict
from .prove import Pair, Proof, outputs_differ, pair, try_it
from .trace import open_trace

LEAST_RUNS = 2
MOST_SEARCHES = 8
"""Runs in the detail tier until a divergence that the base runs showed shows again."""
INNOCENT = (
    "hash-seed",
    "memory-fill",
    "file-order",
    "address-layout",
    "task-order",
    "clock",
    "tmp",
    "locale",
    "time-zone",
)
VARIED = (*INNOCENT, "threads", "affinity", "isa", "onednn")
"""Factors that `--vary all` tries, the innocent ones first."""
VALUES = {"hash-seed": "1", "memory-fill": "85", "file-order": "reversed", "clock": "later"}
"""The value of a factor that is tried for sensitivity, where its first is not the one."""


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
    portable: bool = False
    show: bool = True
    """Whether the first run's output is passed through."""


class Session:
    """A replay in progress; `announce` is told what each run is for."""

    def __init__(self, options: Options, announce: Callable[[str], None]) -> None:
        self.options = options
        self.base: list[Run] = []
        self.problems: list[str] = []
        self._announce = announce
        self._count = 0

    # ----------------------------------------------------------------------------------------------------- runs

    def _run(self, settings: Mapping[str, str], purpose: str, tier: str = "detail", more: Sequence[str] = ()) -> Run:
        self._count += 1
        self._announce(f"run {self._count}: {purpose}")
        setup = Setup(
            folder=self.options.scratch / f"run-{self._count:03d}",
            settings=dict(settings),
            tier="base" if tier == "base" else "detail",
            portable=self.options.portable,
            files=tuple(self.options.files),
            timeout_seconds=self.options.timeout_seconds,
            show=self._count == 1 and self.options.show,
        )
        return run_once([*self.options.command, *more], setup)

    def _detail(self, settings: Mapping[str, str], purpose: str) -> Run:
        return self._run(settings, purpose)

    def record(self) -> Run:
        """One run, for its trace alone."""
        return self._run({}, "recording", tier="base")

    def run(self) -> Result:
        """Everything; returns the result. The traces stay in the scratch folder until the caller removes it."""
        for number in range(max(LEAST_RUNS, self.options.runs)):
            self.base.append(self._run({}, f"as it is, {number + 1} of {self.options.runs}", tier="base"))
            if self._stops(self.base[-1]):
                return self._result("inconclusive")
        pairs = [pair(self.base[0], other, search=False) for other in self.base[1:]]
        self.problems += list(dict.fromkeys(one.note for one in pairs if not one.usable))
        if not any(one.differs for one in pairs):
            return self._identical(pairs)
        return self._diverged(pairs)

    def _stops(self, run: Run) -> bool:
        """Whether this run makes the replay inconclusive by itself."""
        if run.timed_out:
            self.problems.append("the command did not end in time and was ended (--timeout)")
        elif run.interrupted:
            self.problems.append("interrupted")
        elif run.exit_code and not self.options.allow_failure:
            told = f"the command failed with exit code {run.exit_code}: runs that fail alike prove nothing"
            self.problems.append(f"{told} (--allow-failure compares them all the same)")
        else:
            return False
        return True

    # ------------------------------------------------------------------------------------------------- verdicts

    def _identical(self, pairs: Sequence[Pair]) -> Result:
        verdict: Verdict = "identical" if all(one.usable for one in pairs) else "inconclusive"
        return self._result(verdict, sensitivity=self._sensitivity(), metric=self._metric())

    def _diverged(self, pairs: Sequence[Pair]) -> Result:
        rate = sum(one.differs for one in pairs) / len(self.base)
        if not self.options.explain:
            return self._result("diverged", rate=rate, metric=self._metric())
        found = self._search()
        if found is None:
            told = f"the divergence did not show again in {MOST_SEARCHES} runs with details: it is rare"
            self.problems.append(told)
            return self._result("diverged", rate=rate, metric=self._metric())
        base, origin, share = found
        proofs = self._explain(base, origin, min(rate, share) if rate else share)
        proven = next((proof for proof in proofs if proof.proven), None)
        tried = [proof.tried for proof in proofs if not proof.proven]
        divergence = _divergence(base, origin, proven, tried) if origin else _of_output(proven, tried)
        return self._result(
            "diverged",
            divergence=divergence,
            remedy=self._remedy(proven, origin),
            rate=rate,
            metric=self._metric(),
        )

    def _search(self) -> tuple[Run, Origin | None, float] | None:
        """(the first detailed run, the origin, the share of runs that showed it); None if none diverged."""
        runs = [self._detail({}, "with details, to find where it begins")]
        shown = 0
        origin: Origin | None = None
        found = False
        for number in range(MOST_SEARCHES):
            runs.append(self._detail({}, f"with details, {number + 2}"))
            compared = pair(runs[0], runs[-1], search=True)
            if compared.usable and compared.differs:
                shown, found = shown + 1, True
                origin = origin or compared.origin
            if found and (shown >= LEAST_RUNS or number >= LEAST_RUNS):
                break
        return (runs[0], origin, shown / len(runs)) if found else None

    def _explain(self, base: Run, origin: Origin | None, rate: float) -> list[Proof]:
        proofs: list[Proof] = []
        for hypothesis in hypotheses(origin):
            proofs += try_it(self._detail, hypothesis, base, origin, rate)
            if proofs[-1].proven:
                break
        return proofs

    def _remedy(self, proven: Proof | None, origin: Origin | None) -> Cure | None:
        if proven is None:
            likely = next(iter(hypotheses(origin)), None)
            return _cure(likely, proven=False) if likely and origin else None
        plain = statistics.median(run.seconds for run in self.base)
        cost = statistics.median(proven.seconds) / plain if plain and proven.seconds else None
        cure = _cure(proven.hypothesis, proven=proven.hypothesis.factor != "memory-fill")
        return cure.model_copy(update={"cost": cost})

    # ------------------------------------------------------------------------------------------ what it depends on

    def _sensitivity(self) -> list[Sensitivity]:
        names = VARIED if "all" in self.options.vary else self.options.vary
        return [self._under(name, VALUES.get(name, FACTORS[name].values[0])) for name in names]

    def _under(self, name: str, value: str) -> Sensitivity:
        """One run under a factor alone, against the first."""
        changed = self._run({name: value}, f"with {name}={value} alone", tier="base")
        compared = pair(self.base[0], changed, search=False)
        if not compared.usable:
            return Sensitivity(factor=name, value=value, verdict="inconclusive", note=compared.note)
        if not compared.differs:
            return Sensitivity(factor=name, value=value, verdict="identical")
        return Sensitivity(factor=name, value=value, verdict="diverged", first=_first(self.base[0], changed))

    def _metric(self) -> Spread | None:
        if not self.options.metric:
            return None
        repeats = metrics.values(self.options.metric, self.base)
        more: list[Run] = []
        for seed in range(self.options.seeds):
            argument = self.options.seed_argument.replace("{}", str(seed))
            more.append(self._run({}, f"with {argument}", tier="base", more=[argument]))
        if len(repeats) < len(self.base):
            self.problems.append(f"the metric was not found in every run's output: {self.options.metric}")
        return Spread(pattern=self.options.metric, repeats=repeats, seeds=metrics.values(self.options.metric, more))

    # ---------------------------------------------------------------------------------------------------- result

    def _result(
        self,
        verdict: Verdict,
        *,
        divergence: Divergence | None = None,
        remedy: Cure | None = None,
        sensitivity: Sequence[Sensitivity] = (),
        metric: Spread | None = None,
        rate: float | None = None,
    ) -> Result:
        runs = len(self.base)
        changed = {name for other in self.base[1:] for name in outputs_differ(self.base[0], other)}
        bound = rate_bound_95(runs) if verdict == "identical" else None
        return Result(
            verdict=verdict,
            runs=runs,
            ops=_operations(self.base[0]),
            exit_codes=[run.exit_code for run in self.base],
            divergence=divergence,
            outputs_differ=sorted(changed),
            sensitivity=list(sensitivity),
            remedy=remedy,
            metric=metric,
            confidence=Confidence(runs=runs, rate_bound_95=bound, rate=rate),
            problems=self.problems,
            seconds=[round(run.seconds, 3) for run in self.base],
        )


def _operations(run: Run) -> int:
    with open_trace(run.folder) as trace:
        return trace.operations


def _first(one: Run, other: Run) -> str:
    """The first operation that differs between two runs, with its line; or what else does."""
    with open_trace(one.folder) as left, open_trace(other.folder) as right:
        differences = compare(left, right).differences
    for difference in differences:
        event = difference.first or difference.second
        if event is not None:
            return f"{event.name} at {event.source.file}:{event.source.line}"
    return ", ".join(outputs_differ(one, other))


def _cure(hypothesis: Hypothesis, *, proven: bool) -> Cure:
    return Cure(text=hypothesis.text, proven=proven, env=hypothesis.env, code=hypothesis.code)


def _divergence(base: Run, origin: Origin, proven: Proof | None, tried: Sequence[Tried]) -> Divergence:
    source = origin.source
    reach = origin.reach
    with open_trace(base.folder) as trace:
        rank = _rank(trace.streams[origin.key].process) if origin.key in trace.streams else None
    return Divergence(
        framework=framework_of(origin.name),
        op=origin.name,
        index=origin.at,
        rank=rank,
        process=origin.key.lineage,
        task=origin.key.ordinal,
        inputs_equal=origin.inputs_equal,
        evidence=origin.evidence,
        cause=proven.hypothesis.cause if proven else "unknown",
        generator=origin.generator,
        seeded=origin.seeded,
        source=Line(file=source.file, line=source.line, code=source.code, function=source.function)
        if source.known
        else None,
        meta=origin.meta,
        reaches=f"{reach.name} at {reach.source.file}:{reach.source.line}" if reach else "",
        received=list(origin.received),
        outputs=[part for part in origin.meta.split(";") if part],
        ruled_out=list(tried),
    )


def _of_output(proven: Proof | None, tried: Sequence[Tried]) -> Divergence:
    """Only what is printed or written differs: no recorded operation began it."""
    cause = proven.hypothesis.cause if proven else "unknown"
    return Divergence(
        framework="python", op="", index=0, inputs_equal=None, evidence="output", cause=cause, ruled_out=list(tried)
    )


def _rank(process: str) -> int | None:
    """The rank in what a process says of itself, which is hostile data."""
    try:
        told = json.loads(process or "{}")
    except ValueError:
        return None
    found = told.get("rank") if isinstance(told, dict) else None
    return int(found) if isinstance(found, str) and found.isdigit() and len(found) < 10 else None


def framework_of(name: str) -> str:
    """The framework of an operation's name: torch's are qualified, JAX's calls and TensorFlow's have marks."""
    if "::" in name or name.startswith(("inductor:", "torch.")):
        return "torch"
    if name.startswith("tf."):
        return "tensorflow"
    if name.startswith(("numpy.", "random.", "time.", "os.")):
        return "python"
    return "jax"
