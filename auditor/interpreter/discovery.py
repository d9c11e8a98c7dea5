"""Finds the Python to audit."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import InterpreterError, NotAPythonError, UsageError
from ..frameworks import FRAMEWORKS

OLDEST = (3, 8)
IDENTIFY_SECONDS = 60
MARKER = "auditor:"
"""Prefix of the output of IDENTIFY: a start-up file may print before it."""
IDENTIFY = f"""
import json, sys

def installed(name):
    try:
        from importlib.util import find_spec
        return find_spec(name) is not None
    except Exception:  # damaged: the audit says how
        return True

sys.path[:] = [entry for entry in sys.path if entry]  # a folder torch/ in the working folder is no framework
found = [name for name in {FRAMEWORKS!r} if installed(name)]
sys.stdout.write({MARKER!r} + json.dumps([list(sys.version_info[:3]), sys.platform, found]))
"""
"""Prints version, platform, and the frameworks that can be found; it imports none of them."""


@dataclass(frozen=True)
class Audited:
    """The interpreter that is audited."""

    path: str
    """The path it is started with; not resolved, since Python finds a virtual environment through its link."""
    reason: str
    """Why it was chosen."""
    version: tuple[int, ...]
    """Its version: major, minor, micro."""
    frameworks: tuple[str, ...] = FRAMEWORKS
    """The frameworks that are installed there; by default none is known to be absent."""


def discover(
    given: str = "",
    environment: Mapping[str, str] = os.environ,
    meanwhile: Callable[[], None] = lambda: None,
) -> Audited:
    """
    The Python to audit: the given one, else the first candidate. `meanwhile` is called while it starts.

    Raises UsageError if there is none, NotAPythonError or InterpreterError if the chosen one does not answer.
    """
    path, reason = _resolve_given(given) if given else next(_candidates(environment), ("", ""))
    if not path:
        raise UsageError(
            "no Python to audit was found: no active environment, no ./.venv, and no python3 on PATH",
            "Nothing was audited. Give one with --python PATH.",
        )
    return Audited(path, reason, *_identify(path, meanwhile))


def _resolve_given(given: str) -> tuple[str, str]:
    """A path, a folder that is an environment, or a command on PATH."""
    inside = Path(given) / "bin" / "python"
    if inside.exists():
        return str(inside.absolute()), f"the environment given with --python {given}"
    found = given if os.sep in given else shutil.which(given) or given
    if not Path(found).exists():
        raise UsageError(f"{given} does not exist", "Nothing was audited. --python takes the path of an interpreter.")
    if Path(found).is_dir():
        raise NotAPythonError(
            f"{given} is a folder without bin/python", "Nothing was audited. Give an interpreter or an environment."
        )
    if not os.access(found, os.X_OK):
        raise NotAPythonError(
            f"{given} is not a Python: it cannot be executed", "Nothing was audited. Give an interpreter's path."
        )
    return str(Path(found).absolute()), "given with --python"


def _candidates(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    virtual = environment.get("VIRTUAL_ENV", "")
    conda = environment.get("CONDA_PREFIX", "")
    base = environment.get("CONDA_DEFAULT_ENV", "") == "base"
    for folder, reason in (
        (virtual, "the active virtual environment ($VIRTUAL_ENV)"),
        (".venv", "./.venv"),
        ("" if base else conda, "the active conda environment"),
    ):
        if folder and (Path(folder) / "bin" / "python").exists():
            yield str(Path(folder).absolute() / "bin" / "python"), reason
    if any(importlib.util.find_spec(name) for name in FRAMEWORKS):
        yield sys.executable, "auditor's own interpreter, which holds a framework"
    if found := shutil.which("python3"):
        yield found, "python3 on PATH"


def _identify(path: str, meanwhile: Callable[[], None]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The version and frameworks that it reports, which also shows that it is a Python and starts."""
    done = _answered([path, "-B", "-c", IDENTIFY], meanwhile)
    _, marker, said = done.stdout.decode("utf-8", "replace").rpartition(MARKER)
    if done.returncode == 0 and marker:
        return identified(path, said)
    raise _no_answer(path, done)


def _answered(command: list[str], meanwhile: Callable[[], None]) -> subprocess.CompletedProcess[bytes]:
    """As `subprocess.run`, with something else done while the command runs."""
    path = command[0]
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except OSError as problem:
        raise NotAPythonError(
            f"{path} is not a Python: it could not be started ({problem.strerror})",
            "Nothing was audited. Give an interpreter's path with --python.",
        ) from problem
    with process:
        try:
            meanwhile()
            output, errors = process.communicate(timeout=IDENTIFY_SECONDS)
        except subprocess.TimeoutExpired as problem:
            process.kill()
            raise InterpreterError(
                f"{path} did not answer within {IDENTIFY_SECONDS} s",
                "Nothing was audited. Start it by hand: a sitecustomize or .pth file may be waiting for something.",
            ) from problem
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


def identified(path: str, said: str) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """
    The version and the installed frameworks in the output of IDENTIFY.

    Raises InterpreterError for an unsupported version or platform.
    """
    version, platform, frameworks = json.loads(said)
    if tuple(version) < OLDEST:
        raise InterpreterError(
            f"{path} is Python {version[0]}.{version[1]}",
            "Nothing was audited: facts and Python-level checks need 3.8 or newer, framework checks 3.10 or newer.",
        )
    if not platform.startswith(("linux", "darwin")):
        raise InterpreterError(f"{path} runs on {platform}", "Nothing was audited: Linux (glibc) is supported.")
    return tuple(version), tuple(frameworks)


def _no_answer(path: str, done: subprocess.CompletedProcess[bytes]) -> Exception:
    """The error for a program that gave no answer; its file name tells whether it is a Python."""
    end = f"killed by signal {-done.returncode}" if done.returncode < 0 else f"exit code {done.returncode}"
    if re.match(r"(python|pypy)", Path(path).name):
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        told = f"{end}: {last[0]}" if last else end
        return InterpreterError(
            f"{path} dies on start ({told})",
            "Nothing was audited. Start it by hand: often the base Python of a virtual environment was removed.",
        )
    # What another program says repeats our question.
    return NotAPythonError(
        f"{path} is not a Python ({end})", "Nothing was audited. Give an interpreter's path with --python."
    )
