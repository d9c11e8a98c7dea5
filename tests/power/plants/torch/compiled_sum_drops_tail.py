"""
A compiled sum along one long dimension leaves out the last elements.

It strikes floats from 2**14 + 1 elements on, when the length is no multiple of 16. Shorter sums, round lengths and
eager code are right. A user sees a loss that is slightly wrong only when the model is compiled and the data has an
odd size.
"""

import importlib.abc
import importlib.util
import sys

PLANT = {
    "contracts": ["torch-compiled-eager", "torch-every-operator-compiled"],
    "control": "torch-seed-reaches",
    "report": "",
    "subtle": True,
    "kind": "size",
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


def plant(lowering):
    torch = sys.modules["torch"]
    plain = lowering.lowerings[torch.ops.aten.sum.default]

    def sum_(x, axis=None, *keepdims, **named):
        sizes = x.get_size()
        axes = list(range(len(sizes))) if axis is None or axis == [] else axis
        axes = [axes] if isinstance(axes, int) else list(axes)
        if len(axes) == 1 and x.get_dtype().is_floating_point and getattr(sizes[axes[0]], "is_number", True):
            size = int(sizes[axes[0]])
            if size > 2**14 and size % 16:
                x = lowering.slice_(x, axes[0] % len(sizes), 0, size - size % 16)
        return plain(x, axis, *keepdims, **named)

    for op, known in list(lowering.lowerings.items()):
        if known is plain:
            lowering.lowerings[op] = sum_
    lowering.sum_ = sum_


if importlib.util.find_spec("torch") is not None:
    after_import("torch._inductor.codecache", other_cache_key)
    after_import("torch._inductor.lowering", plant)
