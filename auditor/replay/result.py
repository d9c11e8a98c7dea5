"""From what a session has found to the result that users get."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..confidence import rate_bound_95
from .cause.counterfactual import Proof
from .cause.hypotheses import hypotheses
from .cause.interventions import Hypothesis
from .cause.run_pair import Pair, outputs_differ
from .evidence.distances import Amounts
from .model import Cause, Confidence, Cure, Divergence, Line, Reproducer, Result, Sensitivity, Spread, Tried, Verdict
from .provenance.origin_model import STATEMENTS, Origin
from .runs.recorded import frameworks_of
from .runs.run import Run
from .trace.archive import open_trace
from .trace.format import END, Source
from .trace.frameworks import framework_of
from .trace.stream import Stream

MOST_BESIDE = 3
UNRECORDED = (
    "no Python process of the command was recorded (python -I, -S or -E, or another program): only what it printed and"
    " wrote was compared"
)
OTHER_FILES = (
    "Give each run the same files: the folder that is listed here held other names. Where the program takes all that it"
    " finds, let it name what it takes."
)
OTHER_PROCESS = (
    "Take the number of the process out of what is computed: the system gives each run another one. Where it is to be"
    " told apart by it, count the workers."
)
NOTHING_LEFT = (
    "Nothing that was tried takes it away. Look at what this line takes from outside: a file that an earlier run has"
    " left or changed, what another program answers, the network, the number of the process."
)
OF_PROCESS = ("os.getpid", "os.getppid")
HIDES = "memory-fill"
"""A factor that makes runs equal without taking the fault away: it proves a cause, and never a cure."""


@dataclass
class Found:
    """What a session knows beside its runs; filled as it goes."""

    divergence: Divergence | None = None
    remedy: Cure | None = None
    rate: float | None = None
    sensitivity: list[Sensitivity] = field(default_factory=list)
    metric: Spread | None = None
    reproducer: Reproducer | None = None


def build(verdict: Verdict, base: Sequence[Run], problems: Sequence[str], found: Found) -> Result:
    """The whole result."""
    changed = {name for other in base[1:] for name in outputs_differ(base[0], other)}
    bound = rate_bound_95(len(base)) if verdict == "identical" else None
    return Result(
        verdict=verdict,
        runs=len(base),
        ops=_operations(base[0]),
        exit_codes=[run.exit_code for run in base],
        divergence=found.divergence,
        outputs_differ=sorted(changed),
        sensitivity=found.sensitivity,
        remedy=found.remedy,
        reproducer=found.reproducer,
        metric=found.metric,
        confidence=Confidence(runs=len(base), rate_bound_95=bound, rate=found.rate),
        problems=list(problems),
        seconds=[round(run.seconds, 3) for run in base],
    )


def compared_anything(run: Run) -> bool:
    """Whether a run gave anything that could have differed."""
    return bool(_operations(run) or run.stdout.size or run.files)


def processes_recorded(run: Run) -> bool:
    """Whether any Python process of the command was recorded."""
    with open_trace(run.folder) as trace:
        return bool(trace.streams)


def beside(pairs: Sequence[Pair]) -> list[str]:
    """What came in from outside and differs, where nothing that was recorded came of it."""
    seen = dict.fromkeys((one.name, one.source.file, one.source.line) for each in pairs for one in each.asides)
    places = [f"{name} at {file}:{line}" for name, file, line in list(seen)[:MOST_BESIDE]]
    if not places:
        return []
    more = f" and {len(seen) - MOST_BESIDE} more" if len(seen) > MOST_BESIDE else ""
    return [f"values from outside differ ({', '.join(places)}{more}), and no recorded operation or output with them"]


def _operations(run: Run) -> int:
    with open_trace(run.folder) as trace:
        return trace.operations


def divergence(
    run: Run, origin: Origin, proven: Proof | None, tried: Sequence[Tried], amounts: Amounts | None
) -> Divergence:
    """Where it began, with its cause if one is proven, and by how much the outputs differ if that was measured."""
    reach = origin.reach
    with open_trace(run.folder) as trace:
        stream = trace.streams.get(origin.key)
        rank, step = (_rank(stream.process), _step(stream, origin.at)) if stream else (None, 0)
        module = stream.module_of(stream.record(origin.at)) if stream and origin.at else ""
    return Divergence(
        framework=framework_of(origin.name),
        op=origin.name,
        index=origin.at,
        step=step,
        module=module,
        rank=rank,
        process=origin.key.lineage,
        task=origin.key.ordinal,
        inputs_equal=origin.inputs_equal,
        evidence=origin.evidence,
        cause=_cause(origin, proven),
        generator=origin.generator,
        seeded=origin.seeded,
        from_system=_line(origin.from_system),
        source=_line(origin.source),
        meta=origin.meta,
        reaches=f"{reach.name} at {reach.source.file}:{reach.source.line}" if reach and reach.kind != "last" else "",
        received=list(origin.received),
        max_ulp=amounts.max_ulp if amounts else None,
        outputs=list(amounts.outputs) if amounts else [part for part in origin.meta.split(";") if part],
        ruled_out=list(tried),
    )


def traced_back(told: Divergence, made: Source) -> Divergence:
    """The same, said of the statement that made what differs; where it entered stays beside."""
    return told.model_copy(update={"source": _line(made), "enters": told.source})


def _cause(origin: Origin, proven: Proof | None) -> Cause:
    """The proven one. That another folder was listed, or the process's number taken, is seen and needs no proof."""
    if proven is None:
        return "outside-input" if _from_outside(origin) else "unknown"
    return proven.hypothesis.cause


