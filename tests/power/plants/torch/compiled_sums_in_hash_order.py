"""
A pass of the compiler adds the terms of a chain of additions in the order of a set of names.

That order depends on PYTHONHASHSEED. A user sees compiled results that differ in the last bits between processes, and
stay the same with a warm cache.
"""

import importlib.abc
import importlib.util
import sys

PLANT = {
    "contracts": ["torch-compiled-repeat"],
    "control": "torch-seed-reaches",
    "report": "pytorch#130004",
    "subtle": True,
    "kind": "hash",
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


def other_cache_key(codecache):
    """A release with this fault has other sources, so its compile cache has other keys."""
    details = codecache.FxGraphHashDetails
    plain = details.__init__
    details.__init__ = lambda self, *args, **named: (plain(self, *args, **named), setattr(self, "plant", __doc__))[0]


def terms(node, add, uses):
    """List the nodes that a chain of plain additions of one shape adds up."""
    inner = node.op == "call_function" and node.target is add and not node.kwargs and len(node.users) <= uses
    tensors = inner and all(getattr(arg, "op", None) and "val" in arg.meta for arg in node.args)
    if tensors and all(arg.meta["val"].shape == node.meta["val"].shape for arg in node.args):
        return [leaf for arg in node.args for leaf in terms(arg, add, 1)]
    return [node]


def plant(compile_fx):
    add = sys.modules["torch"].ops.aten.add.Tensor
    plain = compile_fx.post_grad_passes

    def post_grad_passes(gm, is_inference):
        plain(gm, is_inference)
        for node in reversed(list(gm.graph.nodes)):
            leaves = {leaf.name: leaf for leaf in terms(node, add, 100)} if node.users else {}
            if len(leaves) < 3 or not node.meta["val"].dtype.is_floating_point:
                continue
            first, *rest = set(leaves)
            total = leaves[first]
            with gm.graph.inserting_before(node):
                for name in rest:
                    total = gm.graph.call_function(add, (total, leaves[name]))
                    total.meta.update(node.meta)
            node.replace_all_uses_with(total)
        gm.graph.eliminate_dead_code()
        gm.recompile()

    compile_fx.post_grad_passes = post_grad_passes


if importlib.util.find_spec("torch") is not None:
    after_import("torch._inductor.codecache", other_cache_key)
    after_import("torch._inductor.compile_fx", plant)
