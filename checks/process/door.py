"""
The verbs: `list`, `facts`, `measure`, and `child` (a fresh interpreter of a check's own, see child.py).

A request holds `steps`, each `{"facts": GROUP}` or `{"check": ID, "repeats": N, "settings": {...}}`, where a step's
settings are changes that a running process can make, and its optional `names` are the values that are asked for: a
check whose cases are many may measure just these. The first reply line is `ready` (or a
fatal `error` with a `stage`); then exactly one line per step follows, in order. So the first step without a line is
the one that took the process down.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import importlib.machinery
import importlib.util
import json
import os
import sys
import time

from ..declare import NotApplicable
from . import child, discovery, guard, settings
from .reply import ReplyFile

FRAMEWORKS = ("torch", "tensorflow", "jax")
FRAMEWORK_CHECKS_FROM = (3, 10)
"""Python-level checks and facts run on 3.8 and newer; the pinned framework releases all need 3.10 or newer."""

UNSEEN_SECONDS = 6 * 3600.0
"""No process that cannot see whether its host lives waits, or begins another check, after this."""
GATE_POLL_SECONDS = 0.005


def main(arguments):
    """Serve one request: VERB, request path, reply path. Returns the exit code (0 also for known errors)."""
    verb, request_path, reply_path = arguments
    faulthandler.enable(all_threads=False)
    with open(request_path, encoding="utf-8") as handle:
        request = json.load(handle)
    reply = ReplyFile(reply_path)
    if request.get("checks_from"):
        discovery.add_own(request["checks_from"])
    if verb == "list":
        _list(reply, request.get("only", "everything"))
    elif verb in ("facts", "measure"):
        _run(request, reply)
    elif verb == "child":
        _answer_call(request, reply)
    else:
        reply.error("unknown verb %r" % verb, stage="request")
    return 0


def _list(reply, only):
    """One `ok` line per check (declaration and docstring, as written) and per group of facts (its keys)."""
    reply.line("ready", python=list(sys.version_info[:3]))
    for check_id, module in discovery.check_modules().items() if only != "facts" else ():
        try:
            loaded = discovery.load(module)
            reply.line(
                "ok",
                check=check_id,
                framework=module.split(".")[0],
                doc=loaded.__doc__ or "",
                declaration=dict(vars(loaded.CHECK)),
            )
        except Exception as problem:  # becomes the line of that check
            reply.error(problem, check=check_id)
    for group in discovery.fact_groups():
        try:
            loaded = discovery.load("facts." + group)
            keys = {key: dict(vars(declared)) for key, declared in loaded.KEYS.items()}
            when, framework = getattr(loaded, "WHEN", "before"), getattr(loaded, "FRAMEWORK", "")
            apart = getattr(loaded, "APART", False)
            reply.line("ok", facts=group, framework=framework, when=when, apart=apart, keys=keys)
        except Exception as problem:  # becomes the line of that group
            reply.error(problem, facts=group)


def _run(request, reply):
    """Prepare the process as the request says, then answer step by step."""
    framework = request.get("framework")
    chosen = request.get("settings") or {}
    host = _Host(request.get("host"))
    prepared, obstacle = _prepare(request, reply)
    if not prepared:
        return
    reply.line("ready", python=list(sys.version_info[:3]), settings=chosen)
    _wait_for(request.get("gate"), host)
    for step in request["steps"]:
        if host.is_gone():
            return  # nobody reads the answers
        if "facts" in step:
            _facts(step["facts"], obstacle, framework, request, reply)
        else:
            _measure(step, obstacle, framework, chosen, reply)


class _Host:
    """The process that reads the answers."""

    def __init__(self, pid):
        self._pid, self._parent = pid, os.getppid()
        self._deadline = None if pid else time.monotonic() + UNSEEN_SECONDS

    def is_gone(self):
        """
        Whether it has ended: by its number, since it may have ended before this process could look for its parent.

        In a container its number says nothing and is not given; there no process lives longer than a deadline.
        """
        if os.getppid() != self._parent or (self._deadline and time.monotonic() > self._deadline):
            return True
        try:
            os.kill(self._pid or os.getpid(), 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False  # it is there, and another user's
        return False


def _wait_for(gate, host):
    """Until the host makes this file: others may be measuring, and this process shall not disturb them."""
    while gate and not os.path.exists(gate) and not host.is_gone():
        time.sleep(GATE_POLL_SECONDS)


def _answer_call(request, reply):
    """Run the one function that a check's child was started for."""
    prepared, obstacle = _prepare(request, reply)
    if not prepared:
        return
    try:
        if obstacle is not None:
            raise obstacle
        reply.line("ok", value=child.call(request["function"], request["arguments"]))
    except Exception as problem:  # becomes the child's answer
        reply.error(problem)


