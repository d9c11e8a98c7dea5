"""
Child processes that a check starts: a resumed training, a rank of a collective, a worker.

A child gets the framework, the settings and the user's set-up file of its parent. It runs one function of a payload
module on JSON arguments and answers with JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile

from . import discovery

DOOR = os.path.join(discovery.PAYLOAD, "__main__.py")
STDERR_TAIL_CHARACTERS = 2000
_inherited = {}


class ChildFailed(Exception):
    """A child raised, died or did not answer in time; the message says which, and ends with the tail of its stderr."""


def inherit(request):
    """Remember this process's framework, settings and set-up file: its children get the same."""
    _inherited.clear()
    _inherited.update({name: request.get(name) for name in ("framework", "settings", "setup", "checks_from")})


def run(function, arguments, environment=None, timeout_seconds=120):
    """The answer of `function(arguments)` in a child process; `function` is "module.name" below the payload."""
    return run_all([(function, arguments, environment)], timeout_seconds)[0]


def run_all(calls, timeout_seconds=120):
    """
    The answers of several children that run at the same time (ranks), in the order of the calls.

    Args:
        calls: for each child (function, arguments, environment variables to add or None).
        timeout_seconds: how long each answer is waited for, one after the other.

    Raises:
        ChildFailed: one of them failed; all are killed.
    """
    with tempfile.TemporaryDirectory(prefix="auditor-child-") as folder:
        children = [_Child(os.path.join(folder, str(number)), *call) for number, call in enumerate(calls)]
        try:
            return [child.answer(timeout_seconds) for child in children]
        finally:
            for child in children:
                child.end()


class _Child:
    """One child process, from its start to its answer."""

    def __init__(self, path, function, arguments, environment):
        self._function = function
        self._reply, self._errors = path + ".reply", path + ".stderr"
        with open(path, "w", encoding="utf-8") as handle:
            json.dump(dict(_inherited, function=function, arguments=arguments), handle)
        with open(self._errors, "wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-B", DOOR, "child", path, self._reply],
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                env=dict(os.environ, **(environment or {})),
            )

    def answer(self, timeout_seconds):
        try:
            self._process.wait(timeout_seconds)
        except subprocess.TimeoutExpired as late:
            told = "%s gave no answer within %d s%s" % (self._function, timeout_seconds, self._tail())
            raise ChildFailed(told) from late
        lines = self._lines()
        told = json.loads(lines[-1]) if lines else {}
        if told.get("tag") != "ok":
            said = told.get("message") or "ended with %s" % self._process.returncode
            raise ChildFailed("%s in a fresh process: %s%s" % (self._function, said, self._tail()))
        return told["value"]

    def end(self):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _lines(self):
        if not os.path.exists(self._reply):
            return []
        with open(self._reply, encoding="utf-8") as handle:
            return handle.read().splitlines()

    def _tail(self):
        with open(self._errors, encoding="utf-8", errors="replace") as handle:
            tail = handle.read()[-STDERR_TAIL_CHARACTERS:].strip()
        return "; its stderr ends with: %s" % tail if tail else ""


def call(function, arguments):
    """In the child: call the payload function of that name."""
    module, _, name = function.rpartition(".")
    loaded = importlib.import_module("." + module, discovery.PACKAGE)
    return getattr(loaded, name)(arguments)
