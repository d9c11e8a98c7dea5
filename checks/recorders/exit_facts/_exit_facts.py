"""
The recorder in one process of a real run: it starts before the program, and reads the facts when the program exits.

The program sees in `sys.modules` what is imported here: only `atexit` and `_posixsubprocess`.
"""

import atexit
import os
import sys
import time

VARIABLE = "AUDITOR_EXIT_FACTS"
AFTER_ALL_OTHERS = -(2**31)
"""Exit priority among multiprocessing's finalizers, which run from the highest to the lowest."""
HELPERS = ("multiprocessing.resource_tracker", "multiprocessing.semaphore_tracker")
"""Helper processes of Python that never run code of the program."""


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
    """One process: its token, its parent's token, and its reply file."""

    def __init__(self, carrier):
        self.replies = carrier.replies
        self.parent = carrier.parent
        former = self.parent.partition("-")[0] == str(os.getpid())  # this process itself, before an `exec`
        self.root = former or not self.parent
        self.program = _program()
        self._carrier = carrier
        self._watching = False

    def begin(self):
        """Write the `started` line, so that the host knows of this process even if it is killed."""
        self.pid = os.getpid()
        self.token = "%d-%x" % (self.pid, time.time_ns())
        self.taken = False
        self.early = ""
        self._carrier.name_parent(self.token)
        line = '{"tag": "started", "pid": %d, "parent": "%s", "program": "%s"}\n'
        self._append(line % (self.pid, self.parent, _plain(self.program)))

    def _append(self, line):
        """Append a line to the reply file by system calls alone, which work even when Python is shutting down."""
        handle = os.open(self.path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, line.encode("ascii"))
        finally:
            os.close(handle)

    def path(self):
        """The path of this process's reply file."""
        return os.path.join(self.replies, self.token + ".jsonl")

    # ------------------------------------------------------------------------------------------------- children

    def forked(self):
        """In a forked child: begin a record of its own. multiprocessing ends its children without atexit handlers."""
        if self._carrier.is_spawning():
            return  # it will execute another program
        try:
            self.parent, self.root = self.token, False
            self.begin()
            util = sys.modules.get("multiprocessing.util")
            if util is not None and not self._watching:
                self._watching = True
                util.register_after_fork(self, Recorder._watch)
        except Exception:  # the scratch folder is gone: the host has ended
            self.taken = True

    def _watch(self):
        """In a child of multiprocessing, which has just cleared its parent's finalizers: register one for `take`."""
        sys.modules["multiprocessing.util"].Finalize(None, self.take, exitpriority=AFTER_ALL_OTHERS)

    # ---------------------------------------------------------------------------------------------------- taking

    def come_before_jax(self):
        """Register `take("jax")` after each exit handler of JAX, which clears its backends: it then runs before it."""
        original = atexit.register

        def register(*arguments, **named):
            answer = original(*arguments, **named)
            if str(getattr(answer, "__module__", "")).startswith("jax."):
                original(self.take, "jax")
            return answer

        register.__doc__ = original.__doc__
        atexit.register = register

    def take(self, framework=""):
        """Read the facts, or those of one framework, once in each process. Nothing of this reaches the program."""
        if self.taken or os.getpid() != self.pid or (framework and self.early):
            return
        self.taken = not framework
        try:
            import warnings

            with warnings.catch_warnings():  # under `-W error` a deprecated attribute would raise
                warnings.simplefilter("ignore")
                _payload(os.path.realpath(__file__), self.replies).take(self, framework)
        except BaseException as problem:  # Ctrl-C too: the program has ended and keeps its exit code
            self._report(problem)
        _remember_interruption()

    def _report(self, problem):
        """Write the error line of a process whose facts could not be read, without imports, which may be broken."""
        line = '{"tag": "error", "stage": "exit", "error": "%s", "message": "%s"}\n'
        try:
            self._append(line % (type(problem).__name__, _plain(str(problem))))
        except Exception:  # the scratch folder is gone: the host has ended
            return


def _payload(file, replies):
    """
    The payload's module `taking`, loaded under the payload's private name as `__main__.py` does it.

    Bytecode goes to the scratch folder. Meanwhile the standard library is first on `sys.path`: a `platform.py` beside
    the user's script would otherwise be imported.
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
    Make Python end by SIGINT after an unhandled Ctrl-C, as it would without the recorder.

    CPython keeps this in `unhandled_keyboard_interrupt` (pythonrun.c) and clears it whenever source text is compiled
    and run, which dataclasses of the payload do. A KeyboardInterrupt raised inside such a text sets it again. An
    interactive prompt does not end on Ctrl-C, so nothing is done there.
    """
    if getattr(sys, "last_type", None) is KeyboardInterrupt and not hasattr(sys, "ps1"):
        try:
            exec("raise KeyboardInterrupt")  # noqa: S102 - a constant text
        except KeyboardInterrupt:
            return


def _program():
    """The script's file name, `-m MODULE`, `-c`, or the module of a helper process of Python."""
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
    """The text, safe inside a JSON string. Importing json would cost each process several milliseconds."""
    return "".join(letter if " " <= letter <= "~" and letter not in '"\\' else "?" for letter in text)