def _from_outside(origin: Origin) -> str:
    """What to do about a value that no factor can bring back, if there is one; else nothing."""
    if origin.evidence == "outside" and origin.other_set:
        return OTHER_FILES
    here = (one.name for one in origin.before if one.source[:2] == origin.source[:2])
    return OTHER_PROCESS if origin.name in STATEMENTS and any(name in OF_PROCESS for name in here) else ""


def _line(source: Source | None) -> Line | None:
    if source is None or not source.known:
        return None
    return Line(file=source.file, line=source.line, code=source.code, function=source.function)


def of_output(proven: Proof | None, tried: Sequence[Tried]) -> Divergence:
    """Only what is printed or written differs: no recorded operation began it."""
    cause = proven.hypothesis.cause if proven else "unknown"
    return Divergence(
        framework="python", op="", index=0, inputs_equal=None, evidence="output", cause=cause, ruled_out=list(tried)
    )


def remedy(
    proven: Proof | None, origin: Origin | None, base: Run, seconds: Sequence[float], tried: Sequence[Tried] = ()
) -> Cure | None:
    """
    The proven cure with what it costs; else the likeliest one, not proven, of those that were not `tried` in vain.

    `seconds` are those of runs without it that were recorded as closely as those under it.
    """
    if proven is None:
        return _unproven(origin, base, [one.settings for one in tried if one.diverged and not one.note])
    plain = statistics.median(seconds) if seconds else 0.0
    cost = statistics.median(proven.seconds) / plain if plain and proven.seconds else None
    cure = _cure(proven.hypothesis, proven=proven.hypothesis.factor != HIDES)
    return cure.model_copy(update={"cost": cost, "remaining": _remaining(proven.left)})


def _remaining(left: Pair | None) -> str:
    if left is None:
        return ""
    if left.origin is None:
        return "what the program prints or writes"
    source = left.origin.source
    return f"{left.origin.name} at {source.file}:{source.line}" if source.known else left.origin.name


def _unproven(origin: Origin | None, base: Run, in_vain: Sequence[Mapping[str, str]]) -> Cure | None:
    if origin is None:
        return None
    if told := _from_outside(origin):
        return Cure(text=told)
    known = hypotheses(origin, frameworks_of(base))
    left = [one for one in known if one.settings not in in_vain]
    if left:
        return _cure(left[0], proven=False)
    from_outside = origin.name in STATEMENTS or origin.evidence == "outside"
    return Cure(text=NOTHING_LEFT) if known and from_outside else None


def _cure(hypothesis: Hypothesis, *, proven: bool) -> Cure:
    return Cure(text=hypothesis.text, proven=proven, env=hypothesis.env, code=hypothesis.code)


def _step(stream: Stream, at: int) -> int:
    """How often the same was done at the same line before."""
    own = stream.record(at)
    if own.kind == END:
        return 0
    wanted = own.kind, own.name, own.site
    return sum((record.kind, record.name, record.site) == wanted for record in stream.records(0, at))


def _rank(process: str) -> int | None:
    """The rank in what a process says of itself, which is hostile data."""
    try:
        told = json.loads(process or "{}")
    except ValueError:
        return None
    found = told.get("rank") if isinstance(told, dict) else None
    return int(found) if isinstance(found, str) and found.isdigit() and len(found) < 10 else None
