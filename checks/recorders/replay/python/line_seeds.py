"""
Treats a seeded global generator as a variable: a seed call writes it, and each draw reads it.

So a draw that differs because of its seed is traced back to the statement that computed the seed. A generator without
a seed is no variable: each draw from it is an origin of its own.
"""

from __future__ import annotations

import sys

from .line_frames import Variable


class GeneratorSeeds:
    """The seeds of the global generators, by generator family (`python`, `numpy`, `torch`)."""

    def __init__(self, tracer):
        self._tracer, self._seeds = tracer, {}

    def seeded(self, family, digest):
        """Record a seed call: an operation of the current statement, and a READ of the seed."""
        tracer = self._tracer
        step, frame = self._running()
        if step is None:
            return
        variable = self._seeds[family] = Variable(tracer.process.next_storage(), tracer.epoch)
        inputs = (*step._inputs, *step.returned_values)
        tracer.operation(frame, step._statement.line, inputs, [("seed", variable, digest)])
        tracer.read(frame, step._statement.line, variable, "seed")

    def unseeded(self, family):
        """The generator takes its seed from the system's entropy."""
        self._seeds.pop(family, None)

    def drew(self, family):
        """The current statement has drawn from the generator: its seed is an input of the statement."""
        variable, (step, _) = self._seeds.get(family), self._running()
        if step is not None and variable is not None and variable.epoch == self._tracer.epoch:
            read = variable.storage, variable.digest, variable.writer
            if read not in step._inputs:
                step._inputs = (*step._inputs, read)

    def _running(self):
        """(Frame, Python's frame) of the current statement in this thread; (None, None) if none is followed."""
        stack = () if self._tracer.stopped else self._tracer.stack
        frame = sys._getframe(1) if stack else None
        while frame is not None and getattr(frame.f_trace, "__self__", None) is not stack[-1]:
            frame = frame.f_back
        if frame is None or stack[-1]._statement is None:
            return None, None
        return stack[-1], frame
