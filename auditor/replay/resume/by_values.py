"""The verdict over runs without an optimizer of torch, by the values that their statements compute."""

from __future__ import annotations

from collections.abc import Collection

from ..cause.run_pair import outputs_differ
from ..model import Line, Resume
from ..runs.run import Run
from ..trace.format import DRAW, END, OP, REGION
from .judged import Judged
from .unsaved import GLOBAL
from .values import Place, ValueDifference, compared_by_values, varying

NO_PLACE = (
    "no optimizer step of torch was seen, and no value that the loop computes shows where the resumed run goes on:"
    " nothing can be judged"
)
NOT_REPEATED = (
    "the program does not repeat itself: two whole runs differ in {}. Whether resuming gives the same run cannot be"
    " judged until it does: `auditor replay -- COMMAND` finds why"
)
STATEMENT = "line"
LIMIT = "compared by the values of the program's statements: what a library holds inside, and threads, are not compared"


def judged_by_values(whole: Run, resumed: Run, but: Collection[Place] = ()) -> Judged:
    """The verdict, but for whether the program repeats itself (`held_by_values`)."""
    found = compared_by_values(whole, resumed, but)
    if found is None:
        return Judged("inconclusive", [NO_PLACE])
    told = Resume(
        verdict="identical" if found.step is None else "diverged",
        step=found.step,
        from_step=found.from_step,
        steps=found.steps,
        resumed_steps=found.resumed_steps,
        by="values",
    )
    if found.step is None:
        return Judged("identical", [LIMIT], told)
    state, effect = _named(found)
    update = {
        "unsaved_state": state,
        "effect": effect,
        "differs": ["length" if found.kind == END else "values"],
        "op": "" if found.name == STATEMENT else found.name,
        "source": Line.of(found.source),
    }
    return Judged("diverged", [LIMIT], told.model_copy(update=update))


def held_by_values(found: Judged, whole: Run, again: Run, resumed: Run) -> Judged:
    """The verdict once a second whole run is there: what differs between whole runs does not count."""
    if names := outputs_differ(whole, again):
        return Judged("inconclusive", [NOT_REPEATED.format(", ".join(names))])
    but = varying(whole, again)
    return judged_by_values(whole, resumed, but) if but else found


def _named(found: ValueDifference) -> tuple[str, str]:
    """(the state, what differs)."""
    if found.kind == END:
        return "the number of steps that were made", "the resumed run makes another number of steps"
    if found.kind == DRAW:
        family = found.name.partition(".")[0]
        name = GLOBAL.get({"random": "python"}.get(family, family), found.name)
        return f"the state of {name}", f"{found.name} draws otherwise"
    if found.name == STATEMENT:
        return f"what gives {found.values}", f"{found.values} has another value"
    if found.kind in {OP, REGION} and found.inputs:
        return f"what enters {found.name}: {', '.join(found.inputs)}", f"{found.name} is given other values"
    return f"what enters {found.name}", f"{found.name} gives other values"
