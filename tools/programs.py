"""
Does replay say the truth of programs as people run them? The score on `tests/auditor/replay/programs/`.

    python tools/programs.py truth --python PYTHON [--only NAME ...]     five plain runs of each case, into truth.json
    python tools/programs.py score --python PYTHON [--only NAME ...]     replays of each case, into scores.json

A program is a folder with a `program.toml`: its command, and its cases, each the program as it is or with a planted
fault, which is a replacement of text. The truth of a case is what plain runs show when one line is added that prints a
digest of all parameters. The first score of a case is kept beside the last one.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = ROOT / "tests/auditor/replay/programs"
TRUTH, SCORES = PROGRAMS / "truth.json", PROGRAMS / "scores.json"
PLAIN_RUNS = 5
LIMIT_SECONDS = 900.0
"""For one replay; more is told as no verdict."""
DIGEST = "DIGEST "
"""How the added line begins what it prints."""
GUILTY = "# guilty"
"""Ends the line that a replay should name."""


@dataclass(frozen=True)
class Case:
    """A program as it is, or with a fault."""

    folder: Path
    name: str
    command: str
    digest: Mapping[str, str]
    replace: Sequence[Mapping[str, str]]
    truth: str
    causes: Sequence[str]
    """Causes of which any is right; none for a case without a fault."""
    about: str

    @property
    def title(self) -> str:
        """Program and case."""
        return f"{self.folder.name}/{self.name}"

    def placed(self, folder: Path, *, digest: bool = False) -> None:
        """Write the case's files into a folder, with the line that prints the digest if that is asked for."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "program.toml").unlink()
        for one in self.replace:
            _replace(folder / one["file"], one["old"], one["new"])
        if digest:
            indent = self.digest["after"][: len(self.digest["after"]) - len(self.digest["after"].lstrip())]
            added = f"{self.digest['after']}\n{indent}{self.digest['line']}"
            _replace(folder / self.digest["file"], self.digest["after"], added)

    def arguments(self, python: str) -> list[str]:
        """The command; `python` in it is the audited environment's."""
        return [python if one == "python" else one for one in self.command.split()]

    def guilty(self) -> set[str]:
        """`file:line` of the lines that are marked, in the case's files; any of them is right."""
        with tempfile.TemporaryDirectory() as folder:
            self.placed(Path(folder))
            return {
                f"{path.name}:{number}"
                for path in sorted(Path(folder).rglob("*.py"))
                for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
                if GUILTY in line
            }


def _today() -> str:
    return dt.datetime.now(tz=dt.timezone.utc).date().isoformat()


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise SystemExit(f"{path}: this text must be there once, and is {text.count(old)} times: {old!r}")
    path.write_text(text.replace(old, new), encoding="utf-8")


def cases(only: Sequence[str]) -> Iterator[Case]:
    """All cases, or those whose program or title is named, sorted."""
    for path in sorted(PROGRAMS.glob("*/program.toml")):
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        for one in told["case"]:
            case = Case(
                folder=path.parent,
                name=one["name"],
                command=one.get("command", told["command"]),
                digest=told["digest"],
                replace=one.get("replace", ()),
                truth=one["truth"],
                causes=one.get("causes", ()),
                about=one.get("about", told["about"]),
            )
            if not only or case.title in only or case.folder.name in only:
                yield case


# --------------------------------------------------------------------------------------------------------- the truth


