"""
The third tier: what each statement of the user's files changed, for programs whose results no framework makes.

A statement is an operation: its inputs are the variables that it reads, its outputs those whose content it changed,
what it returned and what it printed. Followed with `sys.settrace`, only where nothing else has shown where runs part.
"""

from __future__ import annotations

import functools
import itertools
import os
import sys
import threading
import weakref
from concurrent.futures import thread

from ..trace import digests
from ..trace.format import (
    IN,
    METAS,
    MOST_POSITION,
    NAMES,
    OP,
    OUTSIDE,
    READ,
    READS_OUT,
    SITES,
    VOLATILE,
    site_text,
    writer_of,
)
from ..trace.values import NO_STATE, Values
from .line_frames import Frame, Variable
from .line_seeds import Generators
from .statements import Plans

MOST_STEPS = 500_000
"""Statements of a process that are followed: some ten seconds."""
ENDS_HERE = "auditor.statements-end"
"""The name of the record that says where that was enough: as a clock's it is compared with nothing."""
MOST_OBJECTS, MOST_NAMES_TOLD = 100_000, 8
SCALARS = (type(None), bool, int, float, complex, str, bytes)
GIVES_UP = "lines cannot be followed: %s"


def following(process, sites, of_bytes):
    """A tracer that follows this thread from here on."""
    tracer = Tracer(process, sites, Values(of_bytes, sites.is_users_file))
    tracer.follow()
    return tracer


def _name_futures(kind, orders):
    """A future is known by when it was submitted; nothing else tells one from another before it ends."""
    plain, count = kind.submit, itertools.count()

    @functools.wraps(plain)
    def submit(*arguments, **named):
        future = plain(*arguments, **named)
        key = id(future)
        orders[key] = b"%d" % next(count)
        weakref.finalize(future, orders.pop, key, None).atexit = False
        return future

    kind.submit = submit


