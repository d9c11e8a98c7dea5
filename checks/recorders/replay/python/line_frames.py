"""One frame of the user's code, statement by statement: what each reads, changes, returns and prints."""

from __future__ import annotations

MOST_CAME = 16
"""Values that calls within one statement returned, which count as its inputs."""


class Variable:
    """A place that holds a value: who wrote it last, and what."""

    __slots__ = ("digest", "epoch", "history", "storage", "writer")

    def __init__(self, storage, epoch):
        self.storage, self.epoch = storage, epoch
        self.digest, self.writer, self.history = None, 0, 0


class Frame:
    """One frame of the user's, statement by statement."""

    def __init__(self, tracer, frame, plan):
        code = frame.f_code
        self._tracer, self._plan = tracer, plan
        self.file, self.globals, self.names = code.co_filename, frame.f_globals, {}
        self.shared = frozenset(code.co_cellvars + code.co_freevars)
        self._statement = None
        self._inputs = ()
        self._returning = None
        """The last `return` and its inputs, while the ends of `with` and `try` blocks around it run."""
        self.came, self.printed = [], []
        """What calls within this statement returned, and what was printed."""

    def event(self, frame, event, argument):
        """What Python calls for each line and at the end of this frame."""
        tracer = self._tracer
        if tracer.stopped:
            return None
        try:
            if event == "line":
                statement = self._plan.by_line.get(frame.f_lineno)
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
            above.came = (above.came + self.came)[-MOST_CAME:]
            above.printed += self.printed
        self.came, self.printed, self._statement = [], [], None

    def _values(self, frame, names):
        """(name, Variable, value, digest) of those of the names that hold something with a state."""
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
        """What a statement reads, before it runs."""
        tracer = self._tracer
        self._statement, self.came, self.printed = statement, [], []
        tracer.count_step(frame)
        if statement is None:
            self._inputs = ()
            return
        inputs = []
        for name, variable, _, digest in self._values(frame, {**statement.reads, **statement.writes}):
            if variable.digest != digest:  # never seen, or changed under another name
                variable.writer = tracer.last if variable.digest is not None else 0
                variable.digest = digest
            if name in statement.reads:
                inputs.append((variable.storage, digest, variable.writer))
        self._inputs = tuple(inputs)

    def _finish(self, frame, returned=None, *, returns=False):
        """What it changed, once it has run."""
        statement, tracer = self._statement, self._tracer
        if statement is None:
            return
        inputs = (*self._inputs, *self.came)
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
            self.came = [(one.storage, digest, one.writer) for _, one, digest in made]
        elif statement.returns:
            self._returning = statement.line, inputs

    def _told(self, returned):
        """What a frame returns, as an output."""
        variable = self._tracer.variable(self, "<return>", returned, is_global=False)
        digest = self._tracer.digest(variable, returned)
        return [] if digest is None else [("<return>", variable, digest)]

    def _made(self, frame):
        """The object that this frame has filled, if it is an `__init__`: the calling statement is given that."""
        names = self._plan.parameters[:1] if frame.f_code.co_name == "__init__" else ()
        return [(name, variable, digest) for name, variable, _, digest in self._values(frame, names)]

    def _give_out(self, frame, line, inputs):
        """What was printed: an operation, and the reading of what it gave."""
        tracer = self._tracer
        variable = Variable(tracer.process.next_storage(), tracer.epoch)
        digest, _ = tracer.values.of("".join(self.printed))
        tracer.operation(frame, line, inputs, [("text", variable, digest)], name="print")
        tracer.read(frame, line, variable)
        self.printed = []

    def take_parameters(self, frame):
        """What a call gave to this frame: an operation of the calling statement."""
        tracer = self._tracer
        outputs = [
            (name, variable, digest)
            for name, variable, _, digest in self._values(frame, self._plan.parameters)
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
            tracer.operation(above, caller._statement.line, (*caller._inputs, *caller.came), outputs)
