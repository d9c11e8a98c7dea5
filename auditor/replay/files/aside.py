"""
Sets aside what each run writes, so that the next starts from the same files, and brings back what the first wrote.

Whatever ends us, nothing is lost: each step is in the journal before it is made (`journal`), can be repeated
(`perform`), and is repeated by `auditor replay --restore` (`restore`).
"""

from __future__ import annotations

import contextlib
import filecmp
import os
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from types import TracebackType

from ...errors import OutputError
from . import ending
from .copies import copied
from .held_back import undisturbed
from .journal import Journal
from .places import Scope
from .plan import Plan
from .planning import planned
from .state import State, apply_others, as_json
from .store import PROTECT_BYTES, Protection, copies, discard, fitting, locked, opened, refuse_unfinished
from .told import MOST_NAMES, Told, elsewhere, named
from .tree import MOST_ENTRIES, Tree, Written, difference
from .whose import attributed, open_for_writing

NOT_HERE = "files are not set aside: {}. A run finds what the runs before it wrote."


class Aside:
    """
    A context around all runs of a replay; `before` and `after` stand around each run.

    At its end, whatever ends it, the folders are as the first run left them, but for what somebody else changed.
    Entering it raises UsageError if another replay runs there or one was not finished.
    """

    def __init__(
        self,
        scope: Scope,
        announce: Callable[[str], None],
        most_bytes: int = PROTECT_BYTES,
        leave_out: Iterable[str | Path] = (),
    ) -> None:
        self.told = Told()
        self.looks: list[Callable[[int, Written], None]] = []
        """Called with each run's number and what it wrote, while that still lies in place."""
        self._scope, self._announce, self._most = scope, announce, most_bytes
        self._leave_out = [os.path.realpath(path) for path in leave_out]
        self._stack = contextlib.ExitStack()
        self._home: Path | None = None
        self._state: State | None = None
        self._journal: Journal | None = None
        self._busy: set[str] = set()
        self._bytes_kept = 0
        self._left_first = False
        self._own: set[str] = set()
        self._found: frozenset[str] = frozenset()

    def __enter__(self) -> Aside:  # noqa: PYI034 - `Self` is of Python 3.11, and nothing inherits
        """Take the lock and make the copies."""
        with contextlib.ExitStack() as stack:
            self._home = stack.enter_context(locked(self._scope.working))
            refuse_unfinished(self._scope)
            if self._home is None:
                self._without("no folder for them can be made")
            else:
                self._open(self._home)
            self._stack = stack.pop_all()
        return self

    def _open(self, home: Path) -> None:
        protection = Protection(self._most)
        self._scope, too_large = fitting(self._scope, self._leave_out)
        for root in too_large:
            self._note(f"{root} holds more than {MOST_ENTRIES} entries: what runs write there is not set aside")
        if self._scope.working in too_large:
            return
        try:
            with undisturbed():
                self._state, self._journal = opened(self._scope, home, self._leave_out, protection)
        except BaseException:  # nothing was run: without a store the folder is as it was
            discard(home)
            raise
        self._found = frozenset(path for path, one in self._state.tree.items() if one.kind != "folder")
        self._tell_unprotected(self._state, protection)

    def _without(self, why: str) -> None:
        self._note(NOT_HERE.format(why))

    def _note(self, text: str) -> None:
        self.told.notes.append(text)
        self._announce(text)

    def _tell_unprotected(self, state: State, protection: Protection) -> None:
        if state.new_only:
            self._note(
                f"{self._scope.working} is a home or a folder of the system: only what runs make newly in it is set"
                " aside; what they change there is not put back"
            )
        for folder in self._scope.refused:
            self._note(f"{folder} is too general to be protected: what runs write there is not set aside")
        self.told.unprotected = sorted(protection.left_out, key=lambda path: -state.tree[path].size)
        if links := elsewhere(state):
            self._announce(
                f"links are not followed: what runs write in {', '.join(links[:MOST_NAMES])} is not set aside"
            )
        self.told.links = links
        if self.told.unprotected:
            self._announce(
                f"not copied (--protect): {named(self.told.unprotected, state.tree)}; if a run changes one of them, it"
                " cannot be put back"
            )

    # ------------------------------------------------------------------------------------------------ around each run

    def before(self, run: int, marker: Path) -> None:
        """Take over what somebody else changed since the last run; `marker` is the folder of this run's trace."""
        state, journal = self._state, self._journal
        if state is None or journal is None:
            return
        with undisturbed():
            now = state.scan()
            seen = difference(state.tree, now)
            news = {path: now[path] for path in (*seen.new, *seen.changed)}
            gone = [path for path in seen.removed if path not in news]
            made = copies(state, _worth_a_copy(state, news, self._busy), Protection(self._most))
            apply_others(state, news, gone, made)
            if state.plans:
                own = {path for plan in state.plans for path in plan.lost}
                theirs = [path for path in (*news, *gone) if path not in own and path not in self._own]
                self._left(theirs, f"it changed before run {run}, while no run was made")
            state.begun, state.marker = run, str(marker)
            self._left_first = False
            journal.write("start", run=run, marker=str(marker), tree=as_json(news), gone=gone, copies=made)

    @property
    def first_wrote(self) -> frozenset[str]:
        """Files and folders that the first run made or changed."""
        first = self._state.first if self._state else None
        return frozenset({*first.moves, *first.new_folders}) if first else frozenset()

    @property
    def can_leave(self) -> bool:
        """Whether `leave` gives what the first run left: it removed nothing, and wrote no more than may be copied."""
        first = self._state.first if self._state else None
        if first is None or first.removed or first.old_folders or first.renames or first.lost:
            return False
        return sum(one.size for _, one in first.moves.values()) <= self._most

    def leave(self) -> None:
        """
        Between `before` and the run: put copies of what the first run wrote in place, as it would find them otherwise.

        They count as what this run wrote, and are set aside after it. Raises OSError where they cannot be written.
        """
        first = self._state.first if self._state else None
        if first is None or not self.can_leave:
            raise OSError("what the first run left cannot be put in place")
        self._left_first = True
        with undisturbed():
            for folder in sorted(first.new_folders):
                os.makedirs(folder, exist_ok=True)  # noqa: PTH103 - paths are text here
            for path, (kept, one) in first.moves.items():
                if one.kind in {"file", "link"}:
                    Path(path).unlink(missing_ok=True)
                    copied(kept, path)

    def goes_on(self, marker: Path) -> None:
        """Another command runs on the files that the run left, as a part of it; `marker` is the folder of its trace."""
        if self._state is not None and self._journal is not None:
            self._state.marker = str(marker)
            self._journal.write("goes-on", marker=str(marker))

    def after(self, run: int, wrote: Collection[str] = ()) -> Written:
        """
        Set aside what the run wrote, and put back what it changed; returns what it wrote.

        `wrote` are paths that its processes were seen to write or to remove: they are the program's whether the first
        run wrote them or not.
        """
        state, journal = self._state, self._journal
        if state is None or journal is None or state.begun != run:
            return Written()
        with undisturbed():
            now = state.scan()
            found, own = open_for_writing(state.roots)
            self._busy |= found
            seen = difference(state.tree, now)
            whose = attributed(
                seen, state.tree, now, state.first, self._busy, found_first=self._left_first, wrote=wrote
            )
            for look in self.looks:
                look(run, whose.ours)
            plan = planned(state, now, whose.ours, run, whose.uncertain)
            journal.write("take", plan=plan.as_json())
            state.plans.append(plan)
            left = ending.taken(state, journal, plan)
            self._own |= own
            self._left([path for path in whose.others if path not in own], f"it changed during run {run}, {OTHERS}")
            self._left(left, f"somebody else changed it after run {run}")
            self.told.not_restored += [path for path in plan.lost if path not in self.told.not_restored]
            self._thin(state, plan)
        return whose.ours

    def stored(self, run: int) -> dict[str, Path]:
        """Where the files that a run wrote lie now, by their paths. Valid until the end of the context."""
        plans = self._state.plans if self._state else []
        return {path: Path(to) for plan in plans if plan.run == run for path, (to, _) in plan.moves.items()}

    def forget(self, run: int, paths: Iterable[str]) -> None:
        """Delete files of a later run that equal the first run's; never the first run's, nor unsure ones."""
        for plan in self._state.plans[1:] if self._state else ():
            for path in paths if plan.run == run else ():
                if path in plan.moves and path not in plan.uncertain:
                    Path(plan.moves[path][0]).unlink(missing_ok=True)

    def _thin(self, state: State, plan: Plan) -> None:
        """Keep of a later run only what differs from the first, and no more than may be copied (`--protect`)."""
        first = state.first
        if first is None or plan is first:
            return
        for path, (to, one) in plan.moves.items():
            kept = first.moves.get(path)
            if path in plan.uncertain or one.kind != "file":
                continue
            self._bytes_kept += one.size
            if self._bytes_kept > self._most or (kept and _equal(kept[0], to)):
                Path(to).unlink()
                self._bytes_kept -= one.size

    def _left(self, paths: Iterable[str], why: str) -> None:
        for path in paths:
            if path not in self.told.left:
                self.told.left[path] = why
                self.told.edited += [path] if path in self._found else []

    # --------------------------------------------------------------------------------------------------------- the end

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Bring back what the first run wrote."""
        del kind, value, trace
        with self._stack, undisturbed():
            if self._state is not None and self._journal is not None and self._home is not None:
                self._end(self._state, self._journal, self._home)

    def _end(self, state: State, journal: Journal, home: Path) -> None:
        try:
            if state.begun and (not state.plans or state.plans[-1].run != state.begun):
                self.after(state.begun)
            end = ending.ended(state, journal, home)
        except OSError as problem:
            raise OutputError(
                f"the files that runs wrote could not all be brought back: {problem}",
                f"Nothing is lost: they lie in {home}. When the reason is gone, `auditor replay --restore` brings them"
                " back.",
            ) from problem
        self._left(end.left, "somebody else changed it, and the first run's version is kept")
        self.told.kept_in += [str(one) for one in end.kept_in]


OTHERS = "but the first run did not write it: the program does not write it in each run, or somebody else did"


def _equal(first: str, second: str) -> bool:
    """Whether both files hold the same; False where one cannot be read."""
    try:
        return filecmp.cmp(first, second, shallow=False)
    except OSError:
        return False


def _worth_a_copy(state: State, news: Tree, busy: set[str]) -> Tree:
    """What is being written all the time gets none: it would be copied before each run."""
    return {} if state.new_only else {path: one for path, one in news.items() if path not in busy}
