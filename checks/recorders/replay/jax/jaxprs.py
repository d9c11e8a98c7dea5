"""Equations of JAX as data: those inside of loops, branches and calls too, and the numbers that stand in them."""

from __future__ import annotations


def equations(jaxpr):
    """Every equation, the outer before those that it holds."""
    for equation in jaxpr.eqns:
        yield equation
        for part in inner(equation):
            yield from equations(part)


def inner(equation):
    """The jaxprs that an equation holds."""
    for value in equation.params.values():
        for one in value if isinstance(value, (list, tuple)) else (value,):
            part = getattr(one, "jaxpr", one)  # of a closed one
            if hasattr(part, "eqns"):
                yield part


def numbers(jaxpr):
    """The numbers that stand in the equations as they are: what a function closes over may be among them."""
    found = [atom.val for equation in equations(jaxpr) for atom in equation.invars if hasattr(atom, "val")]
    return [one.tolist() if hasattr(one, "tolist") else one for one in found]
