"""
Which planted faults does the catalogue catch? The score of the checks, by contract.

Usage: `make power`, or `python tools/power.py --python PYTHON [--only NAME ...] [--framework NAME] [--record]`.

Each plant of `tests/power/plants/` is a set-up file with a fault. The real command runs one control and the plant's
contracts under it, the quick ones first, until one fails for values that do not fail without the plant: then the plant
is caught. What was measured is kept in `.power/` for the next run. With `--record` each result joins
`tests/power/scores.json` as soon as it is there, the first one that was recorded of each plant beside the last one.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.manifest.queries import deviating

ROOT = Path(__file__).resolve().parent.parent
PLANTS, SCORES = ROOT / "tests/power/plants", ROOT / "tests/power/scores.json"
AUDITOR = [sys.executable, "-c", "from auditor.cli import main; main()"]
STEP_SECONDS, TIMEOUT_SECONDS = 900.0, 3600.0
"""For one step of the command, and for one run of it; a plant that makes a check hang is told as such."""
MANY_OPERATORS = "-every-operator"
"""In the name of a contract that takes minutes: it runs after the others of a plant."""


@dataclass(frozen=True)
class Plant:
    """A set-up file with a fault, and what is claimed of it."""

    path: Path
    contracts: tuple[str, ...]
    control: str
    report: str
    subtle: bool

    @property
    def name(self) -> str:
        """Framework and file."""
        return f"{self.path.parent.name}/{self.path.stem}"


@dataclass(frozen=True)
class Finding:
    """The outcome of a check, and the names of the values that failed."""

    outcome: str
    names: frozenset[str]
    message: str = ""


@dataclass(frozen=True)
class Result:
    """What the command said under a plant."""

    plant: Plant
    by: str
    """The contract that caught it; empty if none did."""
    control: str
    """What was wrong with the control; empty if nothing was."""
    told: str
    seconds: float


def plants(framework: str, only: Sequence[str]) -> list[Plant]:
    """The plants, sorted by name."""
    found = [_plant(path) for path in sorted(PLANTS.glob("*/*.py"))]
    chosen = [one for one in found if framework in ("", one.path.parent.name)]
    return [one for one in chosen if not only or one.name in only or one.path.stem in only]


def _plant(path: Path) -> Plant:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "PLANT"
    )
    return Plant(path, tuple(told["contracts"]), told["control"], told["report"], told["subtle"])


@dataclass(frozen=True)
class Kept:
    """
    What the command said before, in a folder: an interrupted run goes on where it ended.

    An answer counts as long as the interpreter, the set-up file and every source file of auditor and its checks are the
    same. `afresh` ignores what is kept.
    """

    folder: Path
    source: str
    """Digest of the source files and of the interpreter's path."""
    afresh: bool = False

    def findings(self, python: str, checks: Iterable[str], setup: Path | None) -> dict[str, Finding]:
        """`findings`, of those checks alone that are not kept."""
        wanted = list(checks)
        told = {check: found for check in wanted if (found := self._read(check, setup)) is not None}
        left = [check for check in wanted if check not in told]
        if left:
            new = findings(python, left, setup)
            for check, found in new.items():
                self._write(check, setup, found)
            told.update(new)
        return told

    def _path(self, check: str, setup: Path | None) -> Path:
        text = setup.read_text(encoding="utf-8") if setup else ""
        key = hashlib.sha256(f"{self.source}\n{check}\n{text}".encode()).hexdigest()
        return self.folder / f"{key}.json"

    def _read(self, check: str, setup: Path | None) -> Finding | None:
        path = self._path(check, setup)
        if self.afresh or not path.exists():
            return None
        told = json.loads(path.read_text(encoding="utf-8"))
        return Finding(told["outcome"], frozenset(told["names"]), told["message"])

    def _write(self, check: str, setup: Path | None, found: Finding) -> None:
        if found.outcome == "error":
            return
        self.folder.mkdir(exist_ok=True)
        path = self._path(check, setup)
        told = {"outcome": found.outcome, "names": sorted(found.names), "message": found.message}
        path.with_suffix(".new").write_text(json.dumps(told), encoding="utf-8")
        path.with_suffix(".new").replace(path)


def source_digest(python: str) -> str:
    """Over every source file of auditor and its checks, and the interpreter's path."""
    state = hashlib.sha256(python.encode())
    for path in sorted([*(ROOT / "auditor").rglob("*.py"), *(ROOT / "checks").rglob("*.py")]):
        state.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return state.hexdigest()


def findings(python: str, checks: Iterable[str], setup: Path | None) -> dict[str, Finding]:
    """What the real command says of these checks. A run that ends without findings is told in their place."""
    only = [part for check in checks for part in ("--check", check)]
    given = ["--setup", str(setup)] if setup else []
    command = [*AUDITOR, "check", "--python", python, *only, *given, "--timeout", f"{STEP_SECONDS:.0f}", "--json", "-q"]
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        return {check: Finding("error", frozenset(), f"no answer within {TIMEOUT_SECONDS:.0f} s") for check in checks}
    try:
        document = json.loads(done.stdout)
    except ValueError:
        lines = done.stderr.strip().splitlines() or ["nothing was printed"]
        return {check: Finding("error", frozenset(), lines[-1]) for check in checks}
    return {one["check"]: _finding(one) for one in document["findings"]}


