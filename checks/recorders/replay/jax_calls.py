"""
JAX's calls into XLA: each primitive that runs by itself, and each jitted call by its name.

JAX keeps a fast path in C++ for a call that it has seen; while a program is recorded there is none, so that every call
passes here. What a compiled call does inside is XLA's; in the detail tier the equations of the call that diverged are
evaluated one by one on the same inputs (`zoom`).
"""

from __future__ import annotations

import functools

from . import digests
from .writer import IN, METAS, NAMES, OP, REGION, SITES

SHORT = {"float": "f", "int": "i", "uint": "u", "bfloat": "bf", "complex": "c", "bool": "b"}


def follow(pjit, recorder):
    """Hook the function under every call that is dispatched from Python; raises AttributeError where it is not."""
    plain = pjit._pjit_call_impl_python
    pjit._get_fastpath_data  # noqa: B018 - both or none: with the fast path most calls would pass unseen

    @functools.wraps(plain)
    def call(*args, **parameters):
        taken = recorder.before(args)
        answer = plain(*args, **parameters)
        recorder.after(taken, args, parameters, answer[0])
        return answer

    pjit._pjit_call_impl_python = call
    pjit._get_fastpath_data = lambda *_arguments, **_named: None


class Recorder:
    """The bodies of the hook, each guarded."""

    def __init__(self, jax, process, sites, function, request):
        self._jax, self._process, self._sites, self._function = jax, process, sites, function
        self._detail = request.get("tier") == "detail"
        self._zoomed = frozenset(request.get("zoom") or ())
        self._arrays, self._writers = {}, {}
        self._zooming = False

    def before(self, args):
        """In the detail tier (position, ordinal, meta, content, writer) of each array: a donated one is gone after."""
        if not self._detail or self._zooming:
            return None
        try:
            return [(place, *self._told(array)) for place, array in enumerate(args) if hasattr(array, "dtype")]
        except Exception as problem:
            self._process.task.problem(problem)
            return None

    def after(self, taken, args, parameters, outputs):
        """One record for the call."""
        stream = self._process.task.stream
        if stream is None or self._zooming:
            return
        try:
            name = str(parameters.get("name") or "?")
            jaxpr = parameters.get("jaxpr")
            alone = jaxpr is not None and len(jaxpr.eqns) == 1 and jaxpr.eqns[0].primitive.name == name
            label = name if alone else "jit:" + name
            site = stream.define(SITES, self._sites.text(self._sites.frame(3)))
            meta = stream.define(METAS, ";".join(self._meta(one) for one in outputs))
            digest = digests.mixed([self._digest(one) for one in outputs])
            place = stream.append(OP if alone else REGION, 0, 0, stream.define(NAMES, label), site, meta, digest)
            if taken is not None:
                self._write_inputs(stream, taken)
                for one in outputs:
                    self._writers[self._ordinal(one)] = self._process.task.ordinal << 40 | (place + 1)
            if label in self._zoomed and jaxpr is not None:
                self._zoom(stream, jaxpr, args)
        except Exception as problem:
            self._process.task.problem(problem)

    # ----------------------------------------------------------------------------------------------- parts of it

    def _write_inputs(self, stream, taken):
        for position, ordinal, meta, content, writer in taken:
            stream.append(IN, 0, position, ordinal, 0, stream.define(METAS, meta), content, writer)

    def _told(self, array):
        ordinal = self._ordinal(array)
        return ordinal, self._meta(array), self._digest(array), self._writers.get(ordinal, 0)

    def _ordinal(self, array):
        """An ordinal for an array, which JAX never changes; kept as long as the array lives is enough."""
        known = self._arrays.get(id(array))
        if known is None or known[0]() is not array:
            import weakref

            known = self._arrays[id(array)] = (weakref.ref(array), self._process.next_storage())
        return known[1]

    def _meta(self, array):
        name = str(array.dtype)
        letters = name.rstrip("0123456789")
        short = SHORT.get(letters, letters) + name[len(letters) :]
        return "%s[%s]" % (short, ",".join(map(str, array.shape)))

    def _digest(self, array):
        jax = self._jax
        if jax.dtypes.issubdtype(array.dtype, jax.dtypes.prng_key):
            array = jax.random.key_data(array)
        import numpy

        plain = numpy.ascontiguousarray(numpy.asarray(array))
        return self._function(plain.ctypes.data, plain.nbytes)

    # -------------------------------------------------------------------------------------------------- the zoom

    def _zoom(self, stream, jaxpr, args):
        """Evaluate the call's equations one by one on the same inputs, each a record with its own line."""
        self._zooming = True
        try:
            _Evaluation(self, stream).run(jaxpr.jaxpr, jaxpr.consts, args)
        finally:
            self._zooming = False


class _Evaluation:
    """One pass over a jaxpr; calls inside it are gone into."""

    def __init__(self, recorder, stream):
        self._recorder, self._stream = recorder, stream
        self._values = {}

    def run(self, jaxpr, consts, args):
        self._values.update(zip((*jaxpr.constvars, *jaxpr.invars), (*consts, *args)))
        for equation in jaxpr.eqns:
            inputs = [self._read(atom) for atom in equation.invars]
            inner = equation.params.get("jaxpr") if equation.primitive.name in ("jit", "pjit", "closed_call") else None
            if inner is not None:
                outputs = _Evaluation(self._recorder, self._stream).run(inner.jaxpr, inner.consts, inputs)
            else:
                functions, parameters = equation.primitive.get_bind_params(equation.params)
                outputs = equation.primitive.bind(*functions, *inputs, **parameters)
                outputs = outputs if equation.primitive.multiple_results else [outputs]
                self._write(equation, inputs, outputs)
            self._values.update(zip(equation.outvars, outputs))
        return [self._read(atom) for atom in jaxpr.outvars]

    def _read(self, atom):
        return atom.val if hasattr(atom, "val") else self._values[atom]

    def _write(self, equation, inputs, outputs):
        recorder, stream = self._recorder, self._stream
        arrays = [one for one in outputs if hasattr(one, "dtype")]
        meta = stream.define(METAS, ";".join(recorder._meta(one) for one in arrays))
        digest = digests.mixed([recorder._digest(one) for one in arrays])
        name = stream.define(NAMES, "zoom:" + equation.primitive.name)
        place = stream.append(OP, 0, 0, name, stream.define(SITES, _site(equation)), meta, digest)
        taken = [(n, *recorder._told(one)) for n, one in enumerate(inputs) if hasattr(one, "dtype")]
        recorder._write_inputs(stream, taken)
        for one in arrays:
            recorder._writers[recorder._ordinal(one)] = recorder._process.task.ordinal << 40 | (place + 1)


def _site(equation):
    """The user's line of an equation, as JAX keeps it."""
    from jax._src import source_info_util

    frame = source_info_util.user_frame(equation.source_info.traceback)
    if frame is None:
        return "?\t0\t\t"
    import linecache

    code = linecache.getline(frame.file_name, frame.start_line).strip().replace("\t", " ")
    return "%s\t%d\t%s\t%s" % (frame.file_name, frame.start_line, frame.function_name, code[:200])
