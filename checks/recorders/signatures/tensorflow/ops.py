"""
Counts TensorFlow's operators by signature: eager ones as they run, those inside functions by their graphs.

TensorFlow calls back after each eager operation, and as each operation is added to a graph. A call of a function counts
every operation of its graph once; how often a loop inside it runs is not known.
"""

from __future__ import annotations

import sys
import threading

from ...replay.python import randomness
from ...replay.tensorflow import data
from ...replay.trace.sites import site_of
from . import arguments

UNCOUNTED = frozenset(
    (
        *("Placeholder", "PlaceholderWithDefault", "Const", "Identity", "IdentityN", "NoOp", "ReadVariableOp"),
        *("VarHandleOp", "VarIsInitializedOp", "DestroyResourceOp", "_EagerConst", "DisableCopyOnRead"),
    )
)
"""Operators that compute nothing."""
MOST_GRAPHS = 4096


class _Local(threading.local):
    busy = False


class Recorder:
    """The bodies of the hooks. An error of the recorder becomes a problem and never reaches the program."""

    def __init__(self, process, sites):
        from tensorflow.python.eager import context
        from tensorflow.python.framework import func_graph

        self._process, self._sites, self._table = process, sites, process.table
        self._context, self._func_graph = context, func_graph.FuncGraph
        self._seed = context.global_seed()
        self._lines, self._graphs, self._local = {}, {}, _Local()
        self._choosing, self._by_xla = arguments.Choosing(), {}

    def follow(self, tensorflow, draws):
        """Install the hook of this thread and those of seeds."""
        randomness.follow_tensorflow(draws, tensorflow, self)
        self.enter_thread()

    def seed_called(self, _stream, _from_system):
        """A call that sets the global seed was counted."""

    def enter_thread(self):
        """Install the callback of this thread."""
        try:
            from tensorflow.python.framework import op_callbacks

            op_callbacks.add_op_callback(self.seen)
        except Exception as problem:
            self._table.problem(problem)

    def seen(self, op_type, inputs, attrs, outputs, op_name=None, graph=None):  # noqa: ARG002, PLR0917 - TensorFlow's
        """The callback."""
        if not self._local.busy:
            self._local.busy = True
            try:
                name = op_type.decode() if isinstance(op_type, bytes) else op_type
                if graph is not None:
                    self._made(name, inputs, attrs, outputs, graph)
                else:
                    self._ran(name, inputs, attrs, sys._getframe(1))
            except Exception as problem:
                self._table.problem(problem)
            finally:
                self._local.busy = False
        others = graph is not None and len(self._context.context().op_callbacks) > 1
        return outputs if others else None

    # -------------------------------------------------------------------------------------------------- eager calls

    def _ran(self, name, inputs, attrs, frame):
        called = data.function_name(name)
        if called:
            self._region(called, self._is_compiled(name))
            return
        if name in UNCOUNTED:
            return
        site = self._sites.line(self._process.task.stream, self._lines, frame) or ""
        seeds = data.seeds(name, attrs)
        if seeds is not None:
            seeded = any(seeds) or self._context.global_seed() is not None
            self._table.drew("tf.%s" % name, site, seeded)
        chosen = self._choosing.values(name, inputs)
        key = ("tf", name, arguments.key(inputs, attrs, chosen))
        entry = self._table.entry(key)
        if entry is None:
            document = arguments.document(inputs, attrs, chosen)
            entry = self._table.new(key, "tf." + name, document, self._settings("eager"))
            if entry is None:
                self._table.beyond("tf." + name)
                return
        calls = entry.calls + 1
        if not calls & (calls - 1):
            entry.statistics = arguments.statistics(inputs, entry.statistics)
        self._table.called(entry, site, "", _in_gradient(frame))

    def _is_compiled(self, name):
        """Whether XLA compiles the function of this name."""
        found = self._by_xla.get(name)
        if found is None:
            context = self._context.context()
            known = context.has_function(name)
            found = self._by_xla[name] = bool(known and context.get_function_def(name).attr[data.XLA].b)
        return found

    def _settings(self, mode):
        from tensorflow.python.framework import config

        return {
            "mode": mode,
            "threads": config.get_intra_op_parallelism_threads(),
            "deterministic": bool(config.is_op_determinism_enabled()),
        }

    # ------------------------------------------------------------------------------------------------------- graphs

    def _made(self, name, inputs, attrs, outputs, graph):
        """An operation was added to a graph: keep it under the outermost function."""
        if name in UNCOUNTED or not isinstance(graph, self._func_graph):
            return
        outermost = graph
        while isinstance(getattr(outermost, "outer_graph", None), self._func_graph):
            outermost = outermost.outer_graph
        kept = self._graphs.setdefault(data.function_name(outermost.name) or outermost.name, [])
        if len(self._graphs) > MOST_GRAPHS:
            return
        operation = outputs[0].op if outputs else None
        site = self._site_of(operation) if operation is not None else ""
        seeds = data.seeds(name, attrs)
        chosen = self._choosing.values(name, inputs)
        key = ("tf inside", name, arguments.key(inputs, attrs, chosen))
        kept.append((key, "tf." + name, arguments.document(inputs, attrs, chosen), site, seeds))

    def _site_of(self, operation):
        for frame in reversed(list(operation.traceback)):
            if self._sites.is_users_file(frame.filename):
                return site_of(frame.filename, frame.lineno, frame.name, None)
        return ""

    def _region(self, called, compiled):
        """A function is called: count the operations of its graph, which are interior where XLA compiles it."""
        backward, mode = called.endswith(" backward"), "xla" if compiled else "graph"
        for name in (called, called.replace(" backward", "")):
            for key, operator, document, site, seeds in self._graphs.get(name, ()):
                if seeds is not None:
                    self._table.drew(operator, site, any(seeds) or self._context.global_seed() is not None)
                whole = (*key, mode)
                entry = self._table.entry(whole)
                if entry is None:
                    entry = self._table.new(whole, operator, document, self._settings(mode), compiled)
                if entry is None:
                    self._table.beyond(operator)
                else:
                    self._table.called(entry, site, called, backward)
            if name in self._graphs:
                return
        self._table.note("the function %s ran whose operators are not known" % called)


def _in_gradient(frame):
    """Whether a gradient function is on the stack."""
    for _ in range(40):
        if frame is None:
            return False
        if frame.f_code.co_name == "imperative_grad":
            return True
        frame = frame.f_back
    return False