def _prepare(request, reply):
    """Settings, framework, set-up file. Returns whether that went well, and the framework's obstacle or None."""
    framework = request.get("framework")
    chosen = request.get("settings") or {}
    child.inherit(request)
    stage = "settings"
    try:
        settings.before_import(chosen)
        obstacle = _import_framework(framework)
        if obstacle is None:
            with _no_collecting():  # torch's switch imports its whole compiler
                settings.after_import(chosen, framework)
        stage = "setup"
        if request.get("setup"):
            _run_setup(request["setup"])
    except BaseException as problem:  # SystemExit from a set-up file included: it is this stage's answer
        reply.error(problem, stage=stage)
        return False, None
    return True, obstacle


def _import_framework(framework):
    """None when it is imported (or none was asked for); else the exception that says why it cannot be used."""
    if framework not in FRAMEWORKS:
        return None
    if importlib.util.find_spec(framework) is None:
        return NotApplicable("%s is not installed" % framework)
    if sys.version_info < FRAMEWORK_CHECKS_FROM:
        return NotApplicable("framework checks need Python 3.10 or newer, this is %d.%d" % sys.version_info[:2])
    try:
        with _no_collecting():
            importlib.import_module(framework)
    except Exception as problem:  # a broken installation: every step of it answers with this
        return problem
    return None


@contextlib.contextmanager
def _no_collecting():
    """Importing makes no garbage worth looking for; looking takes a quarter of TensorFlow's, a third of Inductor's."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # nor does it look again at a million objects that live as long as the process
        if enabled:
            gc.enable()


def _run_setup(path):
    """
    Run the user's own set-up code as its own script would run: its folder first on `sys.path`.

    It stays a module: compilers look up a function's globals by the name of its module.
    """
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    loader = importlib.machinery.SourceFileLoader("auditor_setup", os.path.abspath(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("auditor_setup", loader))
    sys.modules["auditor_setup"] = module
    loader.exec_module(module)


def _facts(group, obstacle, framework, request, reply):
    """Answer one group of facts; keys that were declared and not answered are `unknown`."""
    try:
        module = discovery.load("facts." + group)
        keys = module.KEYS
        if getattr(module, "FRAMEWORK", None) and obstacle is not None:
            answers = dict.fromkeys(keys, _absent(obstacle))
        else:
            answers = dict(module.collect(request))
        values = {}
        for key, declared in keys.items():
            answer = answers.pop(key, {"state": "unknown", "reason": "not reported", "source": ""})
            values[key] = dict(answer, role=declared.role)
        if answers:
            raise KeyError("undeclared fact keys: %s" % ", ".join(sorted(answers)))
        reply.line("ok", facts=group, values=values)
    except Exception as problem:  # becomes the line of that group
        reply.error(problem, facts=group)


def _absent(obstacle):
    """The state of a framework's facts when it cannot be imported."""
    from .. import fact

    return fact.not_applicable(str(obstacle)) if isinstance(obstacle, NotApplicable) else fact.error(obstacle)


def _measure(step, obstacle, framework, chosen, reply):
    """Run one check as often as the step says, and compare the process's state before and after."""
    check_id, changed = step["check"], step.get("settings") or {}
    started = time.monotonic()
    try:
        if obstacle is not None:
            raise obstacle
        settings.for_step(changed)
        module = discovery.load(discovery.check_modules()[check_id])
        _import_needed(module.CHECK.needs)
        before = None if module.CHECK.isolates else guard.snapshot(framework)
        with contextlib.redirect_stdout(sys.stderr):
            told = dict(chosen, **changed)
            if step.get("names"):
                told["names"] = step["names"]
            repeats = [module.measure(told) for _ in range(step.get("repeats", 1))]
        leaks = [] if before is None else guard.differences(before, guard.snapshot(framework))
        if leaks:
            raise guard.Contamination(leaks)
        reply.line("ok", check=check_id, settings=changed, repeats=repeats, seconds=time.monotonic() - started)
    except NotApplicable as reason:
        reply.line("not-applicable", check=check_id, settings=changed, reason=str(reason))
    except Exception as problem:  # becomes the line of that check (MemoryError included)
        reply.error(problem, check=check_id, settings=changed)


def _import_needed(needs):
    """
    Import what a check needs beyond its framework, before the guard looks: what an import changes is no leak.

    Raises NotApplicable for the first that is not installed.
    """
    for name in needs:
        if importlib.util.find_spec(name) is None:
            raise NotApplicable("%s is not installed" % name)
    with _no_collecting():
        for name in needs:
            importlib.import_module(name)