class Tracer:
    """Follows the statements of one process."""

    def __init__(self, process, sites, values):
        self.process, self.values = process, values
        self._sites, self._plans, self._known = sites, Plans(), {}
        self._local = threading.local()
        self._objects, self._globals, self._cells = {}, {}, {}
        self._texts = {}
        self.generators = Generators(self)
        self.epoch = self.steps = 0
        self.stopped = self._is_child = False
        self._output = None

    def follow(self):
        """From here on, in this thread; `enter_thread` for others."""
        self._plain_set, self._plain_get = sys.settrace, sys.gettrace
        sys.settrace, sys.gettrace = self._users_trace, self._told_trace
        os.register_at_fork(after_in_child=self._forked)
        self._follow_output(sys.stdout)
        _name_futures(thread.ThreadPoolExecutor, self.values.orders)
        self.enter_thread()  # last: nothing of ours is followed

    def enter_thread(self):
        """Follow this thread too."""
        if not self.stopped:
            self._plain_set(self.trace)

    def _users_trace(self, function):
        self.fail(RuntimeError(GIVES_UP % "the program sets a trace function of its own"))
        sys.settrace(function)

    def _told_trace(self):
        function = self._plain_get()
        return None if function == self.trace else function

    def count_step(self, frame):
        """One more statement; after so many the program goes on unfollowed, and the trace says from where on."""
        self.steps += 1
        if self.steps > MOST_STEPS and not self.stopped:
            self.stopped = True
            stream = self.process.task.stream
            if stream is not None and not stream.closed:
                name = stream.define(NAMES, ENDS_HERE)
                site = self.site(stream, frame, frame.f_lineno)
                stream.append(OUTSIDE, VOLATILE, name=name, site=site, extra=MOST_STEPS)

    def _forked(self):
        """In a forked child: what was written before lies in the parent's streams."""
        self.epoch += 1
        self._objects.clear()
        self._is_child = True

    def _will_be_killed(self):
        """Whether this is a worker that its pool will end by a signal: its stream would count as cut."""
        if not self._is_child:
            return False
        self._is_child = False
        processes = sys.modules.get("multiprocessing.process")
        return processes is not None and processes.current_process().daemon

    def _follow_output(self, stream):
        """What the program prints belongs to the statement that is running."""
        plain = getattr(stream, "write", None)
        if plain is None or not hasattr(stream, "__dict__"):
            return

        def write(text, /):
            stack = self.stack
            if stack and type(text) is str:
                stack[-1].printed.append(text)
            return plain(text)

        stream.write = write
        self._output = stream

    @property
    def stack(self):
        """The user's frames that this thread is in."""
        found = getattr(self._local, "stack", None)
        if found is None:
            found = self._local.stack = []
        return found

    def fail(self, error):
        """Follow no more; the trace says so."""
        if self.stopped:
            return
        self.stopped = True
        sys.settrace, sys.gettrace = self._plain_set, self._plain_get
        if self._output is not None:
            del self._output.write
            self._output = None
        self.process.problem(error)

    # ------------------------------------------------------------------------------------------------------ events

    def trace(self, frame, event, _argument):
        """What `sys.settrace` calls for every new frame."""
        if event != "call" or self.stopped:
            return None
        plan = self._known.get(frame.f_code)
        if plan is False:
            return None
        try:
            return self._enter(frame, plan)
        except Exception as error:
            self.stumbled(error)
            return None

    def _enter(self, frame, plan):
        if plan is None:
            users = self._sites.is_users(frame)
            plan = self._known[frame.f_code] = self._plans.of(frame) if users else False
            if plan is False:
                return None
        if self._will_be_killed():
            self.stopped = True
            return None
        if plan.shares and sys.version_info < (3, 13) and threading.active_count() > 1:
            self.fail(RuntimeError(GIVES_UP % "threads share a variable of a function around them (Python < 3.13)"))
            return None
        step = getattr(frame.f_trace, "__self__", None)
        if not isinstance(step, Frame):
            step = Frame(self, frame, plan)
            step.take_parameters(frame)
        self.stack.append(step)
        return step.event

    def stumbled(self, error):
        """An exception in our own code ends our work; one of a signal handler of the user's is the user's."""
        trace = error.__traceback__
        while trace is not None:
            if self._sites.is_users(trace.tb_frame):
                self.fail(RuntimeError(GIVES_UP % "a signal handler raised"))
                raise error
            trace = trace.tb_next
        self.fail(error)

    # --------------------------------------------------------------------------------------------------- variables

    def variable(self, step, name, value, is_global):
        """The variable of a value that can change by its identity, else by its name and scope."""
        if type(value) in SCALARS:
            table, key = step.names, name
            if is_global:
                table, key = self._globals, (id(step.globals), name)
            elif name in step.shared:
                table, key = self._cells, (step.file, name)
        else:
            table, key = self._objects, id(value)
            if len(table) > MOST_OBJECTS:
                table.clear()
        found = table.get(key)
        if found is None or found.epoch != self.epoch:
            found = table[key] = Variable(self.process.next_storage(), self.epoch)
        return found

    def digest(self, variable, value):
        """The content of a value; of an opaque one what went into it; None for what has no state."""
        if issubclass(type(value), NO_STATE):  # `isinstance` would ask the object for its class
            return None
        found, opaque = self.values.of(value)
        return digests.mixed((found, variable.history)) if opaque else found

    # ----------------------------------------------------------------------------------------------------- records

    def site(self, stream, frame, line):
        """The id of a line of a frame's file."""
        key = (frame.f_code, line)
        text = self._texts.get(key)
        if text is None:
            code, source = frame.f_code, self._plans.text(frame, line)
            text = self._texts[key] = site_text(code.co_filename, line, code.co_name, source)
        return stream.define(SITES, text)

    def operation(self, frame, line, inputs, outputs, *, name="line", decides=False):
        """One operation: (storage, digest, writer) of what went in, (name, Variable, digest) of what came out."""
        task = self.process.task
        stream = task.stream
        if stream is None or stream.closed:
            self.stopped = True
            return 0
        told = stream.define(METAS, ";".join(one for one, _, _ in outputs[:MOST_NAMES_TOLD])) if outputs else 0
        digest = digests.mixed([one for _, _, one in outputs]) if outputs else 0
        site = self.site(stream, frame, line)
        at = stream.append(OP, READS_OUT if decides else 0, 0, stream.define(NAMES, name), site, told, digest)
        for position, (storage, content, writer) in enumerate(inputs):
            stream.append(IN, count=min(position, MOST_POSITION), name=storage, digest=content, extra=writer)
        writer = writer_of(task.ordinal, at)
        for _, variable, content in outputs:
            variable.digest, variable.writer = content, writer
        self._local.last = writer if outputs else getattr(self._local, "last", 0)
        return writer

    def read(self, frame, line, variable, name="print"):
        """The program gives a value out."""
        stream = self.process.task.stream
        if stream is not None and not stream.closed:
            site = self.site(stream, frame, line)
            stream.append(READ, name=stream.define(NAMES, name), site=site, digest=variable.digest)
            stream.append(IN, name=variable.storage, digest=variable.digest, extra=variable.writer)

    @property
    def last(self):
        """Who wrote last in this thread: the likeliest to have changed what changed unseen."""
        return getattr(self._local, "last", 0)
