"""
Changes how TensorFlow traces and calls functions, so that `graphs.py` can record inside them.

Functions are not inlined, and loops run one iteration at a time. Functions that XLA compiles, input pipelines and
vectorised loops are not changed.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import threading

from . import data, saved

SCOPE = "auditor_replay"
"""Name prefix of the recorder's operations."""
LOOPS, ROUNDS = ("While", "StatelessWhile"), "parallel_iterations"


class _FunctionCall:
    """A call of a TensorFlow function by the program."""

    def __init__(self, task, iterator):
        self.task, self.told, self.iterator = task, 0, iterator


class Tracing:
    """Wraps the functions by which TensorFlow traces and calls functions."""

    def __init__(self, recorder, process):
        from tensorflow.core.framework import attr_value_pb2
        from tensorflow.python.framework import ops

        self._recorder, self._process = recorder, process
        self._attribute, self._ops = attr_value_pb2.AttrValue, ops
        self._local = threading.local()
        self._calls = []
        """The calls that are running."""

    def follow(self):
        """Install the hooks."""
        from tensorflow.python.data.ops import structured_function
        from tensorflow.python.eager import context
        from tensorflow.python.eager.polymorphic_function import (
            atomic_function,
            function_context,
            tracing_compilation,
        )
        from tensorflow.python.ops import control_flow_util_v2
        from tensorflow.python.ops.parallel_for import control_flow_ops

        saved.follow(SCOPE + "/", self._process)
        atomic_function.make_call_op_in_graph = self._making_calls(atomic_function.make_call_op_in_graph)
        context.Context.call_function = self._calling(context.Context.call_function)
        wrapper = structured_function.StructuredFunctionWrapper
        wrapper.__init__ = self._plainly(wrapper.__init__)
        control_flow_ops._pfor_impl = self._plainly(control_flow_ops._pfor_impl)
        tracing_compilation._maybe_define_function = self._tracing(tracing_compilation._maybe_define_function)
        control_flow_util_v2.maybe_set_lowering_attr = self._in_turn(control_flow_util_v2.maybe_set_lowering_attr)
        function_context.make_function_context = self._apart(function_context.make_function_context)

    def _calling(self, plain):
        @functools.wraps(plain)
        def call_function(*arguments, **named):
            call = _FunctionCall(self._process.task, self._iterator(arguments))
            self._calls.append(call)
            try:
                return plain(*arguments, **named)
            finally:
                self._calls.remove(call)

        return call_function

    def _iterator(self, arguments):
        """The state of the iterator among a call's arguments (Keras's `fit`); None if there is none or several."""
        try:
            tensors = self._recorder.tensors
            given = [one for several in arguments if isinstance(several, (list, tuple)) for one in several]
            entries = [tensors.entry(one) for one in given if tensors.is_handle(one)]
            found = [entry for entry in entries if entry.iterates]
        except Exception as problem:
            self._process.problem(problem)
            return None
        return found[0] if len(found) == 1 else None

    def told_inside(self):
        """Whether operations inside the function that was just called were recorded."""
        return any(call.told for call in self._calls[-1:])

    def _plainly(self, plain):
        @functools.wraps(plain)
        def traced(*arguments, **named):
            with self._paused():
                return plain(*arguments, **named)

        return traced

    def _tracing(self, plain):
        """Wrap tracing: forbid inlining, which would start a function before earlier operations of its caller."""

        @functools.wraps(plain)
        def define(args, kwargs, tracing_options):
            attributes = dict(getattr(tracing_options, "attributes", None) or {})
            compiled = bool(attributes.get(data.XLA))
            if tracing_options is not None and not compiled and not self._pauses:
                tracing_options = copy.copy(tracing_options)
                tracing_options.attributes = dict(attributes, _noinline=True)
            with self._paused() if compiled else contextlib.nullcontext():
                return plain(args, kwargs, tracing_options)

        return define

    def _making_calls(self, plain):
        """Wrap the creation of call operations in graphs, which makes no callback."""

        @functools.wraps(plain)
        def make(*arguments, **named):
            outputs = plain(*arguments, **named)
            try:
                graph = self._ops.get_default_graph()
                operation = outputs[0].op if outputs else self._last_operation(graph)
                function = ("f", operation.node_def.attr["f"])
                self._recorder.seen(operation.type, list(operation.inputs), function, outputs, graph=graph)
            except Exception as problem:
                self._process.problem(problem)
            return outputs

        return make

    def _in_turn(self, plain):
        """Wrap the lowering of loops: one iteration at a time. Without lowering, results would have other bits."""

        @functools.wraps(plain)
        def lower(op, *arguments, **named):
            plain(op, *arguments, **named)
            try:
                if not self._pauses and op.type in LOOPS:
                    op._set_attr(ROUNDS, self._attribute(i=1))
            except Exception as problem:
                self._process.problem(problem)

        return lower

    def _apart(self, plain):
        """Wrap the context of tracing: where nothing is recorded inside, a function is traced separately."""

        @functools.wraps(plain)
        def make(scope_type=None):
            return plain((SCOPE, scope_type) if self._pauses else scope_type)

        return make

    @property
    def _pauses(self):
        return getattr(self._local, "pauses", 0)

    @contextlib.contextmanager
    def _paused(self):
        self._local.pauses = self._pauses + 1
        try:
            yield
        finally:
            self._local.pauses -= 1

    @staticmethod
    def _last_operation(graph):
        """The operation that was just added."""
        return graph.get_operations()[-1]
