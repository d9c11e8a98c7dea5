"""The verdict over a whole, a stopped and a resumed run, with the step and the state that explain a difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..model import Line, Resume
from ..runs.run import Run
from ..trace.archive import TaskKey, open_trace
from .alignment import Beginning, beginning
from .comparison import Difference, first_difference
from .judged import Judged
from .located import Located, located
from .samples import Samples, compared
from .steps import Step, Steps, steps_of
from .unsaved import Unsaved, unsaved

NO_STEPS = (
    "no optimizer step of torch was seen in {}: how a resumed run goes on is compared step by step, so that nothing can"
    " be judged"
)
OTHER_PROCESSES = "{} ran optimizer steps in other processes ({}) than the whole run ({})"
NOT_REPEATED = (
    "the program does not repeat itself: {} differs from the first whole run at step {} ({}). Whether resuming gives"
    " the same run cannot be judged until it does: `auditor replay -- COMMAND` finds why"
)
CUT = "the recording of the resumed run was cut off"


@dataclass(frozen=True)
class _Found:
    """Where one task of the resumed run differs."""

    key: TaskKey
    begin: Beginning
    difference: Difference | None

    @property
    def order(self) -> tuple[int, tuple[str, tuple[int, ...], int]]:
        """The task that differs first is told."""
        at = self.difference.at if self.difference else 0
        return self.begin.step + at, self.key.order


def judged(whole: Run, stopped: Run, resumed: Run) -> Judged:
    """The verdict, but for whether the whole run repeats itself after the checkpoint (`held`)."""
    steps = steps_of(whole.folder), steps_of(stopped.folder), steps_of(resumed.folder)
    for told, what in zip(steps, ("the whole run", "the stopped run", "the resumed run"), strict=True):
        if not told:
            return Judged("inconclusive", [NO_STEPS.format(what)])
    if other := _unlike(steps[0], steps[1], "the stopped run", prefix=True):
        return Judged("inconclusive", [other])
    if {*steps[0]} != {*steps[2]}:
        names = (", ".join(key.lineage for key in one) for one in (steps[2], steps[0]))
        return Judged("inconclusive", [OTHER_PROCESSES.format("the resumed run", *names)])
    found = [_found(key, steps[0][key], steps[1].get(key, ()), steps[2][key]) for key in steps[0]]
    differing = [one for one in found if one.difference is not None]
    if not differing:
        if _is_cut(resumed):
            return Judged("inconclusive", [CUT])
        last = max(found, key=lambda one: one.begin.step)
        return Judged("identical", told=_identical(last, steps[0][last.key], steps[2][last.key]))
    first = min(differing, key=lambda one: one.order)
    return Judged("diverged", told=_diverged(first, (whole, resumed), steps[0][first.key], steps[2][first.key]))


def held(found: Judged, whole: Run, again: Run) -> Judged:
    """The same, if a second whole run equals the first; else inconclusive."""
    if again.exit_code != whole.exit_code:
        why = f"a second whole run ended with exit code {again.exit_code}, the first with {whole.exit_code}"
        return replace(found, verdict="inconclusive", problems=[why], told=None)
    other = _unlike(steps_of(whole.folder), steps_of(again.folder), "a second whole run", prefix=False)
    return Judged("inconclusive", [other]) if other else found


def _unlike(one: Steps, other: Steps, what: str, *, prefix: bool) -> str:
    """Why a run of the same command shows that the program does not repeat itself; empty if it does."""
    for key, steps in other.items():
        first = one.get(key, ())
        found = first_difference(first[: len(steps)] if prefix else first, steps)
        if found is not None:
            return NOT_REPEATED.format(what, found.at + 1, ", ".join(found.aspects))
    return "" if prefix or {*one} == {*other} else OTHER_PROCESSES.format(what, len(other), len(one))


def _is_cut(run: Run) -> bool:
    with open_trace(run.folder) as trace:
        return any(not key.ordinal and "." not in key.lineage for key in trace.cut) or bool(trace.problems)


def _found(key: TaskKey, whole: Sequence[Step], stopped: Sequence[Step], resumed: Sequence[Step]) -> _Found:
    begin = beginning(whole, resumed, len(stopped))
    rest = whole[begin.step :]
    found = first_difference(rest, resumed)
    if begin.step == 0 and begin.by_weights and stopped:  # it is not what a checkpoint holds: it begins anew
        found = found or Difference(0, ("weights",), rest[0], resumed[0])
    return _Found(key, begin, found)


def _identical(found: _Found, whole: Sequence[Step], resumed: Sequence[Step]) -> Resume:
    return Resume(verdict="identical", from_step=found.begin.step, steps=len(whole), resumed_steps=len(resumed))


def _diverged(found: _Found, runs: tuple[Run, Run], whole: Sequence[Step], resumed: Sequence[Step]) -> Resume:
    difference, begin = found.difference, found.begin.step
    if difference is None:
        raise AssertionError("a task that differs has a difference")
    at = difference.at
    samples = compared(whole, resumed, begin, at) if difference.first == "samples" else None
    place = _located(found, runs, whole, resumed) if difference.first in {"samples", "gradient"} else None
    anew = begin == 0 and found.begin.by_weights
    named = unsaved(difference, samples, place, anew=anew)
    return Resume(
        verdict="diverged",
        step=begin + at + 1,
        from_step=begin,
        steps=len(whole),
        resumed_steps=len(resumed),
        differs=[*difference.aspects],
        process=found.key.lineage,
        **_named(named),
        **_samples(samples),
        op=place.name if place else "",
        source=Line.of(place.source) if place else Line.of((difference.whole or whole[-1]).source),
        losses=[_loss(one) for one in (difference.whole, difference.resumed)],
    )


def _named(named: Unsaved) -> dict[str, object]:
    return {"unsaved_state": named.state, "effect": named.effect, "also_differs": [*named.also]}


def _samples(samples: Samples | None) -> dict[str, object]:
    return {"samples_lost": samples.lost, "samples_repeated": samples.repeated} if samples else {}


def _located(found: _Found, runs: tuple[Run, Run], whole: Sequence[Step], resumed: Sequence[Step]) -> Located | None:
    """The first operation that differs within the step."""
    at = found.difference.at if found.difference else 0
    sides = [
        (steps[place - 1].records if place else 0, steps[place].records)
        for steps, place in ((whole, found.begin.step + at), (resumed, at))
    ]
    return located(runs, found.key, sides[0], sides[1])


def _loss(step: Step | None) -> float | None:
    """The last loss of a step, without what a gradient scaler multiplied it by."""
    if step is None or not step.losses:
        return None
    scales = [float(one["scale"]) for one in step.scalers if "scale" in one]
    return float(step.losses[-1]) / (scales[0] if len(scales) == 1 else 1.0)
