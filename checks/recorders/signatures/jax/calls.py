"""
Counts JAX's primitives by the compiled programs in which they run: eager ones are programs of one primitive.

The first call of a program passes JAX's Python path, where its equations are seen. Later calls take the path in C++
and its hook (`replay/jax/fast.py`), which knows the program by its outputs. How often a loop inside a program runs is
not known, so each equation counts once for each call.
"""

from __future__ import annotations

import functools
import sys

from ...replay.jax import ahead, fast
from . import portable, programs


def follow(recorder):
    """Wrap the functions that every call passes."""
    from jax._src import api, pjit, stages

    plain, compiled = pjit._pjit_call_impl_python, stages.Compiled.__call__

    @functools.wraps(plain)
    def call(*args, **parameters):
        program = recorder.program(parameters.get("jaxpr"), parameters.get("name"))
        recorder.ran(program, sys._getframe(1), args)
        answer = plain(*args, **parameters)
        known.compiled(answer[1], parameters)
        return answer

    @functools.wraps(compiled)
    def call_compiled(self, *args, **kwargs):
        parameters = recorder.ahead.parameters(self)
        recorder.ran(recorder.program(parameters.get("jaxpr"), parameters.get("name")), sys._getframe(1))
        with recorder.ahead.running():
            return compiled(self, *args, **kwargs)

    known = fast.Programs(recorder.process, lambda parameters: (recorder.program(parameters["jaxpr"], None), 0))
    if getattr(api, "_post_hook_state", None) is not None:
        state = api._post_hook_state
        check = state.get_global()
        api._post_hook_state = fast.HookState(state, recorder.hook(known.known))
        api._post_hook_state.set_global(check)
        pjit._get_fastpath_data = known.marking(pjit._get_fastpath_data)
    else:
        pjit._get_fastpath_data = lambda *_arguments, **_named: None
    pjit._pjit_call_impl_python = call
    stages.Compiled.__call__ = call_compiled
    recorder.ahead.follow(stages)


MODE = {"mode": "jit"}
"""The settings of a program: its threads are those of the process."""


class Recorder:
    """The bodies of the hooks. An error of the recorder becomes a problem and never reaches the program."""

    def __init__(self, process, sites):
        self.process, self._sites, self._table = process, sites, process.table
        self.ahead = ahead.AheadOfTime(process)
        self._programs, self._lines = {}, {}
        self._texts = portable.Programs()

    def program(self, jaxpr, name):
        """What is known of a program, by its equations; made at its first call."""
        try:
            if jaxpr is None:
                return programs.Program("%s" % name, (), None)
            found = self._programs.get(id(jaxpr))
            if found is None:
                found = self._programs[id(jaxpr)] = programs.made(jaxpr, name, self._sites, self._texts)
        except Exception as problem:
            self._table.problem(problem)
            return None
        return found

    def ran(self, program, frame, args=()):
        """A program runs: count its equations."""
        try:
            if program is None:
                return
            if program.kept is None:
                self._table.note("the function %s ran whose equations are not known" % program.name)
            line = self._sites.line(self.process.task.stream, self._lines, frame) or ""
            if program.whole is not None:
                self._ran_whole(program, line, args)
            for key, operator, document, site, backward in program.equations if program.has_interior else ():
                entry = self._table.entry(key) or self._table.new(key, operator, document, MODE, True)
                if entry is None:
                    self._table.beyond(operator)
                else:
                    self._table.called(entry, site or line, program.name, backward)
        except Exception as problem:
            self._table.problem(problem)

    def _ran_whole(self, program, line, args):
        """Count the call of the program itself, with statistics of its inputs at each 2^k-th."""
        key, operator, document = program.whole
        entry = self._table.entry(key) or self._table.new(key, operator, document, MODE)
        if entry is None:
            self._table.beyond(operator)
            return
        if args and not (entry.calls + 1) & entry.calls:
            entry.statistics = programs.statistics(program, args) or entry.statistics
        site, backward = ("", False) if program.has_interior else program.equations[0][3:]
        self._table.called(entry, site or line, program.name, backward)

    def hook(self, known):
        """The hook of the path in C++."""
        from jax._src import tree_util
        from jax._src.array import ArrayImpl

        def hook(called, args, kwargs, outputs):
            try:
                if self.ahead.local.runs and self.ahead.is_own(called):
                    return
                made = outputs if type(outputs) is ArrayImpl else next(iter(tree_util.tree_leaves(outputs)), None)
                program = known.get(id(getattr(made, "sharding", None)))
                if program is None:
                    self._table.note("a compiled call of JAX ran whose equations are not known")
                else:
                    self.ran(program.name, sys._getframe(1), (args, kwargs))
            except Exception as problem:
                self._table.problem(problem)

        return hook
