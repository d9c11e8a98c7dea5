"""
The programs of JAX as signatures, and their equations: primitive, dtypes and shapes of operands, parameters, line.

What is called again is a whole program, since XLA fuses its equations. A program of one equation is that operator.
"""

from __future__ import annotations

from ...replay.jax.jaxprs import equations
from ...replay.trace.sites import site_of
from ..tensorflow.arguments import SAMPLE, of_array
from . import portable

MOST_TEXT = 300
PLAIN_KINDS = ("i", "u", "b", "f")
"""Kinds of dtypes whose values have statistics; a typed key has no kind."""
UNKEPT = frozenset(("name", "jaxpr", "call_jaxpr", "fun_jaxpr_closed", "branches", "cond_jaxpr", "body_jaxpr"))
CALLING = frozenset(("jit", "pjit", "closed_call", "core_call", "custom_jvp_call", "custom_vjp_call", "remat"))
"""Primitives that only call others, whose equations are counted."""


class Program:
    """One program: the signatures of its equations, and the one that is called again."""

    def __init__(self, name, found, kept, whole=None):
        self.name, self.equations, self.kept = name, found, kept
        self.whole = whole
        """(key, operator, document) of the program as a whole; None if it has no equations."""

    @property
    def has_interior(self):
        """Whether it has several equations, which XLA may fuse."""
        return len(self.equations) > 1


def made(jaxpr, name, sites, texts):
    """
    The program of a closed jaxpr; it keeps the jaxpr alive, so that its id is not reused.

    `texts` writes programs (`portable.Programs`).
    """
    found = [_equation(one, sites) for one in equations(jaxpr) if one.primitive.name not in CALLING]
    return Program("%s" % name, found, jaxpr, _whole(jaxpr, "%s" % name, found, texts))


def _whole(jaxpr, name, found, texts):
    if not found:
        return None
    operands = [_told(one) for one in portable.inputs(jaxpr)]
    document = [operands, {"program": texts.text(jaxpr)}]
    if len(found) == 1:
        _, operator, (_, parameters), _, _ = found[0]
        document[1].update(parameters)
    else:
        operator = "jax.jit:%s" % name
    return (operator, repr(document)), operator, document


def _equation(equation, sites):
    operands = [_operand(one) for one in equation.invars]
    parameters = {key: _text(one) for key, one in equation.params.items() if key not in UNKEPT}
    operator = "jax." + equation.primitive.name
    document = [operands, parameters]
    info = equation.source_info
    backward = "transpose" in str(getattr(info, "name_stack", ""))
    return (operator, repr(document)), operator, document, _site(info, sites), backward


def _operand(atom):
    return _told(atom.aval)


def _told(aval):
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


def statistics(program, args):
    """Statistics of a program's inputs, what it closed over first; None if these are not all its arguments."""
    import numpy
    from jax._src import tree_util

    given = tree_util.tree_leaves(args)
    if len(given) != len(program.kept.jaxpr.invars):
        return None
    return [_of(numpy, one) for one in [*program.kept.consts, *given]]


def _of(numpy, value):
    if not hasattr(value, "dtype") or not getattr(value, "size", 0) or not hasattr(value, "addressable_data"):
        return None
    if getattr(value.dtype, "kind", "") not in PLAIN_KINDS or value.is_deleted():
        return None
    values = numpy.asarray(value.addressable_data(0)).reshape(-1)
    values = values[:: max(1, -(-values.size // SAMPLE))]
    integers = values.dtype.kind in "iub"
    return of_array(numpy, values.astype(numpy.int64 if integers else numpy.float64), integers)
