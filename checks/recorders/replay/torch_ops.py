"""
Every operation of torch's eager mode, as a record: forward, backward, optimizers.

A dispatch mode sees them below autograd. Outputs are digested where they lie; a view has its base's content and no
digest of its own. In the detail tier each tensor input is recorded with its content and with the record that wrote it.
"""

from __future__ import annotations

import contextlib
import weakref

from . import digests
from .writer import ARG, IN, METAS, NAMES, OP, SITES, TEXTS

DRAWS, INPLACE, BACKWARD, OVERWRITES, ALLOCATES, READS_OUT, ENTERS = 1, 2, 4, 8, 16, 32, 64
SHORT = {
    "torch.float32": "f32",
    "torch.float64": "f64",
    "torch.float16": "f16",
    "torch.bfloat16": "bf16",
    "torch.int64": "i64",
    "torch.int32": "i32",
    "torch.int16": "i16",
    "torch.int8": "i8",
    "torch.uint8": "u8",
    "torch.bool": "b1",
    "torch.complex64": "c64",
    "torch.complex128": "c128",
}
ALLOCATING = (
    "aten::empty",
    "aten::new_empty",
    "aten::empty_like",
    "aten::empty_strided",
    "aten::set_",
    "aten::resize_",
)
OVERWRITING = ("uniform_", "normal_", "copy_", "zero_", "fill_", "bernoulli_", "random_", "exponential_", "geometric_")
OVERWRITING += ("cauchy_", "log_normal_", "set_")
READING = ("aten::_local_scalar_dense", "aten::equal", "aten::is_nonzero")
ENTERING = ("aten::lift_fresh", "aten::lift")


class Kind:
    """What is known of one operator, once."""

    __slots__ = ("draws", "flags", "name", "named", "silent", "written")

    def __init__(self, torch, func):
        schema = func._schema
        self.name = str(schema.name) + ("." + schema.overload_name if schema.overload_name else "")
        base = str(schema.name)
        self.written = tuple(
            (place, argument.name)
            for place, argument in enumerate(schema.arguments)
            if argument.alias_info is not None and argument.alias_info.is_write
        )
        aliased = [value.alias_info for value in schema.returns]
        views = bool(aliased) and all(one is not None and not one.is_write for one in aliased)
        self.draws = torch.Tag.nondeterministic_seeded in func.tags
        flags = DRAWS if self.draws else 0
        flags |= INPLACE if self.written else 0
        overwrites = self.written and (
            base.rsplit("::", maxsplit=1)[-1] in OVERWRITING or "out" in [name for _, name in self.written]
        )
        flags |= OVERWRITES if overwrites else 0
        flags |= ALLOCATES if base.startswith(ALLOCATING) else 0
        flags |= READS_OUT if base in READING else 0
        flags |= ENTERS if base in ENTERING else 0
        self.flags = flags
        self.silent = (views and not flags & ENTERS) or bool(flags & ALLOCATES)
        """Whether its outputs need no digest: a base has it, or nobody has written them yet."""


def mode(torch, recorder):
    """A dispatch mode that records. Its class is made here, since torch is the program's to import."""
    from torch.utils._python_dispatch import TorchDispatchMode

    class Recording(TorchDispatchMode):
        """Sees every operation of the thread in which it was pushed."""

        @classmethod
        def ignore_compile_internals(cls):
            """An active mode silently disables torch.compile; this answer lets it compile."""
            return True

        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            kwargs = kwargs or {}
            before = None if recorder.pauses else recorder.before(func, args, kwargs)
            result = func(*args, **kwargs)
            if before is not None:
                recorder.after(before, args, kwargs, result)
            return result

    return Recording()


