"""Iterates over the equations of a jaxpr, those inside loops, branches and calls too, and their literal numbers."""

from __future__ import annotations


def equations(jaxpr):
    """Yield every equation, an outer one before those inside it."""
    for equation in jaxpr.eqns:
        yield equation
        for part in inner(equation):
            yield from equations(part)


def inner(equation):
    """Yield the jaxprs among an equation's parameters."""
    for value in equation.params.values():
        for one in value if isinstance(value, (list, tuple)) else (value,):
            part = getattr(one, "jaxpr", one)  # of a ClosedJaxpr
            if hasattr(part, "eqns"):
                yield part


def closed(jaxpr):
    """Yield every closed jaxpr among the parameters of the equations, at any depth: these hold arrays of their own."""
    for equation in equations(jaxpr):
        for value in equation.params.values():
            for one in value if isinstance(value, (list, tuple)) else (value,):
                if hasattr(one, "consts") and hasattr(one, "jaxpr"):
                    yield one


def literals(jaxpr):
    """Yield the values that stand in the equations themselves."""
    for equation in equations(jaxpr):
        for atom in equation.invars:
            if hasattr(atom, "val"):
                yield atom.val


def numbers(jaxpr):
    """The literal numbers in the equations; numbers that a function closes over are among them."""
    return [one.tolist() if hasattr(one, "tolist") else one for one in literals(jaxpr)]
