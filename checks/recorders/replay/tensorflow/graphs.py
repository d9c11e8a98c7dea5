"""
Records the operations inside TensorFlow's functions, in the detail tier, each with the user's line.

When an operation is added to a graph, a digest operation is added after it that reads its inputs and outputs. Control
dependencies run the digest operations in the order in which the program added them. XLA cannot compile them, and the
stages of input pipelines have no order: there none is added, and calls are recorded at their boundary.
"""

from __future__ import annotations

import contextlib
import threading
import weakref

from ..trace import digests
from ..trace.format import (
    ARG,
    DRAWS,
    IN,
    INPLACE,
    METAS,
    NAMES,
    OP,
    SITES,
    TEXTS,
    UNKNOWN_SITE,
    shaped,
    writer_of,
)
from ..trace.sites import site_of
from . import data, dump
from .tensors import KEEPING
from .tracing import SCOPE, Tracing

OVERWRITING = ("tf.AssignVariableOp",)
UNRECORDED = (
    "Placeholder",
    "PlaceholderWithDefault",
    "Const",
    "Identity",
    "IdentityN",
    "NoOp",
    "ReadVariableOp",
    "PyFunc",
)
"""Operations that compute nothing. A tensor that passes through one is recognised by its content."""
ELEMENTS = tuple("tf." + name for name in data.ELEMENTS)
CALLING = ("While", "If", "Case", "PartitionedCall", "For")
"""Parts of the names of operations that run other graphs, which have digest operations of their own."""


class _GraphState:
    """A graph while it is built: its last digest operation, and the storage ordinals of its tensors."""

    def __init__(self):
        self.last = None
        self.numbers = {}


class _StaticInfo:
    """Properties of an operation that are known before it runs."""

    __slots__ = ("calls", "draws", "inputs", "name", "site", "text", "variables", "whole")


