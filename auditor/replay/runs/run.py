"""
Runs the experiment once under the recorder, its command unchanged.

The command's output is passed through and kept in the run's folder for comparison. Its standard output is a pipe, not
a terminal.
"""

from __future__ import annotations

import contextlib
import glob
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import psutil

from ... import shipped
from ...errors import UsageError
from ...factors import factors
from ...factors.factors import PLACEBO
from ...interpreter.processes import contention
from ...manifest.digests import file_digest
from ...real_run import command as commands
from ...real_run.recordings import failures
from ..files import changes
from ..files.written import FileDigest, Place, Written, digests
from . import by_process, noted
from .output import Output, Printed
from .slowed import slowed
from .stop import Stop

VARIABLE = "AUDITOR_REPLAY"
RECORDER = "replay/_replay.py"
FACTS = "facts"
"""The folder, within the run's, of what its processes tell of themselves at exit."""
TICK_SECONDS = 0.1
GRACE_SECONDS = 3.0
"""Between SIGTERM and SIGKILL, once the time limit has passed or we are told to stop."""
ENOUGH_INTERRUPTIONS = 2
"""After so many the command is ended, however it handled the first."""
MOST_FILES = 10_000
OUTLIVED = (
    "processes of the command ran on after it had ended: their later steps are not recorded, and two traces may end at"
    " different places for that reason alone"
)


@dataclass(frozen=True)
class Setup:
    """The settings of one run."""

    folder: Path
    """Made here, and must not exist: the run's trace, its output and its scratch files."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Factors and cures, by the names of `factors.py`."""
    tier: Literal["base", "detail", "lines"] = "base"
    portable: bool = False
    """Whether to use a digest algorithm that every machine has."""
    roots: Sequence[str] = ()
    """Folders whose files are the user's even if they look like a library's."""
    files: Sequence[str] = ()
    """Patterns of files that the experiment writes, relative to the current folder; `**` goes down."""
    watch: bool = False
    """Whether to compare all files that it writes, in the working folder and in folders that the command names."""
    ignore: Sequence[str] = ()
    """Patterns of files that are not compared."""
    earlier: Sequence[str] = ()
    """Files of an earlier run that it finds: the statements that load them are noted (`noted.loads`)."""
    timeout_seconds: float | None = None
    """As many times longer as the run is slowed."""
    show: bool = True
    """Whether the command's output is passed through as well as kept."""
    exact_output: bool = False
    """See `Run.exact_output`."""
    facts: bool = False
    """Whether each process reads its facts at exit (`exit_facts.facts_of`)."""
    stop: Stop | None = None
    """When the command is told to end before its end."""
    steps: bool = False
    """Whether the state around each optimizer step is told, and which paths are written (`noted`)."""
    dump: Mapping[str, str | int] | None = None
    """In the detail tier: the operation (`lineage`, `ordinal`, `at`) whose inputs and outputs are kept as files."""
    zoom: Mapping[str, str | int] | None = None
    """In the detail tier: the region (`lineage`, `ordinal`, `name`, `count`) to evaluate operation by operation too."""


@dataclass(frozen=True)
class Run:
    """One run of the experiment."""

    folder: Path
    """Holds the trace (`archive.open_folder`), the output and scratch files."""
    exit_code: int
    """The command's own; minus the signal's number when a signal ended it."""
    seconds: float
    stdout: Printed
    stderr: Printed
    files: tuple[FileDigest, ...] = ()
    timed_out: bool = False
    interrupted: bool = False
    """Whether we were told to stop while it ran."""
    problems: tuple[str, ...] = ()
    """What could not be recorded. A run with one is never called identical to another."""
    started: float = 0.0
    """Unix time."""
    pid: int = 0
    """Process id of the command itself."""
    pids: frozenset[int] = frozenset()
    """Process ids of the command and of its recorded descendants."""
    names: frozenset[str] = frozenset()
    """Names that its Python processes drew at random: of temporary files, UUIDs, tokens."""
    exact_output: bool = False
    """Whether every byte that it printed counts when it is compared."""
    not_compared: tuple[tuple[str, str], ...] = ()
    """What it wrote and is not compared, and why."""
    own_clock: bool = False
    """Whether its clock was ours: then dates that it writes do not lie within the run."""


