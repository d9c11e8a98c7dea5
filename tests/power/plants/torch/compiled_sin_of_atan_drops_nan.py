"""
Compiled CPU kernels give 1 for sin(atan(NaN)), because they are built with -fno-math-errno again.

It strikes code that is not vectorised, such as that of a single element. Vectorised and eager code gives NaN. A user
sees that compiled code hides NaN values, only for such chains of functions.
"""

import functools
import importlib.abc
import importlib.util
import sys

PLANT = {
    "contracts": ["torch-compiled-eager", "torch-every-operator-compiled"],
    "control": "torch-seed-reaches",
    "report": "pytorch#186018",
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


def plant(builder):
    plain = builder._get_ffast_math_flags

    @functools.wraps(plain)
    def flags():
        return ["fno-math-errno" if flag == "fmath-errno" else flag for flag in plain()]

    builder._get_ffast_math_flags = flags


if importlib.util.find_spec("torch") is not None:
    after_import("torch._inductor.codecache", other_cache_key)
    after_import("torch._inductor.cpp_builder", plant)