class Recorder:
    """The bodies of the hook, each guarded: an error of ours becomes a record and silence, never the program's."""

    def __init__(self, torch, process, sites, digest, detail):
        self._torch, self._process, self._sites = torch, process, sites
        self._function, self._detail = digest, detail
        self._kinds, self._metas = {}, {}
        self._site_ids = {}
        self._storages, self._writers = {}, {}
        self._tensor = self.tensor = torch.Tensor
        self.pauses = 0
        """How many compiled regions are running: what happens inside is theirs."""
        self._grad_enabled = torch._C._current_graph_task_id

    def before(self, func, args, kwargs):
        """What must be read before the operation runs: the generator's state, and inputs that it may change."""
        try:
            kind = self._kinds.get(id(func))
            if kind is None:
                kind = self._kinds[id(func)] = Kind(self._torch, func)
                kind.named = func  # keeps it alive, so that its id stays its own
            if not kind.draws and not self._detail:
                return kind, 0, None
            state = self._generator_state(args, kwargs) if kind.draws else 0
            return kind, state, self._inputs(args, kwargs) if self._detail else None
        except Exception as problem:
            self._process.task.problem(problem)
            return None

    def after(self, before, args, kwargs, result):
        """Write the record of an operation that has run."""
        stream = self._process.task.stream
        if stream is None:
            return
        try:
            kind, state, inputs = before
            flags = kind.flags
            if self._grad_enabled() != -1:
                flags |= BACKWARD
            outputs = self._outputs(kind, args, kwargs, result)
            meta, digest = self._content(stream, kind, outputs)
            place = stream.append(OP, flags, 0, self._name(stream, kind), self._site(stream), meta, digest, state)
            if inputs is not None:
                self._write_inputs(stream, inputs)
                self._write_arguments(stream, args, kwargs)
                if not kind.silent or kind.flags & ALLOCATES:
                    self.wrote(outputs, place)
        except Exception as problem:
            self._process.task.problem(problem)

    @contextlib.contextmanager
    def paused(self):
        """While a compiled region runs: nothing inside it is recorded."""
        self.pauses += 1
        try:
            yield
        finally:
            self.pauses -= 1

    def region_inputs(self, inputs):
        """In the detail tier (position, storage, meta, content, writer) of each tensor; else None."""
        if not self._detail:
            return None
        found = []
        for place, tensor in enumerate(inputs):
            if isinstance(tensor, self._tensor):
                storage = self._storage(tensor)
                writer = self._writers.get(storage, 0)
                found.append((place, storage, self._meta_text(tensor), self._digest(tensor), writer))
        return found

    def content(self, stream, outputs):
        """(meta's id, digest) of tensors."""
        text = ";".join(self._meta_text(tensor) for tensor in outputs)
        return stream.define(METAS, text), digests.mixed([self._digest(tensor) for tensor in outputs])

    def wrote(self, outputs, place):
        """In the detail tier: the record at that place has written these."""
        if self._detail:
            for tensor in outputs:
                self._writers[self._storage(tensor)] = self._process.task.ordinal << 40 | (place + 1)

    # ----------------------------------------------------------------------------------------------- parts of it

    def _name(self, stream, kind):
        return stream.define(NAMES, kind.name)

    def _site(self, stream):
        frame = self._sites.frame(4)
        if frame is None:
            return 0
        key = (frame.f_code, frame.f_lineno)
        found = self._site_ids.get(key)
        if found is None or found[0] is not stream:
            found = self._site_ids[key] = (stream, stream.define(SITES, self._sites.text(frame)))
        return found[1]

    def _outputs(self, kind, args, kwargs, result):
        if kind.written:
            values = [args[place] if place < len(args) else kwargs.get(name) for place, name in kind.written]
        else:
            values = [result]
        found = []
        for value in values:
            if isinstance(value, self._tensor):
                found.append(value)
            elif isinstance(value, (list, tuple)):
                found += [one for one in value if isinstance(one, self._tensor)]
        return found

    def _content(self, stream, kind, outputs):
        """(meta's id, digest) of what the operation gave."""
        if len(outputs) == 1:
            tensor = outputs[0]
            digest = 0 if kind.silent else self._digest(tensor)
            return self._meta(stream, tensor), digest
        if not outputs:
            return 0, 0
        text = ";".join(self._meta_text(tensor) for tensor in outputs)
        digest = 0 if kind.silent else digests.mixed([self._digest(tensor) for tensor in outputs])
        return stream.define(METAS, text), digest

    def _meta(self, stream, tensor):
        key = (tensor.dtype, tensor.shape, tensor.device)
        found = self._metas.get(key)
        if found is None or found[0] is not stream:
            found = self._metas[key] = (stream, stream.define(METAS, self._meta_text(tensor)))
        return found[1]

    def _meta_text(self, tensor):
        dtype = str(tensor.dtype)
        return "%s[%s]@%s" % (SHORT.get(dtype, dtype), ",".join(map(str, tensor.shape)), tensor.device)

    def _digest(self, tensor):
        """Sixty-four bits of the content, in the order of its elements."""
        if tensor.is_contiguous() and tensor.device.type == "cpu" and tensor.layout is self._torch.strided:
            if tensor.is_conj() or tensor.is_neg():
                tensor = tensor.resolve_conj().resolve_neg()
            return self._function(tensor.data_ptr(), tensor.numel() * tensor.element_size())
        return self._slow_digest(tensor)

    def _slow_digest(self, tensor):
        if tensor.device.type == "meta" or not hasattr(tensor, "data_ptr"):
            return 0
        if tensor.layout is not self._torch.strided:
            parts = [getattr(tensor, name)() for name in ("_indices", "_values") if hasattr(tensor, name)]
            return digests.mixed([self._digest(part) for part in parts])
        plain = tensor.detach().cpu().resolve_conj().resolve_neg().contiguous()
        return self._function(plain.data_ptr(), plain.numel() * plain.element_size())

    def _generator_state(self, args, kwargs):
        generator = kwargs.get("generator")
        if generator is None:
            generator = next((one for one in args if isinstance(one, self._torch.Generator)), None)
        state = generator.get_state() if generator is not None else self._torch.get_rng_state()
        return self._function(state.data_ptr(), state.numel())

    # ------------------------------------------------------------------------------------------------ detail tier

    def _inputs(self, args, kwargs):
        return [
            (place, one, self._digest(one))
            for place, value in enumerate((*args, *kwargs.values()))
            for one in (value if isinstance(value, (list, tuple)) else (value,))
            if isinstance(one, self._tensor)
        ]

    def _storage(self, tensor):
        """An ordinal for the storage, in order of first sight; a new storage at an old address has a new one."""
        try:
            storage = tensor.untyped_storage()
        except NotImplementedError:
            return 0
        key = storage._cdata
        known = self._storages.get(key)
        if known is None or known[0]() is None:
            number = self._process.next_storage()
            known = self._storages[key] = (weakref.ref(storage), number)
        return known[1]

    def _write_inputs(self, stream, inputs):
        for position, tensor, digest in inputs:
            storage = self._storage(tensor)
            writer = self._writers.get(storage, 0)
            stream.append(IN, 0, position, storage, 0, self._meta(stream, tensor), digest, writer)

    def _write_arguments(self, stream, args, kwargs):
        text = ", ".join(_scalar(value, self._tensor) for value in (*args, *kwargs.values()))
        stream.append(ARG, name=stream.define(TEXTS, text[:400]))


def _scalar(value, tensor):
    """An argument as text; a tensor as a mark, since its content stands beside."""
    if isinstance(value, tensor):
        return "T"
    if isinstance(value, (list, tuple)):
        return "[%s]" % ", ".join(_scalar(one, tensor) for one in value)
    if isinstance(value, (int, float, bool, str, complex)) or value is None:
        return repr(value)
    return type(value).__name__ if "object at 0x" in repr(value) else repr(value)
