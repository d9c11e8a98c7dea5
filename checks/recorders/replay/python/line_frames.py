"""Follows one frame of the user's code: what each statement reads, changes, returns and prints."""

from __future__ import annotations

COMPREHENSIONS = frozenset(("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"))
"""Names of code that is given what it iterates over as an iterator, without a name of the program's."""
MOST_RETURNED = 16
"""Most return values of calls within one statement that count as its inputs (the last ones)."""


class Variable:
    """A variable or object: the digest of its value, and the record that wrote it last."""

    __slots__ = ("digest", "epoch", "history", "opaque", "storage", "writer")

    def __init__(self, storage, epoch):
        self.storage, self.epoch = storage, epoch
        self.digest, self.writer, self.history, self.opaque = None, 0, 0, False


class Frame:
    """One frame of the user's, whose statements are recorded."""

    def __init__(self, tracer, frame, table):
        code = frame.f_code
        self._tracer, self._table = tracer, table
        self.file, self.globals, self.names = code.co_filename, frame.f_globals, {}
        self.shared = frozenset(code.co_cellvars + code.co_freevars)
        self._statement = None
        self._inputs = ()
        self._given = ()
        """In a comprehension: what the statement around it reads, over which it iterates."""
        self._returning = None
        """The line and inputs of a `return`, while the exits of `with` and `try` blocks around it run."""
        self.returned_values, self.printed = [], []
        """Return values of calls within this statement, and texts that it printed."""

    def event(self, frame, event, argument):
        """The local trace function: Python calls it for each line and at the end of this frame."""
        tracer = self._tracer
        if tracer.stopped:
            return None
        try:
            if event == "line":
                statement = self._table.by_line.get(frame.f_lineno)
                if statement is not self._statement:
                    self._finish(frame)
                    self._begin(frame, statement)
            elif event == "return":
                self._finish(frame, argument, returns=True)
                self._leave()
        except Exception as error:
            tracer.stumbled(error)
        return self.event

    def _leave(self):
        stack = self._tracer.stack
        while stack and stack.pop() is not self:
            pass
        if stack:
            above = stack[-1]
            above.returned_values = (above.returned_values + self.returned_values)[-MOST_RETURNED:]
            above.printed += self.printed
        self.returned_values, self.printed, self._statement = [], [], None

    def _values(self, frame, names):
        """Yield (name, Variable, value, digest) of those names whose value has content."""
        tracer, inside = self._tracer, frame.f_locals
        for name in names:
            is_global = inside is self.globals or name not in inside
            space = self.globals if is_global else inside
            if name not in space:
                continue
            value = space[name]
            variable = tracer.variable(self, name, value, is_global)
            digest = tracer.digest(variable, value)
            if digest is not None:
                yield name, variable, value, digest

    def _begin(self, frame, statement):
        """Before a statement runs: take its inputs."""
        tracer = self._tracer
        self._statement, self.returned_values, self.printed = statement, [], []
        tracer.count_step(frame)
        if statement is None:
            self._inputs = ()
            return
        inputs = []
        for name, variable, _, digest in self._values(frame, {**statement.reads, **statement.writes}):
            if variable.digest != digest:  # new, or changed through another name
                variable.writer = tracer.last if variable.digest is not None else 0
                variable.digest = digest
            if name in statement.reads:
                inputs.append((variable.storage, digest, variable.writer))
        self._inputs = (*inputs, *self._given)

    def _finish(self, frame, returned=None, *, returns=False):
        """After a statement has run: record what it changed, returned and printed."""
        statement, tracer = self._statement, self._tracer
        if statement is None:
            return
        inputs = (*self._inputs, *self.returned_values)
        outputs = [
            (name, variable, digest)
            for name, variable, _, digest in self._values(frame, {**statement.reads, **statement.writes})
            if variable.digest != digest
        ]
        told = self._told(returned) if returns and returned is not None else []
        if told and self._returning and not statement.returns:
            line, given = self._returning
            tracer.operation(frame, line, given, told)
        else:
            outputs += told
        if outputs or statement.decides:
            tracer.operation(frame, statement.line, inputs, outputs, decides=statement.decides)
        if self.printed:
            self._give_out(frame, statement.line, inputs)
        if returns:
            made = told or self._made(frame)
            self.returned_values = [(one.storage, digest, one.writer) for _, one, digest in made]
        elif statement.returns:
            self._returning = statement.line, inputs

    def _told(self, returned):
        """The return value of the frame, as an output."""
        variable = self._tracer.variable(self, "<return>", returned, is_global=False)
        digest = self._tracer.digest(variable, returned)
        return [] if digest is None else [("<return>", variable, digest)]

    def _made(self, frame):
        """The object that an `__init__` has initialised: an input of the calling statement."""
        names = self._table.parameters[:1] if frame.f_code.co_name == "__init__" else ()
        return [(name, variable, digest) for name, variable, _, digest in self._values(frame, names)]

    def _give_out(self, frame, line, inputs):
        """Record what was printed: an operation `print`, and a READ of its output."""
        tracer = self._tracer
        variable = Variable(tracer.process.next_storage(), tracer.epoch)
        digest, _ = tracer.values.of("".join(self.printed))
        tracer.operation(frame, line, inputs, [("text", variable, digest)], name="print")
        tracer.read(frame, line, variable)
        self.printed = []

    def take_parameters(self, frame):
        """Record the arguments of this frame: an operation of the calling statement."""
        tracer = self._tracer
        if frame.f_code.co_name in COMPREHENSIONS and tracer.stack:
            around = tracer.stack[-1]
            self._given = (*around._inputs, *around.returned_values)
        outputs = [
            (name, variable, digest)
            for name, variable, _, digest in self._values(frame, self._table.parameters)
            if variable.digest != digest
        ]
        if not outputs:
            return
        caller = tracer.stack[-1] if tracer.stack else None
        above = frame.f_back
        while above is not None and getattr(above.f_trace, "__self__", None) is not caller:
            above = above.f_back
        if caller is None or above is None or caller._statement is None:
            tracer.operation(frame, frame.f_lineno, (), outputs)
        else:
            tracer.operation(above, caller._statement.line, (*caller._inputs, *caller.returned_values), outputs)
