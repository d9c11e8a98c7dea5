"""`auditor probe -- COMMAND`: run the command, compare its facts with bare interpreters, print."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from ..audit.defaults import ChangedFact, Defaults, differences
from ..catalogue import catalogue
from ..errors import INCONCLUSIVE, INTERRUPTED, OK
from ..interpreter.processes import describe_end
from ..manifest.models import Fact
from ..privacy.modes import Privacy
from ..real_run import run
from ..real_run.recordings import Process
from ..real_run.run import RealRun
from ..render import real_run as rendered

NOTHING = "No Python process of the command could be recorded, so there are no facts of the run."
UNSEEN = (
    "Not recorded: programs other than Python, `python -I`, `-E` and `-S`, scripts that replace PYTHONPATH or clear"
    " the environment, other machines and containers, and processes that end by a signal or os._exit."
)
Compared = Mapping[str, ChangedFact] | None


def probe_real_run(
    command: Sequence[str],
    *,
    identify: bool,
    timeout_seconds: float,
    quiet: bool,
    as_json: bool,
    output: Path | None,
    compare: bool,
) -> int:
    """Run the command and write its facts where the options say. Returns the exit code."""
    privacy = Privacy("identified" if identify else "tokenised")
    known = catalogue.load(only_facts=True)
    seen = run.run(command, known.groups, privacy, stdout=sys.stderr.fileno() if as_json else None)
    everyone = [*([seen.main] if seen.main else []), *seen.processes]
    defaults = Defaults(known, timeout_seconds, privacy)
    changed = [_changed(process, defaults) if compare else None for process in everyone]
    document = json.dumps(_document(seen, changed), indent=2)
    if output:
        output.write_text(document + "\n", encoding="utf-8")
    if as_json:
        click.echo(document)
    elif not (quiet and output):
        click.echo("\n".join(_report(seen, everyone, changed)), err=True)
    if seen.main is None and (as_json or (quiet and output)):
        click.echo("auditor: " + "\n".join(_nothing(seen)), err=True)
    if seen.interrupted:
        return INTERRUPTED
    return INCONCLUSIVE if seen.main is None else OK


def _changed(process: Process, defaults: Defaults) -> Compared:
    """The facts that differ from a bare interpreter; None where nothing could be compared."""
    default = defaults.of(process) if process.recorded else {}
    return differences(default, process.facts) if default else None


def _document(seen: RealRun, changed: Sequence[Compared]) -> dict[str, Any]:
    document: dict[str, Any] = {"facts": {}, "defaults": None, "main": None}
    of_others = list(changed)
    if seen.main:
        first = _entry(seen.main, of_others.pop(0), seen.machine)
        document = {"facts": first.pop("facts"), "defaults": first.pop("defaults"), "main": first}
    document["processes"] = [_entry(*pair) for pair in zip(seen.processes, of_others, strict=True)]
    document["processes_left_out"] = seen.left_out
    document["exit_code"] = seen.exit_code
    return document


def _entry(process: Process, changed: Compared, machine: Mapping[str, Fact] | None = None) -> dict[str, Any]:
    facts = {**process.facts, **(machine or {})}
    return {
        "pid": process.pid,
        "id": process.token,
        "parent": process.parent or None,
        "program": process.program,
        "worker": process.worker or None,
        "frameworks": list(process.frameworks),
        "problems": process.problems,
        "facts": {key: _fact(fact) for key, fact in sorted(facts.items())},
        "defaults": None
        if changed is None
        else {key: {"default": _fact(one.default), "real": _fact(one.real)} for key, one in changed.items()},
    }


def _fact(fact: Fact) -> Any:
    return fact.model_dump(mode="json", by_alias=True)


def _report(seen: RealRun, everyone: Sequence[Process], changed: Sequence[Compared]) -> list[str]:
    ended = describe_end(seen.exit_code) or "exit code 0"
    if seen.main is None:
        return [f"\nauditor: the command ended ({ended}).", *_nothing(seen)]
    recorded = sum(process.recorded for process in everyone)
    count = f"{recorded} Python processes" if recorded > 1 else "its Python process"
    lines = [f"\nauditor: the command ended ({ended}); the facts of {count} were taken at exit."]
    told = [rendered.process(_name(process), one) for process, one in zip(everyone, changed, strict=True)]
    lines += told[0] + rendered.others(
        [one for one, process in zip(told, everyone, strict=True) if process.recorded][1:]
    )
    return lines + _missing(seen)


def _missing(seen: RealRun) -> list[str]:
    """The problems of each process; equal ones are joined."""
    everyone = [*([seen.main] if seen.main else []), *seen.processes]
    names: dict[str, list[str]] = {}
    for process in everyone:
        for problem in process.problems:
            names.setdefault(problem, []).append(_name(process))
    lines = [rendered.named(alike, problem) for problem, alike in names.items()]
    if seen.left_out:
        lines.append(f"{seen.left_out} more processes were not read: only the first ones of a run are")
    return [rendered.process(line, None)[0] for line in lines]


def _nothing(seen: RealRun) -> list[str]:
    return [NOTHING, UNSEEN, *_missing(seen)]


def _name(process: Process) -> str:
    worker = f", {process.worker}" if process.worker else ""
    return f"{process.program or 'python'} (process {process.pid}{worker})"
