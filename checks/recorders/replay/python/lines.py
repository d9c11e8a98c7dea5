"""
The tier `lines`: records each statement of the user's files, for programs whose results no framework computes.

A statement is an operation. Its inputs are the variables that it reads; its outputs are the variables whose content it
changed, what it returned and what it printed. `sys.settrace` follows them. The host asks for this tier only when the
other tiers do not show where two runs diverge.
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
    STATEMENTS_END,
    VOLATILE,
    site_text,
    writer_of,
)
from ..trace.values import NO_STATE, ValueDigester
from .line_frames import Frame, Variable
from .line_seeds import GeneratorSeeds
from .statements import StatementTables

MOST_STEPS = 500_000
"""Most statements of a process that are recorded; they take about ten seconds."""
MOST_OBJECTS, MOST_NAMES_TOLD = 100_000, 8
SCALARS = (type(None), bool, int, float, complex, str, bytes)
GIVES_UP = "lines cannot be followed: %s"


def following(process, sites, of_bytes):
    """A tracer that follows this thread from here on."""
    tracer = Tracer(process, sites, ValueDigester(of_bytes, sites.is_users_file))
    tracer.follow()
    return tracer


def _name_futures(kind, orders):
    """Label each future by its number of submission: before it ends it has no other content."""
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
        self._sites, self._tables, self._known = sites, StatementTables(), {}
        self._local = threading.local()
        self._objects, self._globals, self._cells = {}, {}, {}
        self._texts = {}
        self.generators = GeneratorSeeds(self)
        self.epoch = self.steps = 0
        self.stopped = self._is_child = False
        self._output = None

    def follow(self):
        """Follow this thread, and prepare for others, which call `enter_thread`."""
        self._plain_set, self._plain_get = sys.settrace, sys.gettrace
        sys.settrace, sys.gettrace = self._users_trace, self._told_trace
        os.register_at_fork(after_in_child=self._forked)
        self._follow_output(sys.stdout)
        _name_futures(thread.ThreadPoolExecutor, self.values.orders)
        self.enter_thread()  # last, so that none of the above is followed

    def enter_thread(self):
        """Follow the current thread."""
        if not self.stopped:
            self._plain_set(self.trace)

    def _users_trace(self, function):
        self.fail(RuntimeError(GIVES_UP % "the program sets a trace function of its own"))
        sys.settrace(function)

    def _told_trace(self):
        function = self._plain_get()
        return None if function == self.trace else function

    def count_step(self, frame):
        """Count a statement. At the limit, write the record that says so and follow no further statement."""
        self.steps += 1
        if self.steps > MOST_STEPS and not self.stopped:
            self.stopped = True
            stream = self.process.task.stream
            if stream is not None and not stream.closed:
                name = stream.define(NAMES, STATEMENTS_END)
                site = self.site(stream, frame, frame.f_lineno)
                stream.append(OUTSIDE, VOLATILE, name=name, site=site, extra=MOST_STEPS)

    def _forked(self):
        """In a forked child: forget the writers of values, whose records are in the parent's streams."""
        self.epoch += 1
        self._objects.clear()
        self._is_child = True

    def _will_be_killed(self):
        """Whether this is a pool worker, which its pool will kill: its stream would count as cut."""
        if not self._is_child:
            return False
        self._is_child = False
        processes = sys.modules.get("multiprocessing.process")
        return processes is not None and processes.current_process().daemon

    def _follow_output(self, stream):
        """Wrap `write` of stdout: what is printed belongs to the current statement."""
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
        """The Frames of this thread, outermost first."""
        found = getattr(self._local, "stack", None)
        if found is None:
            found = self._local.stack = []
        return found

    def fail(self, error):
        """Stop following, and record the error as a problem."""
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
        """The global trace function: Python calls it for every new frame."""
        if event != "call" or self.stopped:
            return None
        table = self._known.get(frame.f_code)
        if table is False:
            return None
        try:
            return self._enter(frame, table)
        except Exception as error:
            self.stumbled(error)
            return None

    def _enter(self, frame, table):
        if table is None:
            users = self._sites.is_users(frame)
            table = self._known[frame.f_code] = self._tables.of(frame) if users else False
            if table is False:
                return None
        if self._will_be_killed():
            self.stopped = True
            return None
        if table.shares and sys.version_info < (3, 13) and threading.active_count() > 1:
            self.fail(RuntimeError(GIVES_UP % "threads share a variable of a function around them (Python < 3.13)"))
            return None
        step = getattr(frame.f_trace, "__self__", None)
        if not isinstance(step, Frame):
            step = Frame(self, frame, table)
            step.take_parameters(frame)
        self.stack.append(step)
        return step.event

    def stumbled(self, error):
        """Stop following after an exception; raise it if it is from a signal handler of the user's."""
        trace = error.__traceback__
        while trace is not None:
            if self._sites.is_users(trace.tb_frame):
                self.fail(RuntimeError(GIVES_UP % "a signal handler raised"))
                raise error
            trace = trace.tb_next
        self.fail(error)

    # --------------------------------------------------------------------------------------------------- variables

    def variable(self, step, name, value, is_global):
        """The Variable of a value: of a scalar by name and scope, of any other object by its identity."""
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
        """The digest of a value; of an opaque one also of its history; None for modules, functions and classes."""
        if issubclass(type(value), NO_STATE):  # `isinstance` would read the object's own `__class__`
            return None
        found, opaque = self.values.of(value)
        variable.opaque = opaque
        return digests.mixed((found, variable.history)) if opaque else found

    # ----------------------------------------------------------------------------------------------------- records

    def site(self, stream, frame, line):
        """The site id of a line in a frame's file."""
        key = (frame.f_code, line)
        text = self._texts.get(key)
        if text is None:
            code, source = frame.f_code, self._tables.text(frame, line)
            text = self._texts[key] = site_text(code.co_filename, line, code.co_name, source)
        return stream.define(SITES, text)

    def operation(self, frame, line, inputs, outputs, *, name="line", decides=False):
        """Write one operation. Inputs are (storage, digest, writer), outputs (name, Variable, digest)."""
        task = self.process.task
        stream = task.stream
        if stream is None or stream.closed:
            self.stopped = True
            return 0
        told = stream.define(METAS, ";".join(one for one, _, _ in outputs[:MOST_NAMES_TOLD])) if outputs else 0
        digest = digests.mixed([one for _, _, one in outputs]) if outputs else 0
        site = self.site(stream, frame, line)
        history = int(any(one.opaque for _, one, _ in outputs))
        flags = READS_OUT if decides else 0
        at = stream.append(OP, flags, 0, stream.define(NAMES, name), site, told, digest, history)
        for position, (storage, content, writer) in enumerate(inputs):
            stream.append(IN, count=min(position, MOST_POSITION), name=storage, digest=content, extra=writer)
        writer = writer_of(task.ordinal, at)
        for _, variable, content in outputs:
            variable.digest, variable.writer = content, writer
        self._local.last = writer if outputs else getattr(self._local, "last", 0)
        return writer

    def read(self, frame, line, variable, name="print"):
        """Write a READ: the program outputs a value."""
        stream = self.process.task.stream
        if stream is not None and not stream.closed:
            site = self.site(stream, frame, line)
            stream.append(READ, name=stream.define(NAMES, name), site=site, digest=variable.digest)
            stream.append(IN, name=variable.storage, digest=variable.digest, extra=variable.writer)

    @property
    def last(self):
        """The last writer in this thread: the presumed writer of a value whose change was not seen."""
        return getattr(self._local, "last", 0)
