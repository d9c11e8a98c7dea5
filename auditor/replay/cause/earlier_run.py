"""
Whether a program reads what an earlier run of it left: the baseline runs start from the same files and cannot show it.

Where the program was seen to look for a file that it writes later, one more run finds what the first one wrote. If its
last operations give other values, so must a second such run; then a coin draws for each further run whether it finds
these files, and each arm must give its own result each time (`search.py`, a switch). How a run comes to its end does
not count: a program may load what the first run prepared.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...quoting.inert import shortened, visible
from ..files.aside import Aside
from ..model import EarlierFiles
from ..provenance.origin_model import Origin
from ..runs import noted
from ..runs.noted import Load
from ..runs.run import Run
from ..runs.runner import ExperimentRunner
from ..trace.archive import open_trace
from ..trace.format import OP, READ, REGION, SourceLine
from . import interventions
from .baseline_run import BaselineSearch, DivergenceCount
from .by_statement import Explanation
from .counterfactual import explain
from .interventions import MOST_NAME
from .labels import Labels
from .run_pair import compare_runs
from .search_model import Choice
from .stake import Label

END_STEPS = 32
"""Last operations of a task that tell its result."""
END_RECORDS = 1 << 14
"""Last records of a stream among which they are looked for."""
BY_COMPILED_CODE = ("checkpoint",)
"""Names of files that TensorFlow's compiled code looks for, which is not seen."""
End = tuple[object, ...]
PUNCTUATION = ".,:;()[]{}'\""
OTHER = (
    "DIVERGED: runs from the same files are identical, but a run that finds {name}, which the first one left, gives"
    " other results; further runs for the proof"
)


@dataclass(frozen=True)
class EarlierRun:
    """What a run does that finds what the first one wrote."""

    told: EarlierFiles
    explanation: Explanation | None = None
    """If it gives other results: where, and whether it is proven that the files are the cause."""
    cure: str = ""
    """What to do then, proven or not."""
    loaded: SourceLine | None = None
    """The statement that loads one of these files, from which the difference comes; None if it was not seen."""


@dataclass
class EndLabels(Labels):
    """Labels runs by how they end."""

    ends: dict[End, Label] = field(default_factory=dict)

    def of(self, run: Run, settings: Mapping[str, str]) -> Label | None:
        """The label; None if the run ended otherwise than the base run, or was not recorded whole."""
        del settings
        self.why = self._obstacle(run)
        return None if self.why else self.ends.setdefault(end_of(run), len(self.ends))


def tried(
    runs: ExperimentRunner,
    base: Sequence[Run],
    aside: Aside,
    tell: Callable[[str], None],
    *,
    coin: Choice | None = None,
) -> EarlierRun:
    """
    What becomes of a run that finds what the first one wrote; `base` are the baseline runs, which are identical.

    `tell` is told as soon as such a run gives other results.
    """
    files = looked_for(base, aside.first_wrote)
    names = [os.path.relpath(path) for path in files]
    if not files or not aside.can_leave:
        return EarlierRun(EarlierFiles(effect="not-tried" if files else "not-looked-for", files=names))
    finding = replace(runs, finds=files)
    purpose = f"where it finds what run 1 wrote, since it looks for {visible(shortened(names[0], MOST_NAME))}"
    try:
        made = [finding.run({}, purpose)]
    except OSError:  # no room for the copies; what was copied is set aside again
        return EarlierRun(EarlierFiles(effect="not-tried", files=names))
    if made[0].exit_code != base[0].exit_code or made[0].problems:
        return EarlierRun(EarlierFiles(effect="ends-otherwise", files=names))
    if end_of(made[0]) == end_of(base[0]):
        return EarlierRun(EarlierFiles(effect="same", files=names))
    made.append(finding.run({}, f"{purpose}, again"))
    if end_of(made[1]) != end_of(made[0]):
        return EarlierRun(EarlierFiles(effect="varies", files=names))
    origin = compare_runs(base[0], made[0], search=True).origin
    found = BaselineSearch(base[0], origin, DivergenceCount(2, 2), (base[0], *made))
    tell(OTHER.format(name=visible(shortened(names[0], MOST_NAME))))
    budget = runs.budget
    budget.begin([run.seconds for run in base])
    hypothesis = interventions.earlier_run(names)
    tests = explain(finding.run, [hypothesis], found, budget, coin=coin, labels=EndLabels(base[0], origin))
    budget.close()
    told, loaded = EarlierFiles(effect="other", files=names), loaded_at(noted.loads(made[0].folder), origin)
    return EarlierRun(told, Explanation(found, tests), hypothesis.text, loaded)


def loaded_at(loads: Sequence[Load], origin: Origin | None) -> SourceLine | None:
    """
    The statement that loads what differs: the last one before the first operation that differs, in its task.

    The first of all if no operation differs, or none is loaded before it. Two traces have equal indices until then.
    """
    own = [one for one in loads if origin is not None and one.key == origin.key]
    before = [one for one in own if origin is not None and one.at <= origin.at]
    return next((one.source for one in (*before[-1:], *own, *loads)), None)


def looked_for(runs: Sequence[Run], wrote: Collection[str]) -> list[str]:
    """
    Of what the first run wrote: files that each run looked for, or that lie in a folder which each looked for.

    A name that holds the time of its run is looked for by that run alone.
    """
    looked = set.intersection(*({_resolved(path) for path in noted.looked_for(run.folder)} for run in runs))
    return sorted(path for path in wrote if Path(path).name in BY_COMPILED_CODE or looked & {path, *_above(path)})


def _above(path: str) -> Iterable[str]:
    """The folders around a path, below the working folder."""
    working = Path.cwd().resolve()
    return [str(folder) for folder in Path(path).parents if folder != working and working in folder.parents]


def _resolved(path: str) -> str:
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))  # noqa: PTH118, PTH119, PTH120


def end_of(run: Run) -> End:
    """
    The last operations with their values: of the main process, or where it ran none, of each process.

    Without any operation, the last line that is printed, but for paths and names of the files that the run wrote: those
    of a folder that each run makes for itself differ by their numbers.
    """
    ends: dict[str, tuple[tuple[str, int], ...]] = {}
    with open_trace(run.folder) as trace:
        for key, stream in trace.streams.items():
            if key.ordinal == 0:
                steps = [
                    (stream.name_of(record), record.digest)
                    for record in stream.records(stream.boundary(max(0, stream.blocks - END_RECORDS)))
                    if record.kind in {OP, REGION, READ} and record.digest
                ]
                ends[key.lineage] = tuple(steps[-END_STEPS:])
    if any(ends.values()):
        return ends.get("main") or tuple(sorted(ends.items()))
    return tuple(_last_line(run))


def _last_line(run: Run) -> list[str]:
    names = {part for file in run.files for part in Path(file.path).parts}
    with run.stdout.path.open("rb") as file:
        file.seek(max(0, run.stdout.size - END_RECORDS))
        lines = file.read().decode("utf-8", "replace").splitlines()
    words = (word.strip(PUNCTUATION) for word in lines[-1].split()) if lines else ()
    return [word for word in words if os.sep not in word and word not in names]