def run(command: Sequence[str], setup: Setup) -> Run:
    """
    Run the command once. It inherits our standard input.

    Raises UsageError when the command cannot be started, or a pattern names too many files.
    """
    folder = setup.folder
    environment = _prepare(setup)
    before = {path: _stamp(path) for path in _matching(setup.files)}
    folders = changes.watched(command, str(Path.cwd())) if setup.watch else changes.Watched()
    earlier = changes.snapshot(folders, folder.parent)
    relay = commands.Relay()
    with contextlib.ExitStack() as stack:
        if "contention" in setup.settings:
            stack.enter_context(contention())
        stack.enter_context(relay.listening())
        began, moment = time.monotonic(), time.time()
        started = _in_fixed_layout(command) if "address-layout" in setup.settings else command
        child = commands.start(started, environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        relay.attach(child)
        output = stack.enter_context(Output(child, folder, show=setup.show))
        slower = float(setup.settings.get(PLACEBO, 1.0))
        stack.enter_context(slowed(child.pid, slower))
        limit = began + slower * setup.timeout_seconds if setup.timeout_seconds else math.inf
        timed_out = _wait(child, output, relay, limit, setup.stop)
        seconds = time.monotonic() - began
        told_to_end = relay.interrupted or (setup.stop is not None and setup.stop.sent is not None)
        if timed_out or told_to_end:  # still inside `listening`: a further signal must not interrupt this
            _end(child, output, folder)
        outlived = commands.wait_for_stragglers(lambda: output.more() or alive(folder))
    problems = (*failures(folder), *([OUTLIVED] if outlived else []))
    named = tuple(_digest(path, before) for path in _matching(setup.files))
    after = changes.snapshot(folders, folder.parent)
    skipped = {os.path.abspath(one.path) for one in named}  # noqa: PTH100 - resolve() would follow links
    paths = [path for path in changes.written(earlier, after, folders.roots) if str(path) not in skipped]
    place = Place(Path.cwd(), folder / "written", _python(folder, child.pid, command), setup.ignore)
    found = digests(paths, place) if paths else Written()
    code = child.returncode
    stdout, stderr = output.printed()
    return Run(
        folder,
        code,
        seconds,
        stdout if setup.exact_output else by_process.grouped(stdout, folder),
        stderr,
        files=(*named, *found.files),
        not_compared=(*after.left_out, *found.left_out),
        own_clock="clock" in setup.settings,
        timed_out=timed_out,
        interrupted=relay.interrupted,
        problems=problems,
        started=moment,
        pid=child.pid,
        pids=frozenset({child.pid}) | noted.process_ids(folder),
        names=noted.drawn_names(folder),
        exact_output=setup.exact_output,
    )


def _in_fixed_layout(command: Sequence[str]) -> list[str]:
    """The command without address space randomisation, as `setarch -R` starts it; its children inherit that."""
    switch = "import ctypes, os, sys; ctypes.CDLL(None).personality(0x0040000); os.execvp(sys.argv[1], sys.argv[1:])"
    return [sys.executable, "-I", "-S", "-c", switch, *command]  # isolated: this process is not part of the experiment


def _prepare(setup: Setup) -> dict[str, str]:
    """Fill the run's folder; returns the environment of its command."""
    folder = setup.folder
    (folder / "streams").mkdir(parents=True)
    noted.prepare(folder)
    if setup.facts:
        (folder / FACTS).mkdir()
    scratch = folder / "scratch"
    scratch.mkdir()
    request = {
        "tier": setup.tier,
        "portable": setup.portable,
        "factors": {name: value for name, value in setup.settings.items() if name != PLACEBO},
        "roots": list(setup.roots),
        "bytecode": str(scratch / "bytecode"),
        "dump": dict(setup.dump) if setup.dump else None,
        "facts": setup.facts,
        "steps": setup.steps,
        "earlier": list(setup.earlier),
        "zoom": dict(setup.zoom) if setup.zoom else None,
    }
    (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
    user = factors.environment(setup.settings, os.environ, scratch)
    return commands.recorded_environment(folder, shipped.folder("checks") / "recorders" / RECORDER, VARIABLE, user)


# --------------------------------------------------------------------------------------------------------- the end


def _wait(
    child: subprocess.Popen[bytes], output: Output, relay: commands.Relay, deadline: float, stop: Stop | None = None
) -> bool:
    """
    Wait for the command; returns whether its time has passed.

    The command handles the first interruption itself; after the second one it is ended.
    """
    tick = stop.tick_seconds if stop else TICK_SECONDS
    while child.poll() is None and relay.interruptions < ENOUGH_INTERRUPTIONS:
        if stop is not None and stop.over(child):
            return False
        if output.more():
            output.wait(tick)
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(tick)
        if time.monotonic() > deadline:
            return True
    return False


def _end(child: subprocess.Popen[bytes], output: Output, folder: Path) -> None:
    """SIGTERM to every process of this run, then SIGKILL. Its children may not have received our signal."""
    pids = {child.pid} if child.poll() is None else set()
    with contextlib.suppress(psutil.Error):
        pids |= {one.pid for one in psutil.Process(child.pid).children(recursive=True)}
    for number in (signal.SIGTERM, signal.SIGKILL):
        pids |= alive(folder)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline and (child.poll() is None or _any_lives(pids)):
            output.more()
            time.sleep(commands.POLL_SECONDS)
        pids = {pid for pid in pids if _any_lives({pid})}
    child.wait()


def _any_lives(pids: set[int]) -> bool:
    return any(_status(pid) not in {None, psutil.STATUS_ZOMBIE} for pid in pids)


def _status(pid: int) -> str | None:
    try:
        return str(psutil.Process(pid).status())
    except psutil.Error:
        return None


def alive(folder: Path) -> set[int]:
    """Ids of the processes of this run that have not ended: their environment names its folder."""
    marker = f"{folder}:"
    found = set()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            ours = process.environ().get(VARIABLE, "").startswith(marker)
            if ours and process.status() != psutil.STATUS_ZOMBIE:
                found.add(process.pid)
    return found


# ------------------------------------------------------------------------------------------------------------- files


def _python(folder: Path, main: int, command: Sequence[str]) -> str:
    """The interpreter of the command's first recorded process; if there is none, the command if it is a Python."""
    recorded = sorted((folder / "pids").iterdir(), key=lambda one: (one.name != str(main), one.name))
    for one in recorded:
        path = one.read_text(encoding="utf-8", errors="surrogateescape")
        if path and os.access(path, os.X_OK):
            return path
    first = shutil.which(command[0]) or ""
    return first if Path(first).name.startswith("python") else ""


def _matching(patterns: Sequence[str]) -> list[Path]:
    """Regular files that the patterns match now, sorted."""
    names = {name for pattern in patterns for name in glob.iglob(pattern, recursive=True)}  # noqa: PTH207 - absolute patterns too
    if len(names) > MOST_FILES:
        raise UsageError(
            f"--files names more than {MOST_FILES} files",
            "Reading them would take longer than the experiment. Name fewer: those that hold results.",
        )
    return [path for path in map(Path, sorted(names)) if path.is_file()]


def _stamp(path: Path) -> tuple[int, int, int]:
    state = path.stat()
    return state.st_ino, state.st_size, state.st_mtime_ns


def _digest(path: Path, before: Mapping[Path, tuple[int, int, int]]) -> FileDigest:
    return FileDigest(str(path), file_digest(path), path.stat().st_size, before.get(path) != _stamp(path))
