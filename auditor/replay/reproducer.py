"""
A short script that shows the guilty operation's divergence without the experiment and without us, for a bug report.

It is run before it is handed over, and says how often it diverged.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from ..errors import OutputError
from ..shipped import folder
from . import amounts
from .findings import Origin
from .model import Reproducer

SCRIPT = "reproduce.py"
OPERATION = "operation.json"
KEPT = (
    "operator",
    "overload",
    "arguments",
    "keywords",
    "inputs",
    "outputs",
    "draws",
    "threads",
    "deterministic",
    "torch",
)
"""Of a dump; its interpreter's path is nobody's business in a bug report."""
COUNTED = re.compile(rb"([0-9]{1,6}) of ([0-9]{1,6}) calls gave other bits than the first\s*\Z")
TIMEOUT_SECONDS = 600.0
DRAWS = {
    "numpy": "import numpy; print(numpy.random.random_sample().hex())",
    "numpy generator": "import numpy; print(numpy.random.default_rng().random().hex())",
    "python": "import random; print(random.random().hex())",
}
PYTHON = re.compile(r"(?:python|pypy)[0-9.]*")
NOTHING = "Nothing was written: "
NOT_ALONE = "by itself it gives the same bits each time; the divergence needs something of the experiment besides"


def make(target: Path, origin: Origin | None, dump: Path | None, command: Sequence[str]) -> Reproducer:
    """
    Write the folder, and run what is in it.

    `dump` is the folder in which a run kept the operation's inputs. Raises OutputError if the folder is not empty or
    cannot be written.
    """
    if origin is None:
        return _none(target, "no recorded operation began the divergence")
    generator = _generator(origin)
    try:
        refuse_full(target)
        target.mkdir(parents=True, exist_ok=True)
        if generator:
            _write_draw(target, generator)
            return _run(target, _python_of(command))
        told = amounts.described(dump) if dump else None
        if dump is None or told is None:
            return _none(target, f"the inputs of {origin.name} could not be kept (torch's operations can)")
        if told.get("operator") != origin.name.partition(".")[0]:
            return _none(target, f"another operation stood at its place: {told.get('operator')}")
        _write_operation(target, dump, told)
    except OSError as problem:
        raise OutputError(
            f"the reproducer could not be written to {target}: {problem.strerror or problem}",
            "Give another folder to --emit-repro.",
        ) from problem
    return _run(target, str(told.get("python") or _python_of(command)))


def _none(target: Path, why: str) -> Reproducer:
    return Reproducer(folder=str(target), diverged=0, calls=0, note=NOTHING + why)


def _generator(origin: Origin) -> str:
    """Which of the generators outside torch drew; empty where torch did, or none."""
    if origin.evidence != "draw-unseeded" or "::" in origin.name:
        return ""
    if origin.name.startswith("numpy.random.Generator"):
        return "numpy generator"
    return "numpy" if origin.name.startswith("numpy.") else "python"


def refuse_full(target: Path) -> None:
    """Raise OutputError for a folder that holds something: nothing of the user's is overwritten."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise OutputError(f"{target} is there already and not empty", "Give a new folder to --emit-repro.")


def _write_draw(target: Path, generator: str) -> None:
    template = (folder("reports") / "templates" / "reproduce_draw.py").read_text(encoding="utf-8")
    (target / SCRIPT).write_text(template.replace("{draw}", DRAWS[generator]), encoding="utf-8")


def _write_operation(target: Path, dump: Path, told: dict[str, object]) -> None:
    shutil.copyfile(folder("reports") / "templates" / "reproduce_torch.py", target / SCRIPT)
    text = json.dumps({name: told[name] for name in KEPT if name in told}, indent=1)
    (target / OPERATION).write_text(text + "\n", encoding="utf-8")
    for path in sorted(dump.glob("input-*.bin")):
        if amounts.FILE.fullmatch(path.name) and path.is_file() and not path.is_symlink():
            shutil.copyfile(path, target / path.name)


def _run(target: Path, python: str) -> Reproducer:
    """What came of running it."""
    try:
        done = subprocess.run([python, SCRIPT], cwd=target, check=False, capture_output=True, timeout=TIMEOUT_SECONDS)
    except KeyboardInterrupt:  # what was not run is not handed over
        shutil.rmtree(target, ignore_errors=True)
        raise
    except (OSError, subprocess.TimeoutExpired) as problem:
        return Reproducer(folder=str(target), diverged=0, calls=0, note=f"it could not be run: {problem}")
    counted = COUNTED.search(done.stdout)
    if counted is None:
        last = (done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it printed nothing"])[-1]
        return Reproducer(folder=str(target), diverged=0, calls=0, note=f"it failed: {last[:300]}")
    diverged, calls = map(int, counted.groups())
    return Reproducer(folder=str(target), diverged=diverged, calls=calls, note="" if diverged else NOT_ALONE)


def _python_of(command: Sequence[str]) -> str:
    """The command's own Python, if it begins with one; else the first on PATH."""
    return command[0] if PYTHON.fullmatch(Path(command[0]).name) else "python3"
