"""
Records every operation of torch's eager mode: forward, backward, optimizers.

A dispatch mode sees them below autograd. Outputs are digested in place. A view has the content of its base and no
digest of its own. In the detail tier each tensor input is recorded with its content and the record that wrote it.
"""

from __future__ import annotations

import sys
from functools import partial
from threading import get_ident

from ..trace.format import ALLOCATES, BACKWARD, ENTERS, INPLACE, METAS, NAMES, OP, READS_OUT
from . import dump, later
from .content import Content
from .inputs import Inputs, tensors_in
from .kinds import Kind
from .mode import mode_class
from .paused import Pausable

DRAWS_NOTHING = 0, 0
"""State and ordinal of the generator, for an operation that draws from none."""


class Recorder(Pausable):
    """The bodies of the hook. An error of the recorder becomes a problem and never reaches the program."""

    def __init__(self, torch, process, sites, digest, detail, generators):  # noqa: PLR0917 - made in one place
        super().__init__()
        self._torch, self._process, self._sites = torch, process, sites
        self.detail = detail
        self.contents = Content(torch, digest)
        self.tensor, self._function = torch.Tensor, digest
        self._dump = dump.wanted(torch, process) if detail else None
        self._generators = generators
        self._kinds = {}
        self.inputs = Inputs(torch, process, self.contents) if detail else None
        self._class = mode_class(torch, self._detailed() if detail else self._fast())

    def mode(self):
        """A new mode; each thread activates its own."""
        return self._class()

    # ----------------------------------------------------------------------------------------------- the two tiers

    def _fast(self):  # one function, since a call costs as much as a step of it
        """
        The hook of the base tier: one function that has all it needs in local variables.

        It runs for every operation of the program, and a small operation takes about one microsecond.
        """
        process, content, function = self._process, self.contents, self._function
        kinds, paused, local, plain_types = self._kinds, self._paused, self._process._local, self.contents.plain
        in_backward, strided = self._torch._C._current_graph_task_id, self._torch.strided
        site_of, caller = self._sites.line, sys._getframe

        def dispatch(_mode, func, _types, args=(), kwargs=None):
            kind = kinds.get(id(func)) or self._kind(func)
            if kind is None or (paused and get_ident() in paused):
                return func(*args, **(kwargs or {}))
            state, generator = self._generator_state(args, kwargs or {}) if kind.draws else DRAWS_NOTHING
            result = func(*args, **kwargs) if kwargs else func(*args)
            try:
                stream = local.task._stream
            except AttributeError:
                stream = None
            try:
                if stream is None:
                    stream = process.task.stream
                    if stream is None:
                        return result
                names, sites, metas = getattr(stream, "torch", None) or _caches(stream)
                digest = 0
                if kind.plain and type(result) in plain_types and result.layout is strided and not result.is_nested:
                    key = (result.dtype, result.shape, result.device)
                    found = metas.get(key)
                    if found is None:
                        found = metas[key] = stream.define(METAS, content.meta(result)), content.bytes(result)
                    meta, size = found
                    if not kind.silent:
                        in_place = size >= 0 and result.is_contiguous() and not result.is_neg()
                        address = result.data_ptr() if in_place else 0  # 0 too for zeros without memory
                        digest = function(address, size) if address else content.digest(result)
                else:
                    meta, digest = self._content(stream, kind, kind.values(args, kwargs or {}, result))
                (stream.append if digest.__class__ is int else partial(later.append, stream))(
                    OP,
                    kind.flags if in_backward() == -1 else kind.flags | BACKWARD,
                    generator,
                    names.get(kind.name) or _name(stream, kind.name),
                    site_of(stream, sites, caller(1)),
                    meta,
                    digest,
                    state,
                )
            except Exception as problem:
                process.problem(problem)
            return result

        return dispatch

    def _detailed(self):
        """The hook of the detail tier."""
        caller = sys._getframe

        def dispatch(_mode, func, _types, args=(), kwargs=None):
            kwargs = kwargs or {}
            taken = self._before(func, args, kwargs)
            result = func(*args, **kwargs)
            if taken is not None:
                self._after(taken, args, kwargs, result, caller(1))
            return result

        return dispatch

    def _before(self, func, args, kwargs):
        """Before an operation runs: (kind, state and ordinal of the generator, inputs); None if it is not recorded."""
        kind = self._kinds.get(id(func)) or self._kind(func)
        if kind is None or get_ident() in self._paused:
            return None
        try:
            with self._torch._C.DisableTorchFunctionSubclass():
                if self._dump is not None:
                    self._dump.before(args, kwargs)
                state = self._generator_state(args, kwargs) if kind.draws else DRAWS_NOTHING
                return kind, state, self.inputs.taken(kind.read(args, kwargs))
        except Exception as problem:
            self._process.problem(problem)
            return None

    def _after(self, taken, args, kwargs, result, frame):
        """Write the records of an operation that has run."""
        try:
            stream = self._process.task.stream
            if stream is None:
                return
            with self._torch._C.DisableTorchFunctionSubclass():
                kind, (state, generator), inputs = taken
                flags = kind.flags if self._torch._C._current_graph_task_id() == -1 else kind.flags | BACKWARD
                values = kind.values(args, kwargs, result)
                meta, digest = self._content(stream, kind, values)
                name, site = _name(stream, kind.name), self._sites.line(stream, _caches(stream)[1], frame)
                place = later.append(stream, OP, flags, generator, name, site, meta, digest, state)
                self.inputs.write(stream, inputs)
                called_from = self._sites.caller(stream, frame) if kind.draws else 0
                self.inputs.write_arguments(stream, (*args, *kwargs.values()), called_from)
                outputs = list(tensors_in(self.tensor, values))
                if self._dump is not None:
                    self._dump.after(place, kind.named, outputs, kind, self.contents)
                if not kind.views or kind.flags & (ALLOCATES | ENTERS):
                    self.inputs.wrote(outputs, place)
        except Exception as problem:
            self._process.problem(problem)

    # ------------------------------------------------------------------------------- also for reads and for regions

    def taken(self, tensors):
        """In the detail tier the inputs for `write_inputs`, with the tensors' present contents; else None."""
        return self.inputs.taken(enumerate(tensors)) if self.detail else None

    def content(self, stream, outputs):
        """(id of the meta, digest) of tensors."""
        return stream.define(METAS, self.contents.metas(outputs)), self.contents.mixed(outputs)

    def write_inputs(self, stream, taken):
        """Write one IN record for each input of the record before."""
        if taken:
            self.inputs.write(stream, taken)

    def wrote(self, outputs, place):
        """In the detail tier: note that the record at index `place` wrote these tensors."""
        if self.detail:
            self.inputs.wrote(outputs, place)

    # ----------------------------------------------------------------------------------------------- parts of it

    def _kind(self, func):
        """The Kind of an operator that is new; None if its schema cannot be read."""
        try:
            kind = self._kinds[id(func)] = Kind(self._torch, func)
        except Exception as problem:
            self._process.problem(problem)
            return None
        if self._process.numbers and kind.flags & INPLACE:
            kind.plain = False  # `_content` looks for weights
        return kind

    def _content(self, stream, kind, values):
        """(id of the meta, digest) of the outputs of an operation."""
        tensors = list(tensors_in(self.tensor, values))
        if not tensors:
            if kind.flags & READS_OUT and self._process.numbers:
                self._process.numbers.note(values[0])
            return 0, 0
        meta = stream.define(METAS, self.contents.metas(tensors))
        if kind.silent:
            return meta, 0
        digest = self.contents.digest(tensors[0]) if len(tensors) == 1 else self.contents.mixed(tensors)
        if self._process.numbers and kind.flags & INPLACE and any(one.requires_grad for one in tensors):
            self._process.numbers.note(digest)  # a weight: it counts though nothing may read it
        return meta, digest

    def generator_state(self):
        """Digest of the default generator's state, from which a compiled region draws its seeds; 0 on an error."""
        return self._generator_state((), {})[0]

    def _generator_state(self, args, kwargs):
        """(digest of the state, ordinal) of the generator from which an operation will draw."""
        try:
            return self._generators.state(args, kwargs)
        except Exception as problem:
            self._process.problem(problem)
            return DRAWS_NOTHING


def _caches(stream):
    """Caches of a stream's ids of names, sites and metas, by keys that are cheap to compute."""
    found = getattr(stream, "torch", None)
    if found is None:
        found = stream.torch = {}, {}, {}
    return found


def _name(stream, name):
    found = _caches(stream)[0][name] = stream.define(NAMES, name)
    return found