def plain(case: Case, python: str) -> dict[str, Any]:
    """What so many plain runs show: how many different results, exit codes, and the seconds of a run."""
    results, codes, seconds = [], [], []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / case.folder.name
        case.placed(folder, digest=True)
        for _ in range(PLAIN_RUNS):
            began = time.monotonic()
            done = subprocess.run(
                case.arguments(python), cwd=folder, capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS
            )
            seconds.append(time.monotonic() - began)
            codes.append(done.returncode)
            results.append("\n".join(line for line in done.stdout.splitlines() if line.startswith(DIGEST)))
            if not results[-1]:
                print(done.stdout[-2000:], done.stderr[-4000:], sep="\n")
    return {
        "results": len(set(results)),
        "printed": sum(map(bool, results)),
        "exit_codes": sorted(set(codes)),
        "seconds": round(sorted(seconds)[PLAIN_RUNS // 2], 1),
        "date": _today(),
    }


def truths(chosen: Sequence[Case], python: str) -> int:
    """Measure and record; 1 if a case is not as its `truth` says."""
    wrong = 0
    for case in chosen:
        found = plain(case, python)
        seen = "identical" if found["results"] == 1 else "diverged"
        valid = found["printed"] == PLAIN_RUNS and seen == case.truth
        wrong += not valid
        print(f"{case.title:50s} {case.truth:10s} {found} {'' if valid else '   <- not as it says'}", flush=True)
        _join(TRUTH, {case.title: found})
    return int(bool(wrong))


def _join(path: Path, more: Mapping[str, Any]) -> None:
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known.update(more)
    path.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n", encoding="utf-8")


# --------------------------------------------------------------------------------------------------------- the score


def replayed(case: Case, python: str) -> dict[str, Any]:
    """What a replay says of the case."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / case.folder.name
        case.placed(folder)
        told = Path(scratch) / "result.json"
        command = [sys.executable, "-c", "from auditor.cli import main; main()", "replay", "--json", "--"]
        began = time.monotonic()
        with told.open("wb") as output:
            child = subprocess.Popen(
                [*command, *case.arguments(python)],
                cwd=folder,
                stdout=output,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
            try:
                _, errors = child.communicate(timeout=LIMIT_SECONDS)
            except subprocess.TimeoutExpired:
                child.terminate()
                _, errors = child.communicate()
        seconds = time.monotonic() - began
        text = told.read_text(encoding="utf-8")
    return {**_said(case, text, errors), "exit_code": child.returncode, "seconds": round(seconds)}


def _said(case: Case, text: str, errors: str) -> dict[str, Any]:
    try:
        result = json.loads(text)
    except ValueError:
        return {
            "verdict": "none",
            "right": False,
            "cause": "",
            "line": "",
            "runs": _runs(errors),
            "note": errors[-300:],
        }
    divergence = result.get("divergence") or {}
    source = divergence.get("source") or {}
    cause = divergence.get("cause") or ""
    proven = bool((result.get("remedy") or {}).get("proven"))
    line = f"{Path(source['file']).name}:{source['line']}" if source.get("file") else ""
    guilty = case.guilty()
    right = result["verdict"] == case.truth and (not case.causes or cause in case.causes)
    told = {
        "verdict": result["verdict"],
        "cause": cause,
        "proven": proven,
        "line": line,
        "line_right": not guilty or line in guilty,
        "runs": _runs(errors),
        "right": right,
        "false_proof": bool(divergence.get("proof")) and (case.truth == "identical" or cause not in case.causes),
    }
    return told if right else {**told, "why": _why(result)}


def _why(result: Mapping[str, Any]) -> list[str]:
    """What a verdict that is not right stands on: problems, and the first places that differ."""
    places = [f"{one['where']} {one['place']}: {one['first']} | {one['second']}" for one in result["differences"][:3]]
    return [*map(str, result["problems"]), *places]


def _runs(errors: str) -> int:
    """How many runs were made, by the progress."""
    return max((int(one) for one in re.findall(r"run (\d+)(?: of [^:]*)?:", errors)), default=0)


def scores(chosen: Sequence[Case], python: str) -> int:
    """Replay and record; 1 if one is not right."""
    wrong = 0
    for case in chosen:
        said = {**replayed(case, python), "date": _today()}
        known = json.loads(SCORES.read_text(encoding="utf-8")) if SCORES.exists() else {}
        first = known.get(case.title, {}).get("first", said)
        _join(SCORES, {case.title: {"first": first, "last": said}})
        wrong += not said["right"]
        print(f"{case.title:50s} {case.truth:10s} {said}", flush=True)
    return int(bool(wrong))


def main(arguments: Sequence[str]) -> int:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("command", choices=["truth", "score"])
    parser.add_argument("--python", required=True, help="the environment of the programs")
    parser.add_argument("--only", nargs="+", default=(), metavar="NAME")
    options = parser.parse_args(arguments)
    options.python = str(Path(options.python).absolute())  # not resolved: it is a link in a virtual environment
    chosen = [*cases(options.only)]
    if not chosen:
        parser.error("no program has such a name")
    return (truths if options.command == "truth" else scores)(chosen, options.python)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