class Graphs(Tracing):
    """Adds digest operations to graphs, and writes the records when they run."""

    def __init__(self, recorder, process, sites):
        from tensorflow.python.framework import func_graph
        from tensorflow.python.ops import gen_resource_variable_ops, script_ops

        super().__init__(recorder, process)
        self._tensors, self._sites = recorder.tensors, sites
        self._func_graph = func_graph.FuncGraph
        self._numpy_function = script_ops.numpy_function
        self._read = gen_resource_variable_ops.read_variable_op
        self._known = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()

    # ------------------------------------------------------------------------------------------- while it is built

    def made(self, op_type, inputs, attrs, outputs, graph):
        """An operation was added to a graph: add a digest operation after it."""
        name = op_type.decode() if isinstance(op_type, bytes) else op_type
        if self._pauses or name in UNRECORDED or not isinstance(graph, self._func_graph) or graph._control_flow_context:
            return
        known = self._known.setdefault(graph, _GraphState())
        calls = any(part in name for part in CALLING)
        operation = outputs[0].op if outputs else self._last_operation(graph)
        if operation.type != name or operation.name.startswith(SCOPE):
            return
        if calls and known.last is not None:
            operation._add_control_input(known.last)
        handles = [] if name in KEEPING else self._variables(inputs)
        given = [one for one in inputs if self._has_bytes(one)]
        taken = [one for one in outputs if self._has_bytes(one)]
        if taken or handles:
            static = self._static(known, data.Operation(name, self._line(operation), given, attrs, taken))
            static.variables, static.calls = [self._outside(graph, one) for one in handles], calls
            static.whole = self._whole(operation, given, len(taken), handles)
            known.last = self._digesting(graph, operation, static, [*given, *taken], handles)
        elif calls:
            known.last = operation

    def _whole(self, operation, given, outputs, handles):
        """An InsideOperation if a dump is requested; else None."""
        if self._recorder.dump is None:
            return None
        try:
            return dump.InsideOperation(operation, given, outputs, handles)
        except Exception:  # an attribute without a Python value: such an operation cannot be dumped
            return None

    def _variables(self, inputs):
        found = {one.name: one for one in inputs if self._tensors.variable_dtype(one) is not None}
        return list(found.values())

    def _outside(self, graph, handle):
        """The program's handle of a variable that a function, nested or not, has captured; or None."""
        while isinstance(graph, self._func_graph):
            handle = next((outer for outer, inner in graph.captures if inner is handle), None)
            graph = graph.outer_graph
            if handle is None or not hasattr(handle, "graph"):
                return handle
        return None

    def _has_bytes(self, tensor):
        return not (self._tensors.is_handle(tensor) or tensor.dtype._is_ref_dtype or tensor.dtype.is_quantized)

    def _static(self, known, made):
        static = _StaticInfo()
        static.name, static.site = "tf." + made.name, made.site
        static.text = data.arguments(made.attrs)
        static.inputs = [self._number(known, one) for one in made.inputs]
        seeds = data.seeds(made.name, made.attrs)
        static.draws = None if seeds is None else any(seeds) and digests.mixed(seeds)
        if self._recorder.drawing.compiled_unseeded(made.attrs):
            static.draws = 0
        return static

    def _number(self, known, tensor):
        if tensor.name not in known.numbers:
            known.numbers[tensor.name] = self._process.next_storage()
        return known.numbers[tensor.name]

    def _line(self, operation):
        """The site text of the user's line; AutoGraph maps its generated code back to it."""
        for frame in reversed(list(operation.traceback)):
            if self._sites.is_users_file(frame.filename):
                return site_of(frame.filename, frame.lineno, frame.name)
        return UNKNOWN_SITE

    def _digesting(self, graph, operation, static, tensors, handles):
        """Add the digest operation, to run after its operation and after the last digest operation."""
        behind = [one for one in (self._known[graph].last, operation) if one is not None]
        with contextlib.ExitStack() as stack:
            if self._ops.get_default_graph() is not graph:
                stack.enter_context(graph.as_default())
            stack.enter_context(self._tensors._stop_recording())
            stack.enter_context(self._ops.name_scope(SCOPE + "/"))
            stack.enter_context(self._ops.device(None))
            stack.enter_context(self._ops.control_dependencies(behind))
            now = [self._read(handle, self._tensors.variable_dtype(handle)) for handle in handles]
            made = self._numpy_function(lambda *arrays: self._ran(static, *arrays), [*tensors, *now], [])
        return made if isinstance(made, self._ops.Operation) else made.op

    # --------------------------------------------------------------------------------------------------- as it runs

    def _ran(self, static, *arrays):
        """The digest operation runs, in a thread of TensorFlow's. Returns no outputs and raises nothing."""
        with self._lock:
            task = self._calls[0].task if self._calls else None
            alone = all(call.task is task for call in self._calls)  # with several callers the task is unknown
            if task is not None and alone and task.stream is not None:
                self._calls[-1].told += 1
                try:
                    self._write(task, task.stream, static, arrays)
                except Exception as problem:
                    task.problem(problem)
        return []

    def _write(self, task, stream, static, arrays):
        tensors, split = self._tensors, len(static.inputs)
        contents = [tensors.of_array(one) for one in arrays]
        metas = ["%s@cpu" % shaped(one.dtype.name, one.shape) if hasattr(one, "dtype") else "string" for one in arrays]
        gave = contents[split:]
        digest = gave[0] if len(gave) == 1 else digests.mixed(gave)
        flags = INPLACE if static.variables else 0
        before = [] if static.name in OVERWRITING else [self._before(one) for one in static.variables]
        state = 0
        if static.draws is not None:
            flags, state = flags | DRAWS, static.draws or digest
        iterator = self._calls[-1].iterator if static.name in ELEMENTS else None
        site = static.site
        if iterator is not None:
            before = [(iterator.number, iterator.content, iterator.writer)]
            site, draws = data.blamed(iterator, site)
            flags, state = (flags | DRAWS, digest) if draws else (flags, state)
        ids = stream.define(NAMES, static.name), stream.define(SITES, site)
        place = stream.append(OP, flags, 0, *ids, stream.define(METAS, ";".join(metas[split:])), digest, state)
        if self._recorder.dump is not None:
            self._recorder.dump.take_inside(place, task, static.whole, arrays)
        for position, (number, content, meta) in enumerate(zip(static.inputs, contents, metas)):
            writer = tensors.writer_of(content)
            stream.append(IN, 0, position, number, 0, stream.define(METAS, meta), content, writer)
        for position, (number, content, writer) in enumerate(filter(None, before), split):
            stream.append(IN, 0, position, number, 0, 0, content, writer)
        if static.calls:
            self._recorder.write_made_inside(stream, gave)
        stream.append(ARG, name=stream.define(TEXTS, static.text))
        writer = writer_of(task.ordinal, place)
        for content in gave:
            tensors.remember(content, writer)
        for handle, content in zip(static.variables, gave[len(gave) - len(static.variables) :]):
            if handle is not None:
                tensors.wrote(handle, writer, content)

    def _before(self, handle):
        """(storage, digest, writer) of a variable before this operation wrote it; None if unknown."""
        entry = None if handle is None else self._tensors.entry(handle)
        return (entry.number, entry.content, entry.writer) if entry is not None and entry.content else None