def _finding(told: Mapping[str, Any]) -> Finding:
    names = deviating(told["evidence"]) if told["outcome"] == "fail" else ()
    return Finding(told["outcome"], frozenset(names), told["message"])


def judge(plant: Plant, clean: Mapping[str, Finding], under: Mapping[str, Finding], seconds: float) -> Result:
    """Whether a contract fails under the plant for what does not fail without it, and its control stays as it is."""
    by = next((check for check in plant.contracts if caught(clean.get(check), under.get(check))), "")
    before, after = clean.get(plant.control), under.get(plant.control)
    moved = (
        ""
        if before and after and before.outcome == after.outcome
        else f"{plant.control}: {_outcome(before)} to {_outcome(after)}"
    )
    told = "; ".join(f"{check} {_outcome(under.get(check))}" for check in plant.contracts)
    return Result(plant, by, moved, told, seconds)


def caught(before: Finding | None, after: Finding | None) -> bool:
    """Whether a check fails with a plant for values that do not fail without it."""
    if after is None or after.outcome != "fail":
        return False
    return before is None or before.outcome != "fail" or not after.names <= before.names


def _outcome(one: Finding | None) -> str:
    return one.outcome if one else "not run"


def table(results: Sequence[Result]) -> list[str]:
    """By contract: caught, and the missed ones by name."""
    of: defaultdict[str, list[Result]] = defaultdict(list)
    for one in results:
        of[one.by or one.plant.contracts[0]].append(one)
    lines = []
    for contract, found in sorted(of.items()):
        missed = [one.plant.name for one in found if not one.by]
        lines.append(f"{contract:38s} {len(found) - len(missed):2d} of {len(found):2d}  {', '.join(missed)}")
    caught = sum(bool(one.by) for one in results)
    lines.append(f"caught {caught} of {len(results)} ({100 * caught / max(1, len(results)):.0f} %)")
    return lines


def scores() -> dict[str, dict[str, dict[str, str]]]:
    """By plant the `first` and the `last` recorded result: date, commit, by, told, control."""
    return dict(json.loads(SCORES.read_text(encoding="utf-8"))) if SCORES.exists() else {}


def recorded(known: Mapping[str, Mapping[str, Any]], results: Sequence[Result], commit: str) -> dict[str, Any]:
    """The recorded results with these as the last ones, sorted by plant."""
    date = time.strftime("%Y-%m-%d", time.gmtime())
    joined = dict(known)
    for one in results:
        said = {"date": date, "commit": commit, "by": one.by, "told": one.told, "control": one.control}
        joined[one.plant.name] = {"first": known.get(one.plant.name, {}).get("first", said), "last": said}
    return dict(sorted(joined.items()))


def _commit() -> str:
    """The commit that is measured; with a plus if files differ from it."""
    told = subprocess.run(
        [shutil.which("git") or "git", "describe", "--always", "--dirty=+"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return told.stdout.strip()


def main() -> int:
    """Run the plants, print each as it ends, then the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--python", required=True, help="the audited Python")
    parser.add_argument("--framework", default="", help="only the plants of this framework")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="only these plants")
    parser.add_argument("--record", action="store_true", help="join the results to tests/power/scores.json")
    parser.add_argument(
        "--jobs", type=int, default=1, help="plants at the same time; races show less on a busy machine"
    )
    parser.add_argument("--afresh", action="store_true", help="measure what an interrupted run has measured already")
    options = parser.parse_args()
    kept = Kept(ROOT / ".power", source_digest(options.python), options.afresh)
    with ThreadPoolExecutor(max_workers=options.jobs) as pool:
        tried = [pool.submit(measured, one, kept, options.python) for one in plants(options.framework, options.only)]
        results = []
        for one in tried:
            results.append(one.result())
            _tell(results[-1])
            if options.record:
                _record(results[-1])
    print("\n".join(table(results)))
    known = scores()
    first = [known[one.plant.name]["first"] for one in results if one.plant.name in known]
    if first:
        print(f"first results of {len(first)} of them: caught {sum(bool(one['by']) for one in first)}")
    return 0


def measured(plant: Plant, kept: Kept, python: str) -> Result:
    """
    What the command says of a plant: its control, and its contracts one by one until one catches it.

    What a contract says without the plant is only measured where it fails with it.
    """
    started = time.monotonic()
    under = kept.findings(python, [plant.control], plant.path)
    clean = kept.findings(python, [plant.control], None)
    for check in sorted(plant.contracts, key=lambda check: MANY_OPERATORS in check):
        under.update(kept.findings(python, [check], plant.path))
        if under[check].outcome == "fail":
            clean.update(kept.findings(python, [check], None))
        if caught(clean.get(check), under[check]):
            break
    return judge(plant, clean, under, time.monotonic() - started)


def _tell(result: Result) -> None:
    how = f"caught by {result.by}" if result.by else f"MISSED ({result.told})"
    control = f"; control {result.control}" if result.control else ""
    print(f"{result.plant.name:52s} {how}; {result.seconds:.0f} s{control}", flush=True)


def _record(result: Result) -> None:
    told = json.dumps(recorded(scores(), [result], _commit()), indent=1) + "\n"
    beside = SCORES.with_suffix(".new")
    beside.write_text(told, encoding="utf-8")
    beside.replace(SCORES)


if __name__ == "__main__":
    sys.exit(main())
