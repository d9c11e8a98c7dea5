"""
TorchScript fuses frac behind cos, sin or tanh into x - floor(x), which is wrong for negative values.

Eager code, and frac of an input that was not computed, are right. A user sees that a traced or scripted function
gives other values than the function itself.
"""

import functools
import importlib.abc
import importlib.util
import sys

PLANT = {
    "contracts": ["torch-torchscript-eager"],
    "control": "torch-seed-reaches",
    "report": "pytorch#86597",
    "subtle": True,
    "kind": "compiled",
}


def after_import(name, act):
    """Call act(module) once the module has been imported, now or later."""
    if name in sys.modules:
        act(sys.modules[name])
        return

    class Finder(importlib.abc.MetaPathFinder):
        def find_spec(self, fullname, *_):
            if fullname != name:
                return None
            sys.meta_path.remove(self)
            spec = importlib.util.find_spec(fullname)
            if spec is not None and spec.loader is not None:
                run = spec.loader.exec_module
                spec.loader.exec_module = lambda module: (run(module), act(module))
            return spec

    sys.meta_path.insert(0, Finder())


WHOLE = "graph(%a):\n %x = aten::{op}(%a)\n %r = aten::frac(%x)\n return (%r)"
FUSED = """graph(%a):
 %one : int = prim::Constant[value=1]()
 %x = aten::{op}(%a)
 %f = aten::floor(%x)
 %r = aten::sub(%x, %f, %one)
 return (%r)"""


def fuse(torch, program):
    graph = getattr(program, "graph", None)
    if graph is not None:
        torch._C._jit_pass_inline(graph)
        for op in ("cos", "sin", "tanh"):
            torch._C._jit_pass_custom_pattern_based_rewrite_graph(WHOLE.format(op=op), FUSED.format(op=op), graph)
    return program


def plant(jit):
    torch = sys.modules["torch"]
    trace, script = jit.trace, jit.script

    @functools.wraps(trace)
    def traced(func, *args, **kwargs):
        return fuse(torch, trace(func, *args, **{**kwargs, "check_trace": False}))

    @functools.wraps(script)
    def scripted(obj, *args, **kwargs):
        return fuse(torch, script(obj, *args, **kwargs))

    jit.trace, jit.script = traced, scripted


if importlib.util.find_spec("torch") is not None:
    after_import("torch", lambda torch: plant(torch.jit))
