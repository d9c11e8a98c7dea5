"""
Global generators as variables of the statements: a seed call writes one, and what draws from it then reads it.

So a draw that differs because of its seed is traced back to the statement that made the seed. A generator without a
seed is no such variable: each draw from it begins something of its own.
"""

from __future__ import annotations

import sys

from .line_frames import Variable


class Generators:
    """The seeds of the global generators, by the library that they belong to."""

    def __init__(self, tracer):
        self._tracer, self._seeds = tracer, {}

    def seeded(self, family, digest):
        """A seed call: an operation of the statement that is running, and a reading of what the seed is."""
        tracer = self._tracer
        step, frame = self._running()
        if step is None:
            return
        variable = self._seeds[family] = Variable(tracer.process.next_storage(), tracer.epoch)
        inputs = (*step._inputs, *step.came)
        tracer.operation(frame, step._statement.line, inputs, [("seed", variable, digest)])
        tracer.read(frame, step._statement.line, variable, "seed")

    def unseeded(self, family):
        """It takes its seed from the system."""
        self._seeds.pop(family, None)

    def drew(self, family):
        """The statement that is running has drawn from it."""
        variable, (step, _) = self._seeds.get(family), self._running()
        if step is not None and variable is not None and variable.epoch == self._tracer.epoch:
            read = variable.storage, variable.digest, variable.writer
            if read not in step._inputs:
                step._inputs = (*step._inputs, read)

    def _running(self):
        """The innermost statement that is followed in this thread, and its frame; None and None without one."""
        stack = () if self._tracer.stopped else self._tracer.stack
        frame = sys._getframe(1) if stack else None
        while frame is not None and getattr(frame.f_trace, "__self__", None) is not stack[-1]:
            frame = frame.f_back
        if frame is None or stack[-1]._statement is None:
            return None, None
        return stack[-1], frame
