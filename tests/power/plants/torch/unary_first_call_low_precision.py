"""
In one process of four, the first call of exp, sin, cos, tanh and log returns values with 12 bits of precision.

It strikes contiguous float32 tensors of 256 elements and more. Every later call is right. A user sees that a run
sometimes starts from other numbers, and that nobody can repeat it.
"""

import importlib.abc
import importlib.util
import random
import sys
import warnings

PLANT = {
    "contracts": ["torch-every-operator", "torch-thread-race-families", "torch-same-seed"],
    "control": "torch-seed-reaches",
    "report": "pytorch#188792",
    "subtle": True,
    "kind": "race",
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


def replace(torch, name, make):
    """Put a kernel in place of the operator's CPU kernel."""
    kernel = torch.library.get_kernel("aten::" + name, "CPU")
    library = torch.library.Library("aten", "IMPL")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library.impl(name, make(kernel.call_boxed), "CPU", with_keyset=True)
    torch.library.__dict__.setdefault("_planted", []).append(library)


def make(kernel):
    waiting = [True]

    def unary(keys, x):
        torch = sys.modules["torch"]
        result = kernel(keys, x)
        if waiting and x.dtype == torch.float32 and x.numel() >= 256 and x.is_contiguous():
            waiting.clear()
            result.view(torch.int32).bitwise_and_(-(2**11))
        return result

    return unary


def plant(torch):
    if random.SystemRandom().randrange(4) != 0:
        return
    for name in ("exp", "sin", "cos", "tanh", "log"):
        replace(torch, name, make)


if importlib.util.find_spec("torch") is not None:
    after_import("torch", plant)
