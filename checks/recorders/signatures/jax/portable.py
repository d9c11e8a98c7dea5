"""
A compiled program of JAX as a text that another machine can run: StableHLO without locations, and no data.

What the function closed over becomes inputs. File names, lines and names of variables are taken out.
"""

from __future__ import annotations

import base64
import dataclasses
import math
import time
import zlib

from ...replay.jax.jaxprs import closed, literals

MOST_SECONDS = 20.0
"""In one process, for all its programs; those after that are not kept."""
MOST_BYTES = 1 << 17
"""Of a program's text; a larger one is not kept."""
MOST_CONSTANTS = 16
"""Elements of an array that may stand inside a program; a larger one is data."""


class Kept(Exception):
    """Why a program is not kept."""


class Programs:
    """Makes the texts of one process's programs, within `MOST_SECONDS` in all."""

    def __init__(self):
        self._left = MOST_SECONDS
        self.busy = False
        """Whether a program is being written: what JAX does for that is not the program's."""

    def text(self, jaxpr):
        """The text of a closed jaxpr; `{"opaque": reason}` where there is none."""
        if self._left <= 0:
            return {"opaque": "a program after those whose writing took %d s" % MOST_SECONDS}
        began, self.busy = time.monotonic(), True
        try:
            return _written(jaxpr)
        except Kept as reason:
            return {"opaque": str(reason)}
        except Exception as problem:  # JAX refuses effects, callbacks and other things, each with its own exception
            first = (str(problem).splitlines() or [""])[0]
            return {"opaque": "a program that JAX does not export (%s: %s)" % (type(problem).__name__, first[:120])}
        finally:
            self.busy = False
            self._left -= time.monotonic() - began


def inputs(jaxpr):
    """The avals of a program's inputs: of what it closed over first. A typed key is given as its integers."""
    from jax._src import core

    return [core.physical_aval(one.aval) for one in (*jaxpr.jaxpr.constvars, *jaxpr.jaxpr.invars)]


def _written(jaxpr):
    import jax
    from jax import export
    from jax._src import core

    held = [one for inner in closed(jaxpr.jaxpr) for one in inner.consts]
    if any(math.prod(getattr(one, "shape", ())) > MOST_CONSTANTS for one in [*held, *literals(jaxpr.jaxpr)]):
        raise Kept("a program that holds an array of the user's")
    count = len(jaxpr.jaxpr.constvars)
    kinds = [one.aval.dtype for one in (*jaxpr.jaxpr.constvars, *jaxpr.jaxpr.invars)]

    def program(*plain):
        wrap, unwrap = jax.random.wrap_key_data, jax.random.key_data
        given = [wrap(one, impl=kind._impl.name) if _is_key(kind) else one for one, kind in zip(plain, kinds)]
        found = core.eval_jaxpr(jaxpr.jaxpr, given[:count], *given[count:])
        return [unwrap(one) if _is_key(one.dtype) else one for one in found]

    told = [jax.ShapeDtypeStruct(one.shape, one.dtype) for one in inputs(jaxpr)]
    exported = export.export(jax.jit(program))(*told)
    found = zlib.compress(_without_locations(exported).serialize(), 9)
    text = base64.b85encode(found).decode("ascii")
    if len(text) > MOST_BYTES:
        raise Kept("a program of %d bytes, more than are kept" % len(text))
    return text


def _is_key(dtype):
    """Whether it is the dtype of typed keys, which StableHLO has as integers."""
    return hasattr(dtype, "_impl")


def _without_locations(exported):
    from jax._src.interpreters import mlir
    from jaxlib.mlir import ir
    from jaxlib.mlir.dialects import stablehlo

    version = stablehlo.get_version_from_compatibility_requirement(stablehlo.StablehloCompatibilityRequirement.WEEK_4)
    with mlir.make_ir_context() as context:
        module = stablehlo.deserialize_portable_artifact(context, exported.mlir_module_serialized)
        if not isinstance(module, ir.Module):
            module = ir.Module.parse(module)
        plain = ir.Module.parse(module.operation.get_asm(enable_debug_info=False))
        return dataclasses.replace(
            exported, mlir_module_serialized=stablehlo.serialize_portable_artifact(plain, version)
        )


def read(text):
    """The exported program of a text."""
    from jax import export

    return export.deserialize(bytearray(zlib.decompress(base64.b85decode(text))))
