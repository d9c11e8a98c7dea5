"""
Serves one request of the host. Verbs: `list`, `measure`, and `child` (a process that a check started, see child.py).

A `measure` request holds `steps`, each `{"facts": GROUP}` or `{"check": ID, "repeats": N, "settings": {...}}`. A step's
settings are those that a running process can change. Its optional `names` restrict a check of many cases to these.

The first reply line is `ready`, or an `error` with a `stage` that ends the request. Then one line per step follows, in
order, so the first step without a line is the one that crashed the process.
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
import warnings

from ..declare import NotApplicable
from . import child, discovery, guard, settings
from .reply import ReplyFile

FRAMEWORKS = ("torch", "tensorflow", "jax")
FRAMEWORK_CHECKS_FROM = (3, 10)
"""Oldest Python of the supported framework releases. Python-level checks and facts run on 3.8 and newer."""

UNSEEN_SECONDS = 6 * 3600.0
"""Time limit of a process that cannot see whether its host is alive; after it, it starts no further step."""
GATE_POLL_SECONDS = 0.005


def main(arguments):
    """Serve the request of `VERB REQUEST REPLY`; returns the exit code, which is 0 for known errors too."""
    verb, request_path, reply_path = arguments
    faulthandler.enable(all_threads=False)
    with open(request_path, encoding="utf-8") as handle:
        request = json.load(handle)
    reply = ReplyFile(reply_path)
    if request.get("checks_from"):
        discovery.add_own(request["checks_from"])
    if verb == "list":
        _list(reply, request.get("only", "everything"))
    elif verb == "measure":
        _run(request, reply)
    elif verb == "child":
        _answer_call(request, reply)
    else:
        reply.error("unknown verb %r" % verb, stage="request")
    return 0


def _list(reply, only):
    """Write one `ok` line per check (its declaration and docstring) and per group of facts (its keys)."""
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
        except Exception as problem:  # the reply line of that check
            reply.error(problem, check=check_id)
    for group in discovery.fact_groups():
        try:
            loaded = discovery.load("facts." + group)
            keys = {key: dict(vars(declared)) for key, declared in loaded.KEYS.items()}
            when, framework = getattr(loaded, "WHEN", "before"), getattr(loaded, "FRAMEWORK", "")
            apart = getattr(loaded, "APART", False)
            reply.line("ok", facts=group, framework=framework, when=when, apart=apart, keys=keys)
        except Exception as problem:  # the reply line of that group
            reply.error(problem, facts=group)


def _run(request, reply):
    """Prepare the process as the request says, then answer each step."""
    framework = request.get("framework")
    chosen = request.get("settings") or {}
    host = _Host(request.get("host"))
    prepared, obstacle = _prepare(request, reply)
    if not prepared:
        return
    reply.line("ready", python=list(sys.version_info[:3]), settings=chosen)
    _wait_for(request.get("gate"), host)
    failed = {} if obstacle else _at_start(request["steps"])
    for step in request["steps"]:
        if host.is_gone():
            return  # no process reads the answers
        if "signature" in step:
            _call_again(step, obstacle, request, reply)
        elif "facts" in step:
            answer_facts(step["facts"], obstacle, framework, request, reply)
        else:
            _measure(step, failed.get(step["check"], obstacle), framework, chosen, reply)


def _at_start(steps):
    """
    Call `at_start` of each check that has one: it measures what only an untouched runtime shows, and keeps it.

    It must leave the runtime untouched (so it forks). Returns the checks whose `at_start` failed, with the exception.
    """
    failed = {}
    for check_id in dict.fromkeys(step["check"] for step in steps if "check" in step and "signature" not in step):
        try:
            begin = getattr(discovery.load(discovery.check_modules()[check_id]), "at_start", None)
            if begin is not None:
                begin()
        except Exception as problem:  # the reply line of that check
            failed[check_id] = problem
    return failed


class _Host:
    """The process of the host, which reads the answers."""

    def __init__(self, pid):
        self._pid, self._parent = pid, os.getppid()
        self._deadline = None if pid else time.monotonic() + UNSEEN_SECONDS

    def is_gone(self):
        """
        Whether the host has ended.

        Its process id tells, since the host may have ended before this process could read the id of its parent. In a
        container the host's id means nothing and is not given; there a deadline ends the process.
        """
        if os.getppid() != self._parent or (self._deadline and time.monotonic() > self._deadline):
            return True
        try:
            os.kill(self._pid or os.getpid(), 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False  # it exists and belongs to another user
        return False


def _wait_for(gate, host):
    """Block until the host creates the file `gate`, if one is given: another process may be measuring alone."""
    while gate and not os.path.exists(gate) and not host.is_gone():
        time.sleep(GATE_POLL_SECONDS)


def _answer_call(request, reply):
    """In a child that a check started: run its one function."""
    prepared, obstacle = _prepare(request, reply)
    if not prepared:
        return
    try:
        if obstacle is not None:
            raise obstacle
        reply.line("ok", value=child.call(request["function"], request["arguments"]))
    except Exception as problem:  # the answer of the child
        reply.error(problem)


def _prepare(request, reply):
    """Apply settings, import the framework, run the set-up file: (whether that worked, why the framework is absent)."""
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
    except BaseException as problem:  # SystemExit of a set-up file too: it is the answer of this stage
        reply.error(problem, stage=stage)
        return False, None
    return True, obstacle


def _import_framework(framework):
    """Import the framework, if one is asked for; returns None, or the exception that says why it cannot be used."""
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
    Run the user's set-up file as a script would run: with its folder first on `sys.path`.

    It stays in `sys.modules`, since compilers look up a function's globals by the name of its module.
    """
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    loader = importlib.machinery.SourceFileLoader("auditor_setup", os.path.abspath(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("auditor_setup", loader))
    sys.modules["auditor_setup"] = module
    loader.exec_module(module)


def answer_facts(group, obstacle, framework, request, reply):
    """Write the reply line of one group of facts; declared keys without an answer are `unknown`."""
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
    except Exception as problem:  # the reply line of that group
        reply.error(problem, facts=group)


def _absent(obstacle):
    """The fact that each key of a framework has when the framework cannot be imported."""
    from .. import fact

    return fact.not_applicable(str(obstacle)) if isinstance(obstacle, NotApplicable) else fact.error(obstacle)


def _measure(step, obstacle, framework, chosen, reply):
    """Call `measure` as often as the step says; the process's state must be the same before and after."""
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
    except Exception as problem:  # the reply line of that check, MemoryError included
        reply.error(problem, check=check_id, settings=changed)


def _call_again(step, obstacle, request, reply):
    """Call an operator of the user's program again; past the request's `until` (seconds of Unix time) none is."""
    check_id, started = step["check"], time.monotonic()
    try:
        if obstacle is not None:
            raise obstacle
        if request.get("until") and time.time() > request["until"]:
            raise NotApplicable("the time for operators was over (--operators-budget)")
        again = importlib.import_module("..recorders.signatures.again", __package__)
        with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # beta operators are called as well
            reply.line("ok", check=check_id, repeats=[again.answer(step)], seconds=time.monotonic() - started)
    except NotApplicable as reason:
        reply.line("not-applicable", check=check_id, reason=str(reason))
    except Exception as problem:  # the reply line of that signature
        reply.error(problem, check=check_id)


def _import_needed(needs):
    """
    Import the modules of a check's `needs` before the guard's first snapshot: what an import changes is no error.

    Raises NotApplicable for the first module that is not installed.
    """
    for name in needs:
        if importlib.util.find_spec(name) is None:
            raise NotApplicable("%s is not installed" % name)
    with _no_collecting():
        for name in needs:
            importlib.import_module(name)
