"""
Records Python functions that compiled JAX code calls back.

XLA runs them on threads of its own while the program waits for the outputs. Their draws and results are recorded in the
task of the program's call, before the record of that call, and their results count among its inputs.
"""

from __future__ import annotations

import contextlib
import functools
import threading

from ..trace.format import OP, UNKNOWN_SITE, writer_of
from ..trace.sites import site_of
from .arrays import is_array

MOST_TOLD = 256
"""Most callbacks of one call that its record has as inputs; a loop may make any number."""
POSITION = 0x8000
"""Position of the first callback among the IN records of a call."""


class Launch:
    """One call into XLA: its name, its inputs and the results of its callbacks."""

    def __init__(self, task, label, kind, jaxpr):
        self.task, self.label, self.kind, self.jaxpr = task, label, kind, jaxpr
        self.taken, self.scalars, self.called_back = [], [], []
        self.references, self.kept, self.devices = [], None, 1
        self.effects = bool(getattr(jaxpr, "effects", None))
        self.thread = threading.get_ident()


class _Silence(threading.local):
    """Whether nothing is recorded in this thread."""

    silent = False


class Launches:
    """The calls that are running, and whether recording is silenced in this thread."""

    def __init__(self, recorder):
        self._recorder = recorder
        self.local = _Silence()
        self._lock = threading.Lock()
        self._running = []

    @property
    def silent(self):
        """Whether nothing is recorded in this thread at present."""
        return self.local.silent

    @contextlib.contextmanager
    def silence(self, value=True):
        """Record nothing in this thread within the block; with False, record again inside such a block."""
        before = self.silent
        self.local.silent = value
        try:
            yield
        finally:
            self.local.silent = before

    def launch(self, label, kind, jaxpr):
        """A Launch in the current task."""
        return Launch(self._recorder.process.task, label, kind, jaxpr)

    @contextlib.contextmanager
    def under_way(self, launch):
        """Within the block the call is running, and callbacks belong to it."""
        if launch is None:
            yield
            return
        with self._lock:
            self._running.append(launch)
        try:
            yield
        finally:
            with self._lock:
                self._running.remove(launch)

    def _current(self):
        """The running call of this thread, else the last call of any: XLA's threads do not tell whose call they run."""
        with self._lock:
            own = [one for one in self._running if one.thread == threading.get_ident()]
            return (own or self._running or [None])[-1]

    # ------------------------------------------------------------------------------------------------- calls back

    def follow(self, module, name, gives=True):
        """Wrap one of JAX's functions that call back (`pure_callback_impl`), which compiled code looks up by name."""
        plain = getattr(module, name)

        @functools.wraps(plain)
        def run(*args, **named):
            with contextlib.ExitStack() as stack:
                launch = self._enter(stack, named)
                outputs = plain(*args, **named)
                if gives and launch is not None:
                    self._record(launch, named, outputs)
            return outputs

        setattr(module, name, run)

    def _enter(self, stack, named):
        """Work on the task of the call, and silence JAX's operations around the function, but not the function."""
        recorder = self._recorder
        launch = None
        try:
            launch = self._current()
            if launch is not None:
                before = recorder.process.work_on(launch.task)
                stack.callback(recorder.process.work_on, before)
            stack.enter_context(self.silence())
            function = named.get("callback")
            if function is not None:
                named["callback"] = _UserCallback(self, function)
        except Exception as problem:
            recorder.process.problem(problem)
        return launch

    def _record(self, launch, named, outputs):
        """Record the results of the function: an operation whose inputs are those of the call."""
        recorder, arrays = self._recorder, self._recorder.arrays
        try:
            function = getattr(named.get("callback"), "plain", None)
            function = getattr(function, "callback_func", function)
            gave = [one for one in outputs if is_array(one)]
            digest = arrays.mixed(gave)
            label, site = "callback:%s" % getattr(function, "__name__", type(function).__name__), _site(function)
            place = recorder.write(OP, label, site, gave, digest)
            if not recorder.detail:
                return
            process = recorder.process
            if recorder.dump is not None:
                recorder.dump.called_back(place, label, gave)
            recorder.inputs([*launch.taken, (POSITION, process.next_storage(), arrays.metas(gave), digest, 0)])
            writer = writer_of(process.task.ordinal, place)
            told = process.next_storage(), arrays.metas(gave), digest, writer
            del launch.called_back[MOST_TOLD:]
            launch.called_back.append((POSITION + len(launch.called_back), *told))
        except Exception as problem:
            recorder.process.problem(problem)


class _UserCallback:
    """The function that is called back, in which everything is recorded."""

    def __init__(self, launches, plain):
        self._launches, self.plain = launches, plain

    def __call__(self, *args, **kwargs):
        with self._launches.silence(False):
            return self.plain(*args, **kwargs)


def _site(function):
    """The site text of the first line of a function."""
    function = getattr(function, "func", function)  # a functools.partial
    code = getattr(getattr(function, "__wrapped__", function), "__code__", None)
    if code is None:
        return UNKNOWN_SITE
    return site_of(code.co_filename, code.co_firstlineno, code.co_name)


def follow(launches):
    """Wrap every function of this JAX by which compiled code calls Python back."""
    from jax._src import callback, debugging

    for module, name, gives in (
        (callback, "pure_callback_impl", True),
        (callback, "io_callback_impl", True),
        (debugging, "debug_callback_impl", False),
    ):
        if hasattr(module, name):
            launches.follow(module, name, gives)
