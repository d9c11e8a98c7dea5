"""
Records every operation that TensorFlow runs eagerly; a call of a `tf.function` is one record, a region.

TensorFlow calls back after each operation, in its thread. Constants make no callback, so the conversion of Python
values to tensors is wrapped. `graphs.py` records the operations inside functions.
"""

from __future__ import annotations

import functools
import threading

from ..trace import digests
from ..trace.format import (
    ARG,
    BACKWARD,
    DRAWS,
    ENTERS,
    IN,
    INPLACE,
    METAS,
    MOST_POSITION,
    NAMES,
    OP,
    READ,
    REGION,
    SEED,
    SITES,
    TEXTS,
    writer_of,
)
from . import data, dump, fast, graphs, python
from .tensors import KEEPING, Tensors

MADE_INSIDE = MOST_POSITION
"""The position of an IN record that is no input but an output of the call, written by an operation inside it."""
OVERWRITING = ("AssignVariableOp",)
GLOBAL_SEED = "tensorflow.random.global_seed"
"""Name of a SEED record without a call: the global seed is another one than this task saw last."""
READS = {
    "numpy": "numpy",
    "__array__": "numpy",
    "__float__": "float",
    "__int__": "int",
    "__index__": "int",
    "__bool__": "bool",
    "__complex__": "complex",
    "__format__": "print",
    "__str__": "print",
    "__repr__": "print",
}


class _Local(threading.local):
    """Whether this thread is inside the recorder, whose operations are not recorded."""

    busy = False


