"""Builds the result that users get from what a replay found."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence

from ..confidence import rate_bound_95
from . import compared
from .cause.counterfactual import HypothesisTest
from .cause.hypotheses import of_run
from .cause.interventions import Hypothesis
from .cause.run_pair import RunPair
from .files.told import Told, sentences
from .model import (
    Cause,
    Confidence,
    DifferingText,
    Divergence,
    EarlierFiles,
    LeftFile,
    Line,
    Reproducer,
    Result,
    Sensitivity,
    Spread,
    Stopped,
    SuggestedCure,
    TriedFactor,
    Vanished,
    Verdict,
)
from .provenance.origin_model import STATEMENTS, Origin
from .runs.run import Run
from .trace.archive import open_trace
from .trace.format import END, SourceLine
from .trace.frameworks import framework_of
from .trace.stream import Stream

MOST_EXTERNAL_VALUES = 3
"""Limit of the differing external values that are named."""
UNRECORDED = (
    "no Python process of the command was recorded (python -I, -S or -E, or another program): only its output and files"
    " were compared"
)
OTHER_START = (
    "the runs differ, and they did not start from the same files: {} changed between them and could not be put back, so"
    " that what differs may descend from that"
)
OTHER_FILES = (
    "Give each run the same files: the folder that is listed here held other names. If the program reads every file it"
    " finds, name the files that it shall read."
)
OTHER_PROCESS = "Do not compute with the process id: it differs in each run. To tell workers apart, number them."
NOTHING_LEFT = (
    "No factor that was tried removes it. Look at what this line reads from outside: a file that an earlier run left or"
    " changed, another program's answer, the network, the process id."
)
OF_PROCESS = ("os.getpid", "os.getppid")
HIDES = "memory-fill"
"""A factor that makes runs equal but leaves the fault in place: it can prove a cause, never a cure."""


def build(
    verdict: Verdict,
    base: Sequence[Run],
    problems: Sequence[str],
    *,
    rate: float | None = None,
    divergence: Divergence | None = None,
    remedy: SuggestedCure | None = None,
    reproducer: Reproducer | None = None,
    sensitivity: Sequence[Sensitivity] = (),
    metric: Spread | None = None,
    only_times: Sequence[DifferingText] = (),
    texts: Sequence[DifferingText] = (),
    stopped: Stopped | None = None,
    further: Sequence[float] = (),
    vanished: Sequence[Vanished] = (),
    earlier_files: EarlierFiles | None = None,
    stderr_left_out: bool = False,
    operations_equal: bool | None = None,
) -> Result:
    """The whole result; `base` are the baseline runs, `rate` the divergence rate, `further` seconds of later runs."""
    changed = {} if only_times else compared.changed(base)  # else whatever differs was shown to be a time
    bound = rate_bound_95(len(base)) if verdict == "identical" else None
    return Result(
        verdict=verdict,
        partial=stopped is not None,
        partial_why=stopped,
        runs=len(base),
        ops=compared.operations(base[0]) if base else 0,
        exit_codes=[run.exit_code for run in base],
        divergence=divergence,
        outputs_differ=sorted(changed),
        differences=compared.differences(changed, [*only_times, *texts]),
        compared=compared.compared(base, stderr=not stderr_left_out) if base else [],
        not_compared=compared.not_compared(base, stderr_left_out=stderr_left_out),
        only_times=list(only_times),
        texts=list(texts),
        vanished=list(vanished),
        operations_equal=operations_equal,
        earlier_files=earlier_files,
        sensitivity=list(sensitivity),
        remedy=remedy,
        reproducer=reproducer,
        metric=metric,
        confidence=Confidence(runs=len(base), rate_bound_95=bound, rate=rate),
        problems=list(problems),
        seconds=[round(run.seconds, 3) for run in base],
        further_runs=len(further),
        further_seconds=round(sum(further), 3),
    )


def with_files(found: Result, told: Told) -> Result:
    """The result with what became of the files around its runs."""
    return found.model_copy(
        update={
            "problems": [*found.problems, *sentences(told)],
            "files_left": [LeftFile(path=path, why=why) for path, why in told.left.items()],
            "not_restored": [*told.not_restored],
            "unprotected": [*told.unprotected, *told.links],
            "kept_in": [*told.kept_in],
        }
    )


def processes_recorded(run: Run) -> bool:
    """Whether any Python process of the command was recorded."""
    with open_trace(run.folder) as trace:
        return bool(trace.streams)


def unused_external_values(pairs: Sequence[RunPair]) -> list[str]:
    """A note that names differing external values, where no recorded operation differs because of them."""
    seen = dict.fromkeys((one.name, one.source.file, one.source.line) for each in pairs for one in each.external_values)
    places = [f"{name} at {file}:{line}" for name, file, line in list(seen)[:MOST_EXTERNAL_VALUES]]
    if not places:
        return []
    more = f" and {len(seen) - MOST_EXTERNAL_VALUES} more" if len(seen) > MOST_EXTERNAL_VALUES else ""
    return [f"external values differ ({', '.join(places)}{more}), but no recorded operation or output does"]


def divergence(
    run: Run,
    origin: Origin,
    proven: HypothesisTest | None,
    tried: Sequence[TriedFactor],
    *,
    because: str = "",
) -> Divergence:
    """
    The origin, and its cause if one is proven.

    `because` says why the cause lies outside the program, if that was shown.
    """
    reach = origin.reach
    with open_trace(run.folder) as trace:
        stream = trace.streams.get(origin.key)
        rank, step = (_rank(stream.process), _step(stream, origin.at)) if stream else (None, 0)
        module = stream.module_of(stream.record(origin.at)) if stream and origin.at else ""
        caller = stream.called_from(stream.record(origin.at)) if stream and origin.at else None
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
        cause=_cause(origin, proven, because),
        because=because if _cause(origin, proven, because) == "outside-state" else "",
        proof=proven.proof if proven else None,
        generator=origin.generator,
        seeded=origin.seeded,
        from_system=Line.of(origin.from_system),
        seeded_later=Line.of(origin.seeded_later),
        source=Line.of(origin.source),
        enters=_elsewhere(origin.enters, origin.source),
        called_from=Line.of(caller),
        meta=origin.meta,
        reaches=f"{reach.name} at {reach.source.file}:{reach.source.line}" if reach and reach.kind != "last" else "",
        received=list(origin.received),
        outputs=[part for part in origin.meta.split(";") if part],
        ruled_out=list(tried),
    )


def _elsewhere(line: SourceLine | None, than: SourceLine) -> Line | None:
    """The line, unless it is that one."""
    return None if line is None or line.same_line(than) else Line.of(line)


def _cause(origin: Origin | None, proven: HypothesisTest | None, because: str) -> Cause:
    """The proven one. Different files in a folder, and a process id, are in the trace and need no proof."""
    if proven is not None:
        return _named(proven)
    if origin is not None and _from_outside(origin):
        return "outside-input"
    return "outside-state" if because else "unknown"


def _named(proven: HypothesisTest) -> Cause:
    """The cause that a proof shows: none where it only shows what removes the origin."""
    return proven.hypothesis.cause if proven.hypothesis.names_cause else "unknown"


def _from_outside(origin: Origin) -> str:
    """Advice about an external value that no factor can control; empty if there is none."""
    if origin.evidence == "outside" and origin.other_set:
        return OTHER_FILES
    here = (one.name for one in origin.before if one.source.same_line(origin.source))
    return OTHER_PROCESS if origin.name in STATEMENTS and any(name in OF_PROCESS for name in here) else ""


def of_output(proven: HypothesisTest | None, tried: Sequence[TriedFactor], because: str = "") -> Divergence:
    """A divergence of what is printed or written alone: no recorded operation began it."""
    return Divergence(
        framework="python",
        op="",
        index=0,
        inputs_equal=None,
        evidence="output",
        cause=_cause(None, proven, because),
        because="" if proven else because,
        proof=proven.proof if proven else None,
        ruled_out=list(tried),
    )


def remedy(
    proven: HypothesisTest | None,
    origin: Origin | None,
    base: Run,
    seconds: Sequence[float],
    tried: Sequence[TriedFactor] = (),
    *,
    advice: str = "",
) -> SuggestedCure | None:
    """
    The proven cure with its cost; else the likeliest cure that is not proven and was not rejected (`tried`).

    `seconds` are those of runs without the cure, recorded in the same tier as those under it. `advice` is what to do
    about a cause that no factor can prove.
    """
    if proven is None and advice:
        return SuggestedCure(text=advice)
    if proven is None:
        return _unproven(origin, base, [one.settings for one in tried if one.diverged and not one.note])
    plain = statistics.median(seconds) if seconds else 0.0
    cost = statistics.median(proven.seconds) / plain if plain and proven.seconds else None
    hypothesis = proven.hypothesis
    was_run = hypothesis.names_cause or bool(hypothesis.env)  # else the cure in words is another one than what was run
    cure = _cure(hypothesis, proven=hypothesis.factor != HIDES and was_run)
    ran = hypothesis.ran if cure.proven else ""
    return cure.model_copy(update={"cost": cost, "remaining": _remaining(proven.left), "ran": ran})


def _remaining(left: RunPair | None) -> str:
    if left is None:
        return ""
    if left.origin is None:
        return "what the program prints or writes"
    source = left.origin.source
    return f"{left.origin.name} at {source.file}:{source.line}" if source.known else left.origin.name


def _unproven(origin: Origin | None, base: Run, rejected: Sequence[Mapping[str, str]]) -> SuggestedCure | None:
    if origin is None:
        return None
    if advice := _from_outside(origin):
        return SuggestedCure(text=advice)
    known = of_run(origin, base)
    left = [one for one in known if one.settings not in rejected]
    if left:
        return _cure(left[0], proven=False)
    from_outside = origin.name in STATEMENTS or origin.evidence == "outside"
    return SuggestedCure(text=NOTHING_LEFT) if known and from_outside else None


def _cure(hypothesis: Hypothesis, *, proven: bool) -> SuggestedCure:
    return SuggestedCure(text=hypothesis.text, proven=proven, env=hypothesis.env, code=hypothesis.code)


def _step(stream: Stream, at: int) -> int:
    """How often the same operation ran at the same line before."""
    own = stream.record(at)
    if own.kind == END:
        return 0
    wanted = own.kind, own.name, own.site
    return sum((record.kind, record.name, record.site) == wanted for record in stream.records(0, at))


def _rank(process: str) -> int | None:
    """The rank in a process's description of itself, which is hostile data."""
    try:
        description = json.loads(process or "{}")
    except ValueError:
        return None
    found = description.get("rank") if isinstance(description, dict) else None
    return int(found) if isinstance(found, str) and found.isdigit() and len(found) < 10 else None
