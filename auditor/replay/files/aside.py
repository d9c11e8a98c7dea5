"""
Sets aside what each run writes, so that the next starts from the same files, and brings back what the first wrote.

Whatever ends us, nothing is lost: each step is in the journal before it is made (`journal`), can be repeated
(`perform`), and is repeated by `auditor replay --restore` (`restore`).
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from ...errors import OutputError
from . import ending
from .journal import Journal
from .places import Scope
from .planning import planned
from .state import State, apply_others, as_json
from .store import PROTECT_BYTES, Protection, copies, locked, opened, refuse_unfinished
from .tree import TooManyEntriesError, Tree, Written, difference
from .whose import attributed, open_for_writing

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
MOST_NAMES = 5
NOT_HERE = "files are not set aside: {}. A run finds what the runs before it wrote."


@dataclass
class Told:
    """What the result says of the files."""

    left: dict[str, str] = field(default_factory=dict)
    """Path -> why it was left as it is."""
    edited: list[str] = field(default_factory=list)
    """Of these, what the first run had found: later runs found something else."""
    not_restored: list[str] = field(default_factory=list)
    """What a run changed or removed, and what had no copy: later runs started without it."""
    unprotected: list[str] = field(default_factory=list)
    """Files from before the first run of which there is no copy, the largest first."""
    kept_in: list[str] = field(default_factory=list)
    """Folders with versions that were neither put back nor deleted."""
    notes: list[str] = field(default_factory=list)


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
        try:
            with undisturbed():
                self._state, self._journal = opened(self._scope, home, self._leave_out, protection)
        except TooManyEntriesError as problem:
            self._without(f"{problem} holds too many")
            return
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
        if self.told.unprotected:
            self._announce(
                f"not copied (--protect): {_named(self.told.unprotected, state.tree)}; if a run changes one of them, it"
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
            journal.write("start", run=run, marker=str(marker), tree=as_json(news), gone=gone, copies=made)

    def after(self, run: int) -> Written:
        """Set aside what the run wrote, and put back what it changed; returns what it wrote."""
        state, journal = self._state, self._journal
        if state is None or journal is None or state.begun != run:
            return Written()
        with undisturbed():
            now = state.scan()
            found, own = open_for_writing(state.roots)
            self._busy |= found
            whose = attributed(difference(state.tree, now), state.tree, now, state.first, self._busy)
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


def _worth_a_copy(state: State, news: Tree, busy: set[str]) -> Tree:
    """What is being written all the time gets none: it would be copied before each run."""
    return {} if state.new_only else {path: one for path, one in news.items() if path not in busy}


def _named(paths: Sequence[str], tree: Tree) -> str:
    shown = [f"{path} ({_size(tree[path].size)})" for path in paths[:MOST_NAMES]]
    more = f" and {len(paths) - MOST_NAMES} more" if len(paths) > MOST_NAMES else ""
    return ", ".join(shown) + more


def _size(count: float) -> str:
    for unit in ("bytes", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Hold back signals that would end us, until the block has ended; only a main thread receives any."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    before = {int(number): signal.getsignal(number) for number in SIGNALS}
    for number, handler in before.items():
        if handler not in {signal.SIG_IGN, None}:
            signal.signal(number, lambda got, _frame: arrived.append(got))
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is not None:
                signal.signal(number, handler)
    for number in arrived[:1]:
        signal.raise_signal(number)


def sentences(told: Told) -> list[str]:
    """Sentences for people: what was left, what could not be put back, what is kept where."""
    notes = [*told.notes]
    notes += [f"{path}: {why}; it is left as it is" for path, why in [*told.left.items()][:MOST_NAMES]]
    if len(told.left) > MOST_NAMES:
        notes.append(f"{len(told.left) - MOST_NAMES} more files are left as they are (files_left in the JSON)")
    if told.not_restored:
        shown = ", ".join(told.not_restored[:MOST_NAMES])
        notes.append(f"a run changed files of which there is no copy, so that later runs did not find them: {shown}")
    notes += [f"versions that were not put back, nor deleted, are in {folder}" for folder in told.kept_in]
    return notes
