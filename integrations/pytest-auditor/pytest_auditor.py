"""A marker for pytest, `reproducible`: the test gives the same bits in fresh processes, or fails with what differs."""

from __future__ import annotations

import fcntl
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from typing import Any

import pytest

INSIDE = "PYTEST_AUDITOR_INSIDE"
"""Set in the processes that are compared."""
MARKER = "reproducible(runs=3, seed=None): the test gives the same bits in so many fresh processes (pytest-auditor)"
ABSENT = "the auditor program is not there: install it, or name it in the variable AUDITOR"
QUIET = ("-p", "no:cacheprovider", "-o", "addopts=", "-s")
"""The inner pytest writes nothing of its own (a report would hold times), and what the test prints is compared."""


@pytest.hookimpl(trylast=True)  # after the one that makes the reporter
def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; in a process that is compared, keep pytest itself silent: its words hold times."""
    config.addinivalue_line("markers", MARKER)
    if os.environ.get(INSIDE):
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            config.pluginmanager.unregister(reporter)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """In a process that is compared, nobody else tells why the test failed."""
    if os.environ.get(INSIDE) and report.failed:
        sys.stderr.write(f"{report.longreprtext}\n")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, None]:
    """Run the test, of whatever kind, as usual; if it passes, run it again in fresh processes, and compare."""
    marker = item.get_closest_marker("reproducible")
    if marker is None:
        yield
        return
    runs, seed = _asked(*marker.args, **marker.kwargs)
    program = None if os.environ.get(INSIDE) else _program()
    _seed(seed)
    outcome = yield
    if outcome.excinfo is None and program:
        try:
            _compare(item, program, runs)
        except pytest.fail.Exception as problem:
            outcome.force_exception(problem)


def _asked(runs: int = 3, seed: int | None = None) -> tuple[int, int | None]:
    """The marker's arguments. Raises pytest's failure for those that make no comparison."""
    if not isinstance(runs, int) or runs < 2:
        pytest.fail(f"reproducible: runs must be a whole number from 2, not {runs!r}", pytrace=False)
    return runs, seed


def _program() -> str:
    """The path of auditor; skips the test where there is none."""
    found = shutil.which(os.environ.get("AUDITOR") or "auditor")
    return found or pytest.skip(ABSENT)


def _seed(seed: int | None) -> None:
    """Seed the process's generators, of the libraries that are imported."""
    if seed is None:
        return
    random.seed(seed)
    calls = {"numpy": "random.seed", "torch": "manual_seed", "tensorflow": "random.set_seed"}
    for library, path in calls.items():
        call: Any = sys.modules.get(library)
        for name in path.split("."):
            call = getattr(call, name, None)
        if call is not None:
            call(seed)


def _compare(item: pytest.Item, program: str, runs: int) -> None:
    """Fail the test unless its runs are identical."""
    config = item.config
    root = str(config.rootpath)
    loaded = [str(config.pluginmanager.get_name(sys.modules[__name__])), *config.getoption("plugins")]
    inner = [sys.executable, "-m", "pytest", *(f"-p{name}" for name in dict.fromkeys(loaded)), *QUIET]
    inner += [f"--import-mode={config.getoption('importmode')}", f"--rootdir={root}"]
    if config.inipath:
        inner.append(f"-c{config.inipath}")
    command = [program, "replay", "--json", "-q", "--runs", str(runs), "--", *inner, item.nodeid]
    code, stdout, stderr = _ended(command, root)
    try:
        result = json.loads(stdout)
    except ValueError:
        pytest.fail(f"auditor gave no result (exit code {code}):\n{stderr}", pytrace=False)
    if result["verdict"] != "identical":
        pytest.fail(_told(result, stderr), pytrace=False)


def _ended(command: Sequence[str], root: str) -> tuple[int, str, str]:
    """
    The exit code and the output of auditor, which is alone in this folder, and never killed.

    It refuses a second replay in one folder, as tests side by side make. Interrupted, it puts the files of the folder
    back before it ends; `subprocess.run` would kill it after a quarter of a second.
    """
    folder = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        with subprocess.Popen(
            command,
            cwd=root,
            env={**os.environ, INSIDE: "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                stdout, stderr = process.communicate()
            except KeyboardInterrupt:
                process.communicate()
                raise
        return process.returncode, stdout, stderr
    finally:
        os.close(folder)


def _told(result: Mapping[str, Any], stderr: str) -> str:
    """The verdict: the first operation that differs, its line, its cause and its cure; or why there is none."""
    found = result.get("divergence")
    lines = [f"not reproducible: {result['verdict']}"]
    if found:
        source = found.get("source") or {}
        place = f" at {source['file']}:{source['line']}" if source.get("file") else ""
        lines.append(f"first difference: {found['op']}{place} ({found['cause']})")
        if source.get("code"):
            lines.append(f"    {source['code']}")
    remedy = (result.get("remedy") or {}).get("text")
    if remedy:
        lines.append(f"cure: {remedy}")
    lines += result.get("problems") or []
    if not found and stderr.strip():
        lines.append(stderr.strip())
    return "\n".join(lines)
