"""
Writes one call of JAX as files, with its inputs and outputs, when the request names that call (`dump`).

`jax.export` serialises the call. If that is impossible (it calls back a Python function, or foreign code that the
program registers), the document has the reason under `cannot`; inputs and outputs are written all the same.
"""

from __future__ import annotations

import os
import sys

from .. import dump
from ..dump import FILE_MODE, MOST_BLOCKS_OF_TEXTS, MOST_BYTES
from .arrays import data_of, is_array
from .jaxprs import equations, inner
from .zoom import PRINTS

CALL = "call.bin"


def wanted(recorder):
    """A Dump if the request of this run names an operation; else None."""
    place = dump.requested(recorder.process)
    return Dump(recorder, place) if place else None


class Dump:
    """Waits for one call, or for one equation of a zoom, and writes its inputs and outputs."""

    def __init__(self, recorder, place):
        self._recorder, self._place = recorder, place
        self._folder = os.path.join(recorder.process.folder, "dump")
        self._done = False

    def before(self, launch, args):
        """Copy the inputs if this may be the requested call, which frees the ones that are donated."""
        stream = launch.task.stream
        named = self._place.get("name", launch.label)
        if self._done or stream is None or named != launch.label or not self._is_here(launch.task):
            return
        if stream.records <= int(self._place["at"]) <= stream.records + MOST_BLOCKS_OF_TEXTS:
            try:
                launch.kept, launch.devices = self._copied(args, launch.jaxpr), _devices(args)
            except Exception as problem:
                launch.kept = problem

    def after(self, place, launch, outputs):
        """Write the files if this was the requested call."""
        if self._is_it(place, launch.task):
            self._write(launch.label, launch.kept, outputs, lambda: _of_jaxpr(launch.jaxpr, launch.devices))

    def equation(self, place, equation, inputs, outputs):
        """Write the files if this equation was the requested one."""
        if self._is_it(place, self._recorder.process.task):
            try:
                taken = self._copied(inputs, None)
            except Exception as problem:
                taken = problem
            self._write(equation.primitive.name, taken, outputs, lambda: _of_equation(equation, inputs))

    def called_back(self, place, label, outputs):
        """Write the outputs of a Python function that compiled code called back, if it was the requested one."""
        if self._is_it(place, self._recorder.process.task):
            self._write(label, [], outputs, lambda: _refuse(_FUNCTION))

    def _is_here(self, task):
        return self._recorder.process.lineage == self._place.get("lineage") and task.ordinal == self._place.get(
            "ordinal"
        )

    def _is_it(self, place, task):
        return not self._done and place == int(self._place["at"]) and self._is_here(task)

    def _write(self, name, taken, outputs, serialised):
        self._done = True
        dump.save(self._folder, lambda: self._document(name, taken, outputs, serialised))

    def _document(self, name, taken, outputs, serialised):
        import jax

        if isinstance(taken, Exception):
            raise taken
        document = {
            "framework": "jax",
            "operator": name,
            "inputs": self._files(taken or [], "input"),
            "outputs": self._files(self._copied([one for one in outputs if is_array(one)], None), "output"),
            "x64": bool(jax.config.jax_enable_x64),
            "platform": jax.default_backend(),
            "flags": [one for one in os.environ.get("XLA_FLAGS", "").split() if "/" not in one],
            "jax": str(jax.__version__),
            "python": sys.executable,
        }
        try:
            if taken is None:
                _refuse("its inputs were not met")
            self._file(CALL, serialised())
            document["call"] = CALL
        except Exception as problem:
            document["cannot"] = str(problem) if type(problem) is NotExportable else _told(problem)
        return document

    # ------------------------------------------------------------------------------------------------------ arrays

    def _copied(self, args, jaxpr):
        """(implementation of a typed key or "", NumPy copy) of each array. Raises ValueError beyond MOST_BYTES."""
        import jax
        import numpy

        avals = getattr(jaxpr, "in_avals", None) or [None] * len(args)
        left, found = MOST_BYTES, []
        for one, aval in zip(args, avals):
            kind = str(jax.random.key_impl(one)) if hasattr(one, "_base_array") else ""
            data = data_of(one)
            dtype = getattr(data, "dtype", None) or getattr(aval, "dtype", None)
            plain = numpy.array(data, dtype=dtype)
            left -= plain.nbytes
            if left < 0:
                raise ValueError("its arrays have more than the %d bytes that are kept" % MOST_BYTES)
            found.append((kind, plain))
        return found

    def _files(self, copies, kind):
        told = []
        for number, (key, plain) in enumerate(copies):
            name = "%s-%d.bin" % (kind, number)
            self._file(name, plain.tobytes())
            told.append({"file": name, "dtype": plain.dtype.name, "shape": list(plain.shape), "key": key})
        return told

    def _file(self, name, data):
        handle = os.open(os.path.join(self._folder, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
        with open(handle, "wb") as file:
            file.write(data)


# --------------------------------------------------------------------------------------------------------- the call


class NotExportable(Exception):
    """The call cannot be taken out of the program; the message is the reason, for people."""


_PYTHON = "it calls back a Python function of the program, %s, which cannot be taken out of the program"
_FUNCTION = "it is a Python function of the program, which compiled code calls back"
_FOREIGN = "it calls foreign code, %s, which the program itself registers and which cannot be taken out of it"
_DEVICES = "it runs on %d devices at once; only what runs on one can be kept"
_REFERENCE = "it works on a reference, and only what works on arrays can be kept"
_PACKAGE = "jax.export needs the package flatbuffers to keep a call, and this environment has none"


def _refuse(why):
    raise NotExportable(why)


def _told(problem):
    if isinstance(problem, ImportError) and "flatbuffers" in str(problem):
        return _PACKAGE
    return "jax.export cannot keep it: %s" % (str(problem).strip().splitlines() or [type(problem).__name__])[0][:300]


def _of_jaxpr(jaxpr, devices):
    """A whole call, serialised. Raises NotExportable."""
    from jax._src.core import jaxpr_as_fun

    if jaxpr is None:
        _refuse("it was compiled ahead of time, and its equations are not there")
    if devices > 1:
        _refuse(_DEVICES % devices)
    if any("Ref" in type(one).__name__ for one in jaxpr.in_avals):
        _refuse(_REFERENCE)
    jaxpr = _without_prints(jaxpr)
    for equation in equations(jaxpr.jaxpr):
        _check(equation)
    return _serialised(jaxpr_as_fun(jaxpr), jaxpr.in_avals)


def _of_equation(equation, inputs):
    """One equation, serialised. Raises NotExportable."""
    primitive = equation.primitive
    if _devices(inputs) > 1:
        _refuse(_DEVICES % _devices(inputs))
    _check(equation)
    for part in inner(equation):
        for one in equations(part):
            _check(one)
    given = primitive.get_bind_params(equation.params)
    functions, parameters = given if isinstance(given, tuple) else ((), given)  # older releases return a pair

    def call(*arrays):
        return primitive.bind(*functions, *arrays, **parameters)

    return _serialised(call, [one.aval for one in equation.invars])


def _devices(args):
    """The largest number of devices over which an argument is sharded."""
    return max([1, *(len(one.sharding.device_set) for one in args if hasattr(one, "sharding"))])


def _serialised(call, avals):
    """The call, serialised by `jax.export` without source paths of the program."""
    import contextlib

    import jax
    from jax import export
    from jax._src import config

    pathless = getattr(config, "hlo_source_file_canonicalization_regex", None)
    with pathless(".*") if pathless is not None else contextlib.nullcontext():
        shapes = [jax.ShapeDtypeStruct(one.shape, one.dtype) for one in avals]
        return bytes(export.export(jax.jit(call))(*shapes).serialize())


def _check(equation):
    """Raise NotExportable for an equation that calls code of the program."""
    name, parameters = equation.primitive.name, equation.params
    if name == "ffi_call":
        _refuse(_FOREIGN % parameters.get("target_name"))
    if "callback" in name:
        function = parameters.get("callback")
        function = getattr(function, "callback_func", function)
        _refuse(_PYTHON % getattr(function, "__name__", type(function).__name__))


def _without_prints(part):
    """A jaxpr, or another parameter of an equation, without the equations that print."""
    if isinstance(part, (list, tuple)) and not hasattr(part, "_fields"):
        return type(part)(_without_prints(one) for one in part)
    if hasattr(part, "jaxpr"):
        return part.replace(jaxpr=_without_prints(part.jaxpr))
    if not hasattr(part, "eqns"):
        return part
    kept = [one for one in part.eqns if one.primitive.name not in PRINTS]
    kept = [one.replace(params=_held(one.params), effects=_quiet(one.effects)) for one in kept]
    return part.replace(eqns=kept, effects=_quiet(part.effects))


def _held(parameters):
    return {name: _without_prints(value) for name, value in parameters.items()}


def _quiet(effects):
    return {one for one in effects if "Debug" not in type(one).__name__}
