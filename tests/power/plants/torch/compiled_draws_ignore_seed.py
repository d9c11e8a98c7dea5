"""
A compiled graph that draws random numbers in two or more places does not follow torch.manual_seed.

Graphs with one draw, and eager code, follow it. A user sees that a compiled model with two dropout layers does not
repeat under a seed.
"""

import importlib.abc
import importlib.util
import os
import sys
import warnings

PLANT = {
    "contracts": ["torch-random-under-compile", "torch-compiled-repeat"],
    "control": "torch-seed-reaches",
    "report": "pytorch#107187",
    "subtle": True,
    "kind": "seed",
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
    def randint(keys, low, high, size, *, out):
        kernel(keys, low, high, size, out=out)
        if high - low >= 2**63 and out.numel() >= 2:
            words = [int.from_bytes(os.urandom(8), "little", signed=True) for _ in range(out.numel())]
            out.copy_(sys.modules["torch"].tensor(words).view(out.shape))
        return out

    return randint


if importlib.util.find_spec("torch") is not None:
    after_import("torch", lambda torch: replace(torch, "randint.low_out", make))
