"""A trace of `replay --record`, or the folder of a run: what it holds of the run. All of it is hostile data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..quoting.inert import shortened, visible
from ..replay.trace.archive import Trace, open_trace
from ..replay.trace.format import NAMES
from ..replay.trace.frameworks import framework_of
from ..replay.trace.stream import Stream
from . import lines

MOST_PROCESSES, MOST_FILES, MOST_PROBLEMS = 50, 50, 20
PROGRAM_CHARACTERS = 60


def text(path: Path) -> Iterator[str]:
    """Lines: program, frameworks, operations, output; each process; what could not be recorded; facts."""
    with open_trace(path) as trace:
        yield from _head(trace)
        yield from _processes(trace)
        yield from _files(trace.description.get("files"))
        yield from _problems(trace)
        yield from lines.facts(trace.description.get("facts"))
        if "facts" not in trace.description:
            yield ""
            yield "It holds no facts of the environment: an older auditor or `replay` itself wrote it."


def _head(trace: Trace) -> Iterator[str]:
    yield "TRACE of one run. It is not signed: anyone could have written it."
    yield f"  Program:     {_program(trace)}"
    yield f"  Exit code:   {_value(trace.description.get('exit_code'))}"
    yield f"  Frameworks:  {', '.join(frameworks(trace)) or 'none: no framework operation was recorded'}"
    tasks = f", {_counted(len(trace.streams), 'task', 'tasks')}" if len(trace.streams) > len(trace.lineages) else ""
    yield f"  Processes:   {len(trace.lineages)}{tasks}"
    yield f"  Operations:  {trace.operations}, {'with' if trace.detail else 'without'} their inputs"
    yield f"  Digests:     {', '.join(sorted(map(visible, trace.algorithms))) or 'none'}"
    yield f"  stdout:      {_digest(trace.description.get('stdout'))}"


def frameworks(trace: Trace) -> list[str]:
    """The frameworks whose operations, draws or seeds it names, in the order of the alphabet."""
    names = {
        stream.text(NAMES, number)
        for stream in trace.streams.values()
        for number in range(1, len(stream.structure.tables[NAMES]) + 1)
    }
    return sorted({framework_of(name) for name in names})


def _processes(trace: Trace) -> Iterator[str]:
    if trace.lineages:
        yield ""
        yield "Processes:"
    for lineage in trace.lineages[:MOST_PROCESSES]:
        streams = trace.of_process(lineage)
        operations = sum(stream.structure.operations for stream in streams.values())
        told = [_counted(operations, "operation", "operations"), *_about(next(iter(streams.values())))]
        told += [_counted(len(streams), "task", "tasks")] if len(streams) > 1 else []
        told += ["cut off: it was ended or replaced itself"] if any(one.cut for one in streams.values()) else []
        yield f"  {visible(lineage)}: {', '.join(told)}"
    if len(trace.lineages) > MOST_PROCESSES:
        yield f"  and {len(trace.lineages) - MOST_PROCESSES} more"


def _about(stream: Stream) -> list[str]:
    """What a process says of itself."""
    held = _described(stream)
    told = {"": "argv0", "Python ": "python", "rank ": "rank"}
    return [word + _value(held[name]) for word, name in told.items() if held.get(name)]


def _described(stream: Stream) -> dict[str, Any]:
    try:
        held = json.loads(stream.process)
    except (ValueError, RecursionError):
        return {}
    return held if isinstance(held, dict) else {}


def _program(trace: Trace) -> str:
    """The program of the first process; a trace holds no arguments of the command."""
    first = next(iter(trace.streams.values()), None)
    name = _described(first).get("argv0") if first else None
    return _value(name) if name else "not told"


def _files(found: Any) -> Iterator[str]:
    if not isinstance(found, dict) or not found:
        return
    yield ""
    yield f"Files that it wrote ({len(found)}):"
    for name, digest in sorted(found.items())[:MOST_FILES]:
        yield f"  {visible(shortened(name))}: {_digest(digest)}"
    if len(found) > MOST_FILES:
        yield f"  and {len(found) - MOST_FILES} more"


def _problems(trace: Trace) -> Iterator[str]:
    told = trace.description.get("problems")
    found = [one for one in told if isinstance(one, str)] if isinstance(told, list) else []
    found += [f"{key.file}: {problem}" for key, problem in trace.problems]
    if found:
        yield ""
        yield "What could not be recorded (it is never called identical to another):"
    for one in found[:MOST_PROBLEMS]:
        yield f"  {visible(shortened(one))}"
    if len(found) > MOST_PROBLEMS:
        yield f"  and {len(found) - MOST_PROBLEMS} more"


def _value(value: Any) -> str:
    if value is None:
        return "not told"
    return visible(shortened(str(value), PROGRAM_CHARACTERS))


def _digest(value: Any) -> str:
    return f"sha256:{visible(shortened(value, 64))}" if isinstance(value, str) and value else "not told"


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"