class Recorder:
    """The bodies of the hooks. An error of the recorder becomes a problem and never reaches the program."""

    def __init__(self, process, sites, function, detail):
        from tensorflow.python.eager import context

        self._process, self._sites, self._detail = process, sites, detail
        self._context, self._seed = context, context.global_seed()
        self.local = _Local()
        self.steady = set()
        """Names of operations that do not draw."""
        self.tensors = Tensors(function, process)
        self.drawing = data.DrawAnalysis(context)
        self.dump = dump.wanted(process) if detail else None
        self.graphs = graphs.Graphs(self, process, sites) if detail else None
        self._hook = self.seen if detail else fast.hook(self, process, sites, function)

    def follow(self):
        """Install the hooks; `enter_thread` installs those that are per thread."""
        from tensorflow.python.framework import constant_op, ops

        constant_op.convert_to_eager_tensor = self._entering(constant_op.convert_to_eager_tensor)
        for method, name in READS.items():
            setattr(ops._EagerTensorBase, method, self._reading(getattr(ops._EagerTensorBase, method), name))
        python.follow(self, self._process)
        if self.graphs:
            self.graphs.follow()
        self.enter_thread()

    def enter_thread(self):
        """Install the callback of this thread."""
        try:
            from tensorflow.python.framework import op_callbacks

            op_callbacks.add_op_callback(self._hook)
        except Exception as problem:
            self._process.problem(problem)

    def seen(self, op_type, inputs, attrs, outputs, op_name=None, graph=None):  # noqa: ARG002, PLR0917 - TensorFlow's
        """The callback: TensorFlow has run an operation, or has added one to a graph."""
        if self.local.busy:
            return self._returned(outputs, graph)
        self.local.busy = True
        try:
            if graph is not None:
                if self.graphs:
                    self.graphs.made(op_type, inputs, attrs, outputs, graph)
            elif self._process.task.stream is not None:
                name = op_type.decode() if isinstance(op_type, bytes) else op_type
                self._record(self._process.task.stream, name, inputs, attrs, outputs)
        except Exception as problem:
            self._process.problem(problem)
        finally:
            self.local.busy = False
        return self._returned(outputs, graph)

    def _returned(self, outputs, graph):
        """In a graph, TensorFlow passes a callback's result to the next callback: then the outputs are returned."""
        others = graph is not None and len(self._context.context().op_callbacks) > 1
        return outputs if others else None

    # ----------------------------------------------------------------------------------------------- operations

    def _record(self, stream, name, inputs, attrs, outputs):
        tensors = self.tensors
        called = data.function_name(name)
        tensors.follow_texts(name, inputs, outputs)
        meta, digest = tensors.outputs(outputs)
        taken = self._inputs(name, inputs, digest) if self._detail else ()
        flags, state = self._draws(name, called, attrs, digest)
        if flags or called:
            self._hold_seed(stream)
        flags |= BACKWARD if called and called.endswith(" backward") else 0
        written = self._written(name, inputs) if self._detail else ()
        if written:
            flags |= INPLACE
            digest = digests.mixed([digest] * bool(outputs) + [content for _, content in written])
            meta = ";".join([meta] * bool(outputs) + [tensors.variable_meta(handle) for handle, _ in written])
        site = self._site_text()
        marked = self._detail and name in data.ELEMENTS and inputs and tensors.entry(inputs[0])
        if marked:
            site, draws = data.blamed(marked, site)
            flags, state = (flags | DRAWS, digest) if draws else (flags, state)
        label = "tf.function:%s" % called if called else "tf." + name
        ids = stream.define(NAMES, label), stream.define(SITES, site), stream.define(METAS, meta) if meta else 0
        place = stream.append(REGION if called else OP, flags, 0, *ids, digest, state)
        if self.dump is not None and not called:
            self.dump.take(place, name, inputs, attrs, outputs)
        if self._detail:
            inside = [tensors.digest(one) for one in outputs] if called and self.graphs.told_inside() else []
            self._write_details(stream, taken, attrs, inside)
            self._wrote(place, data.Operation(name, site, inputs, attrs, outputs), written)

    def _draws(self, name, called, attrs, digest):
        """(flags, digest of the seeds) of an operation that may draw; an unseeded one has the digest of its result."""
        if called:
            told = self._detail and self.graphs.told_inside()
            return (DRAWS, digest) if not told and self.drawing.unseeded_function(name) else (0, 0)
        if name in self.steady:
            return 0, 0
        seeds = data.seeds(name, attrs)
        if seeds is None:
            self.steady.add(name)
            return 0, 0
        return DRAWS, digests.mixed(seeds) if any(seeds) else digest

    def seed_called(self, stream, _from_system):
        """A call that sets the global seed was recorded, in this stream."""
        self._seed = stream.tensorflow_seed = self._context.global_seed()

    def _hold_seed(self, stream):
        """Record the global seed that functions and draws take, if it was set otherwise than by a recorded call."""
        seed = self._context.global_seed()
        if seed != getattr(stream, "tensorflow_seed", self._seed):
            ids = stream.define(NAMES, GLOBAL_SEED), stream.define(SITES, self._site_text())
            stream.append(SEED, 0, 0, *ids, stream.define(TEXTS, str(seed)))
        stream.tensorflow_seed = seed

    def _inputs(self, name, inputs, digest):
        """The inputs. A variable has its content before the operation; for a read, the content that was read."""
        found = []
        for place, tensor in enumerate(inputs):
            if not place and name in OVERWRITING:
                continue
            number, meta, content, writer = self.tensors.input(tensor)
            if name == "ReadVariableOp" and content != digest:  # an unseen write changed it
                content, writer = digest, self.tensors.writer_of(digest)
                self.tensors.wrote(tensor, writer, digest)
            found.append((place, number, meta, content, writer))
        return found

    def _written(self, name, inputs):
        """(handle, new digest) of each variable that the operation has written."""
        if name in KEEPING:
            return []
        handles = {id(one): one for one in inputs if self.tensors.variable_dtype(one) is not None}
        now = [(handle, self.tensors.read_variable(handle)) for handle in handles.values()]
        return [(one, content) for one, content in now if content != self.tensors.entry(one).content]

    def write_made_inside(self, stream, contents):
        """Write an IN record for each output of a call, with the operation inside the call that wrote it."""
        for content in contents:
            writer = self.tensors.writer_of(content)
            stream.append(IN, 0, MADE_INSIDE, self._process.next_storage(), 0, 0, content if writer else 0, writer)

    def _write_details(self, stream, taken, attrs, inside):
        for position, number, meta, content, writer in taken:
            stream.append(IN, 0, position, number, 0, stream.define(METAS, meta), content, writer)
        self.write_made_inside(stream, inside)
        stream.append(ARG, name=stream.define(TEXTS, data.arguments(attrs)))

    def _wrote(self, place, made, written):
        """Note that the record at index `place` wrote these tensors."""
        writer, tensors = writer_of(self._process.task.ordinal, place), self.tensors
        for handle, content in written:
            tensors.wrote(handle, writer, content)
        for tensor in made.outputs:
            if not tensors.is_handle(tensor):
                tensors.wrote(tensor, writer, tensors.digest(tensor))
            elif tensors.variable_dtype(tensor) is None:
                told = tensors.of_bytes((made.name + data.arguments(made.attrs)).encode())
                content = digests.mixed([told, *(tensors.input(one)[2] for one in made.inputs)])
                self.drawing.mark(tensors.wrote(tensor, writer, content), made, tensors)
        if made.name == "MakeIterator":
            source = tensors.entry(made.inputs[0])
            entry = tensors.wrote(made.inputs[1], writer, source.content)
            entry.suspect, entry.drawn_at, entry.iterates = source.suspect, source.drawn_at, True

    def _site_text(self):
        return self._sites.text(self._sites.frame(4))

    # -------------------------------------------------------------------------------------- values in, values out

    def _entering(self, plain):
        """Wrap the conversion of a Python value to a tensor."""

        @functools.wraps(plain)
        def convert(value, *arguments, **named):
            tensor = plain(value, *arguments, **named)
            if tensor is not value and not self.local.busy:
                self._guarded(self._enters, tensor)
            return tensor

        return convert

    def _enters(self, stream, tensor):
        frame = self._sites.frame(4)
        if frame is None:
            return
        if self.tensors.is_scalar_string(tensor):
            self.tensors.entry(tensor).is_text = True
        meta, digest = self.tensors.outputs([tensor])
        ids = stream.define(NAMES, "tf.constant"), stream.define(SITES, self._sites.text(frame))
        place = stream.append(OP, ENTERS, 0, *ids, stream.define(METAS, meta), digest)
        if self._detail:  # a value from Python has no writer
            stream.append(IN, 0, 0, self._process.next_storage(), 0, stream.define(METAS, meta), digest)
            self.tensors.wrote(tensor, writer_of(self._process.task.ordinal, place), digest)

    def _reading(self, plain, name):
        """Wrap a method by which Python reads an eager tensor."""

        @functools.wraps(plain)
        def read(tensor, *arguments, **named):
            if not self.local.busy:
                self._guarded(self._reads, tensor, name)
            return plain(tensor, *arguments, **named)

        return read

    def _reads(self, stream, tensor, name):
        frame = self._sites.frame(4, strict=True)
        if frame is None:
            return
        meta, digest = self.tensors.outputs([tensor])
        ids = stream.define(NAMES, name), stream.define(SITES, self._sites.text(frame)), stream.define(METAS, meta)
        stream.append(READ, 0, 0, *ids, digest)
        if self._process.numbers and tensor.shape.num_elements() == 1:
            self._process.numbers.note(tensor._numpy())
        if self._detail:
            number, meta, content, writer = self.tensors.input(tensor)
            stream.append(IN, 0, 0, number, 0, stream.define(METAS, meta), content, writer)

    def _guarded(self, body, *given):
        self.local.busy = True
        try:
            if self._process.task.stream is not None:
                body(self._process.task.stream, *given)
        except Exception as problem:
            self._process.problem(problem)
        finally:
            self.local.busy = False
