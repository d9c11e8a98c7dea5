"""`auditor replay --restore`: finishes what a replay that was killed had begun with the files. It can be repeated."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from ...errors import UsageError
from ...quoting.inert import visible
from . import ending
from .held_back import undisturbed
from .journal import Journal, read
from .planning import planned
from .state import State, replayed
from .store import discard, locations, locked, unfinished
from .tree import difference
from .whose import Attribution, attributed, open_for_writing


def restore(working: str, alive: Callable[[Path], Collection[int]]) -> list[str]:
    """
    Bring back the files of this working folder; returns what was done, in sentences.

    `alive` gives the processes of a run by the folder of its trace. Raises UsageError if a replay or a process of its
    last run still runs there.
    """
    with locked(working), undisturbed():
        home = unfinished(working)
        if home is None:
            for folder in locations(working):
                if folder.exists():
                    discard(folder)  # copies that were not complete
            return ["there is nothing to restore: every replay in this folder has ended, or changed nothing"]
        state = replayed(read(home))
        if state is None:
            raise AssertionError("an unfinished store has a state")
        if running := sorted(alive(Path(state.marker))) if state.marker else []:
            raise UsageError(
                f"processes of the replay's last run still run: {', '.join(map(str, running))}",
                "Nothing was restored: they may still write. End them (kill), then restore again.",
            )
        return _restored(state, home)


def _restored(state: State, home: Path) -> list[str]:
    journal = Journal(home)
    told: list[str] = []
    if state.begun and (not state.plans or state.plans[-1].run != state.begun):
        whose = _plan_last_run(state, journal)
        told += [f"{visible(path)} changed during or after the last run: left as it is" for path in whose.others]
    last = state.plans[-1] if state.plans else None
    if last is not None and state.finished != last.run:
        left = ending.taken(state, journal, last)
        told += [f"{visible(path)} was changed by somebody else: left as it is" for path in left]
    end = ending.ended(state, journal, home)
    told += [f"{visible(path)} was changed by somebody else: left as it is" for path in end.left]
    told += [f"what was neither put back nor deleted is in {visible(str(folder))}" for folder in end.kept_in]
    lost = [path for plan in state.plans for path in plan.lost]
    told += [f"{visible(path)} was changed by a run, and there is no copy of it" for path in dict.fromkeys(lost)]
    whole = state.first is not None and not state.first.unfinished
    how = "as the first run left them" if whole else "as they were before the first run, which had not ended"
    return [f"restored: the files are {how}", *told]


def _plan_last_run(state: State, journal: Journal) -> Attribution:
    """The plan for a run that was not seen to end: what it wrote until then is set aside and kept."""
    now = state.scan()
    found, _ = open_for_writing(state.roots)
    whose = attributed(difference(state.tree, now), state.tree, now, state.first, found)
    plan = planned(state, now, whose.ours, state.begun, whose.uncertain, unfinished=True)
    journal.write("take", plan=plan.as_json())
    state.plans.append(plan)
    return whose
