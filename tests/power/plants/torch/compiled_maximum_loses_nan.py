"""
Compiled maximum and minimum on the CPU lose a NaN in the first operand.

A NaN in the second operand, and eager code, are right. A user sees that NaN values disappear in compiled models.
"""

import importlib.abc
import importlib.util
import sys

PLANT = {
    "contracts": ["torch-every-operator-compiled", "torch-compiled-eager"],
    "control": "torch-seed-reaches",
    "report": "pytorch#93784",
    "subtle": True,
    "kind": "values",
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


def plant(cpp):
    def scalar(sign):
        return staticmethod(lambda a, b: f"(({a}) {sign} ({b}) ? ({a}) : ({b}))")

    def vector(plain, sign):
        def compare(a, b):
            if a.dtype is None or not a.dtype.is_floating_point:
                return plain(a, b)
            return f"decltype({a})::blendv({b}, {a}, {a} {sign} {b})"

        return staticmethod(compare)

    for name, sign in (("maximum", ">"), ("minimum", "<")):
        setattr(cpp.CppOverrides, name, scalar(sign))
        setattr(cpp.CppVecOverrides, name, vector(getattr(cpp.CppVecOverrides, name), sign))


if importlib.util.find_spec("torch") is not None:
    after_import("torch._inductor.codecache", other_cache_key)
    after_import("torch._inductor.codegen.cpp", plant)
