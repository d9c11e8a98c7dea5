"""What the tests of facts share: asking one interpreter for groups of facts through the real door."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import sys
from pathlib import Path

from forking import Forking
from support import AUDITED

from auditor.interpreter.conversation import Ok, Request, ask


def facts(*groups, python=AUDITED, framework="", setup="", settings=None, context=None):
    """The facts of these groups, read in one new process; a fork, where a framework is asked for."""
    request = Request(
        "measure",
        framework=framework,
        steps=[{"facts": group} for group in groups],
        setup=str(setup) if setup else "",
        settings=settings or {},
        context=context or {},
    )
    found = {}
    for reply in list(ask(Forking(python), request))[1:]:
        assert isinstance(reply, Ok), reply
        found.update(reply.values)
    return found


def values(found):
    """Names to values of those facts that have one."""
    return {name: fact.value for name, fact in found.items() if fact.state == "value"}


def errors(found):
    """Names to reasons of those facts whose reading failed."""
    return {name: fact.reason for name, fact in found.items() if fact.state == "error"}


def oracle(code, python=AUDITED):
    """What a program of its own prints as its last line of JSON: the same question asked without our code."""
    ended = subprocess.run(
        [str(python), "-B", "-c", code], capture_output=True, text=True, check=True, timeout=120, cwd="/"
    )
    return json.loads(ended.stdout.strip().splitlines()[-1])


@functools.lru_cache(maxsize=1)
def pythons():
    """Every Python from 3.8 on that lies beside the one under the tests, or on the PATH, one per version."""
    found = {}
    beside = sorted(Path(sys.base_prefix).resolve().parent.glob("*/bin/python3"))
    named = [shutil.which(f"python3.{minor}") for minor in range(8, 15)]
    for path in [sys.executable, *beside, *(Path(name) for name in named if name)]:
        version = _version(path)
        if version is not None and version >= (3, 8):
            found.setdefault(version, str(path))
    return tuple(found[version] for version in sorted(found))


def _version(path):
    """(major, minor), None for what does not run (a shim without its version)."""
    ended = subprocess.run(
        [str(path), "-ISc", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True, check=False
    )
    return tuple(int(part) for part in ended.stdout.split()) if ended.returncode == 0 else None
