"""
The recorder in one process of a real run: hidden at its start, carried into its children, heard at its end.

What is imported here shows in the program's `sys.modules`: `atexit` and `_posixsubprocess`, and not even `__future__`.
"""

import atexit
import os
import sys
import time

VARIABLE = "AUDITOR_EXIT_FACTS"
AFTER_ALL_OTHERS = -(2**31)
"""The exit priority among multiprocessing's finalizers, which run from the highest to the lowest."""
HELPERS = ("multiprocessing.resource_tracker", "multiprocessing.semaphore_tracker")
"""Python's own processes that never run a line of the program."""


def start(here):
    """Begin to record this process. `here` is the folder on `PYTHONPATH` that holds this file."""
    carrier = __import__("_carrier").Carrier(here, VARIABLE)
    recorder = Recorder(carrier)
    carrier.hide()
    if recorder.program.startswith(HELPERS):
        return
    recorder.begin()
    carrier.follow_children()
    os.register_at_fork(after_in_child=recorder.forked)
    atexit.register(recorder.take)  # registered before the program's own, so it runs after them
    recorder.come_before_jax()


class Recorder:
    """What one process knows of itself: its token, its parent's, and where the replies go."""

    def __init__(self, carrier):
        self.replies = carrier.replies
        self.parent = carrier.parent
        former = self.parent.partition("-")[0] == str(os.getpid())  # a Python may become another one
        self.root = former or not self.parent
        self.program = _program()
        self._carrier = carrier
        self._watching = False

    def begin(self):
        """Say that this process exists, so that an end that cannot be seen is at least missed."""
        self.pid = os.getpid()
        self.token = "%d-%x" % (self.pid, time.time_ns())
        self.taken = False
        self.early = ""
        self._carrier.name_parent(self.token)
        line = '{"tag": "started", "pid": %d, "parent": "%s", "program": "%s"}\n'
        self._append(line % (self.pid, self.parent, _plain(self.program)))

    def _append(self, line):
        """Add a line to the reply file, by system calls alone: they work in a process that is in a bad way."""
        handle = os.open(self.path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, line.encode("ascii"))
        finally:
            os.close(handle)

    def path(self):
        """This process's reply file."""
        return os.path.join(self.replies, self.token + ".jsonl")

    # ------------------------------------------------------------------------------------------------- children

    def forked(self):
        """In a forked child: it is a process of its own. multiprocessing ends its children without atexit."""
        if self._carrier.is_spawning():
            return  # on its way to become another program
        try:
            self.parent, self.root = self.token, False
            self.begin()
            util = sys.modules.get("multiprocessing.util")
            if util is not None and not self._watching:
                self._watching = True
                util.register_after_fork(self, Recorder._watch)
        except Exception:  # the scratch folder is gone: the host has ended, and nobody reads
            self.taken = True

    def _watch(self):
        """In a child of multiprocessing, which has just forgotten the finalizers of its parent."""
        sys.modules["multiprocessing.util"].Finalize(None, self.take, exitpriority=AFTER_ALL_OTHERS)

    # ---------------------------------------------------------------------------------------------------- taking

    def come_before_jax(self):
        """JAX forgets its backends in an exit handler of its own: where it registers one, one of ours goes before."""
        original = atexit.register

        def register(*arguments, **named):
            answer = original(*arguments, **named)
            if str(getattr(answer, "__module__", "")).startswith("jax."):
                original(self.take, "jax")
            return answer

        register.__doc__ = original.__doc__
        atexit.register = register

    def take(self, framework=""):
        """Take the facts (of one framework alone), once in each process, and never let the program feel it."""
        if self.taken or os.getpid() != self.pid or (framework and self.early):
            return
        self.taken = not framework
        try:
            import warnings

            with warnings.catch_warnings():  # of `-W error` and of releases that deprecate what is read
                warnings.simplefilter("ignore")
                _payload(os.path.realpath(__file__), self.replies).take(self, framework)
        except BaseException as problem:  # Ctrl-C included: the program is over, and its exit code stays its own
            self._report(problem)
        _remember_interruption()

    def _report(self, problem):
        """The error line of a process whose facts could not be taken; nothing is imported, for that may be broken."""
        line = '{"tag": "error", "stage": "exit", "error": "%s", "message": "%s"}\n'
        try:
            self._append(line % (type(problem).__name__, _plain(str(problem))))
        except Exception:  # the scratch folder is gone: nobody reads
            return


def _payload(file, replies):
    """
    The payload's module that takes facts, loaded under the payload's private name as its door does it.

    Bytecode goes to the scratch folder. The standard library comes first meanwhile: a `platform.py` beside the user's
    script would otherwise run now.
    """
    import importlib.util

    here = os.path.dirname(os.path.dirname(os.path.dirname(file)))
    library = os.path.dirname(os.__file__)
    before = sys.dont_write_bytecode, sys.pycache_prefix, list(sys.path)
    sys.dont_write_bytecode, sys.pycache_prefix = False, os.path.join(os.path.dirname(replies), "bytecode")
    sys.path[:0] = [library, os.path.join(library, "lib-dynload")]
    try:
        spec = importlib.util.spec_from_file_location("_auditor_entry", os.path.join(here, "__main__.py"))
        entry = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(entry)
        entry._load_payload(here)
        taking = importlib.import_module("_auditor_checks.recorders.exit_facts.taking")
        taking.groups()
        return taking
    finally:
        sys.dont_write_bytecode, sys.pycache_prefix, sys.path[:] = before


def _remember_interruption():
    """
    An unhandled Ctrl-C ends Python by SIGINT, unless any text is compiled and run after it: Python then forgets.

    The payload's dataclasses do that. An interruption inside such a text makes Python remember
    (`unhandled_keyboard_interrupt` in CPython's pythonrun.c). An interactive prompt survives its interruptions.
    """
    if getattr(sys, "last_type", None) is KeyboardInterrupt and not hasattr(sys, "ps1"):
        try:
            exec("raise KeyboardInterrupt")  # noqa: S102 - a fixed text
        except KeyboardInterrupt:
            return


def _program():
    """The script's file name, `-m MODULE`, `-c`, or what Python's own helper processes are called."""
    words = list(getattr(sys, "orig_argv", [])) or list(getattr(sys, "argv", []))
    first = (list(getattr(sys, "argv", [])) or [""])[0]
    if first == "-m" and "-m" in words:
        return "-m " + "".join(words[words.index("-m") + 1 :][:1])
    if first == "-c":
        code = "".join(words[words.index("-c") + 1 :][:1]) if "-c" in words else ""
        helpers = (*HELPERS, "multiprocessing.forkserver", "multiprocessing.spawn")
        return next((name for name in helpers if "from %s import" % name in code), "-c")
    return os.path.basename(first)


def _plain(text):
    """The text as it may stand inside a JSON string; importing json would cost every process its milliseconds."""
    return "".join(letter if " " <= letter <= "~" and letter not in '"\\' else "?" for letter in text)
