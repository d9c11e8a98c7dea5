"""The equations of a program of JAX as signatures: primitive, dtypes and shapes of operands, parameters, line."""

from __future__ import annotations

from ...replay.jax.jaxprs import equations
from ...replay.trace.sites import site_of
from ..tensorflow.arguments import SAMPLE, of_array

MOST_TEXT = 300
UNKEPT = frozenset(("name", "jaxpr", "call_jaxpr", "fun_jaxpr_closed", "branches", "cond_jaxpr", "body_jaxpr"))
CALLING = frozenset(("jit", "pjit", "closed_call", "core_call", "custom_jvp_call", "custom_vjp_call", "remat"))
"""Primitives that only call others, whose equations are counted."""


class Program:
    """One program: the signatures of its equations."""

    def __init__(self, name, found, kept):
        self.name, self.equations, self.kept = name, found, kept


def made(jaxpr, name, sites):
    """The program of a jaxpr; it keeps the jaxpr alive, so that its id is not reused."""
    found = [_equation(one, sites) for one in equations(jaxpr) if one.primitive.name not in CALLING]
    return Program("%s" % name, found, jaxpr)


def _equation(equation, sites):
    operands = [_operand(one) for one in equation.invars]
    parameters = {key: _text(one) for key, one in equation.params.items() if key not in UNKEPT}
    operator = "jax." + equation.primitive.name
    document = [operands, parameters]
    info = equation.source_info
    backward = "transpose" in str(getattr(info, "name_stack", ""))
    return (operator, repr(document)), operator, document, _site(info, sites), backward


def _operand(atom):
    aval = atom.aval
    shape = getattr(aval, "shape", None)
    if shape is None or not all(isinstance(side, int) for side in shape):
        return {"opaque": str(aval)[:MOST_TEXT]}
    return {"tensor": str(aval.dtype), "shape": [int(side) for side in shape]}


def _text(value):
    """A parameter as JSON; of objects the text, which holds no address."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return {"float": value.hex()}
    if isinstance(value, (tuple, list)) and not hasattr(value, "_fields"):
        return [_text(one) for one in value]
    text = str(value)
    return type(value).__name__ if " at 0x" in text or len(text) > MOST_TEXT else text


def _site(info, sites):
    """The user's line of an equation; empty if there is none."""
    from jax._src import source_info_util

    for frame in source_info_util.user_frames(getattr(info, "traceback", info)):
        if sites.is_users_file(frame.file_name):
            return site_of(frame.file_name, frame.start_line, frame.function_name, None)
    return ""


def statistics(args):
    """Statistics of the operands of a program of one primitive."""
    import numpy

    return [_of(numpy, one) for one in args]


def _of(numpy, value):
    if not hasattr(value, "dtype") or not getattr(value, "size", 0) or not hasattr(value, "addressable_data"):
        return None
    if value.dtype.kind not in "iubf":
        return None
    values = numpy.asarray(value.addressable_data(0)).reshape(-1)
    values = values[:: max(1, -(-values.size // SAMPLE))]
    integers = values.dtype.kind in "iub"
    return of_array(numpy, values.astype(numpy.int64 if integers else numpy.float64), integers)
