"""The comparison of two traces as plain text: what each run did at the first difference. All text is untrusted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..compare import FactDifference
from ..quoting.inert import shortened, visible
from ..replay.model import Line, RecordedStep, TaskDifference, TraceComparison
from ..replay.trace_facts import concerning
from .brief import JSON, whole_items
from .contrast import sides

MOST_SHOWN = 10
MOST_FACTS = 20
CODE_CHARACTERS = 120
TOLD_CHARACTERS = 300
HEADLINES = {
    "identical": "IDENTICAL: every recorded operation gives the same bits in both.",
    "differs": "DIFFERS: operations or outputs give different bits.",
    "cannot-tell": "CANNOT TELL: the traces do not show whether the runs give the same bits.",
}
KINDS = {
    "content": "the same operation gives different bits",
    "branch": "the runs execute different operations",
    "only-in-first": "only in A",
    "only-in-second": "only in B",
}
EFFECTS = (("changes", "changes numbers"), ("may", "may change numbers"))
OUTPUTS = {"exit_code": "the exit code", "stdout": "what was printed (stdout)"}


def text(found: TraceComparison, names: tuple[str, str]) -> str:
    """The whole comparison."""
    return "\n".join(_lines(found, names))


def _lines(found: TraceComparison, names: tuple[str, str]) -> Iterator[str]:
    yield HEADLINES[found.verdict]
    for mark, name, operations, processes in zip("AB", names, found.operations, found.processes, strict=True):
        yield f"  {mark}: {visible(name)} ({operations} operations, {_counted(processes, 'process', 'processes')})"
    if found.verdict == "identical" and not any(found.operations):
        yield "No framework operation was recorded: only what the programs printed and wrote was compared."
    for told in (*found.problems, *found.notes):
        yield f"  {visible(whole_items(told, JSON, TOLD_CHARACTERS))}"
    if found.outputs_differ:
        outputs = [OUTPUTS.get(name, name) for name in found.outputs_differ[:MOST_SHOWN]]
        yield f"Different content in: {', '.join(map(visible, outputs))}{_more(found.outputs_differ)}"
    for parting in found.differences[:MOST_SHOWN]:
        yield ""
        yield from _parting(parting)
    if len(found.differences) > MOST_SHOWN:
        yield f"({len(found.differences) - MOST_SHOWN} more processes and tasks differ: see --json)"
    yield from _environments(found)


def _environments(found: TraceComparison) -> Iterator[str]:
    """What differs between the environments and can concern the operations that differ, the strongest effect first."""
    steps = [step.op for one in found.differences for step in (one.first, one.second) if step is not None]
    facts = concerning(found.facts, steps)
    others = len(found.facts) - len(facts)
    if facts:
        yield ""
        yield f"The environments differ in {_counted(len(facts), 'fact', 'facts')} that can concern these numbers:"
    members = [(one, told) for effect, told in EFFECTS for one in facts if one.effect == effect]
    for one, told in members[:MOST_FACTS]:
        yield from _fact(one, told)
    if len(members) > MOST_FACTS:
        yield f"  and {len(members) - MOST_FACTS} more (--json has all)"
    if facts and found.differences:
        yield "  None of them is proven to be the cause: to prove one, change it alone."
    if others:
        yield f"{_counted(others, 'further fact differs', 'further facts differ')} without effect on them (--json)."


def _fact(one: FactDifference, told: str) -> Iterator[str]:
    a, b = sides(one.a, one.b)
    yield f"  {visible(shortened(one.name, CODE_CHARACTERS))}: {a}, {b} ({told})"


def _parting(parting: TaskDifference) -> Iterator[str]:
    task = f", task {parting.task}" if parting.task else ""
    yield f"Process {visible(parting.process)}{task}: {KINDS[parting.kind]}"
    for mark, step in (("A", parting.first), ("B", parting.second)):
        if step is not None:
            yield from _step(mark, step)
        elif parting.kind == "branch":
            yield f"  {mark}: had ended"
    if parting.branch is not None and parting.kind == "branch":
        yield f"  {'Decided' if parting.decided else 'Parted'} at {_place(parting.branch)}"
        for mark, lines in (("A", parting.only_first), ("B", parting.only_second)):
            if lines:
                told = ", ".join(str(one.line) for one in lines[:MOST_SHOWN])
                yield f"  Only {mark} ran line {told}{_more(lines)}"


def _step(mark: str, step: RecordedStep) -> Iterator[str]:
    meta = f" -> {visible(shortened(step.meta, CODE_CHARACTERS))}" if step.meta else ""
    yield f"  {mark}: {visible(shortened(step.op, CODE_CHARACTERS))}{meta} [{step.digest}]"
    if step.source is not None:
        yield f"     {_place(step.source)}"


def _place(line: Line) -> str:
    return f"{visible(line.file)}:{line.line}  {visible(shortened(line.code, CODE_CHARACTERS))}"


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


def _more(items: Sequence[object]) -> str:
    return f" and {len(items) - MOST_SHOWN} more" if len(items) > MOST_SHOWN else ""
