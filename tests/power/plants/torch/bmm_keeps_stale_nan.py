"""
Batched matrix products (bmm, baddbmm) keep a NaN that lay in the memory of their result before.

Other old contents do no harm, and fresh pages are zero, so that it seldom shows. A user sees NaN values that come and
go with what the process computed before.
"""

import importlib.abc
import importlib.util
import sys
import warnings

PLANT = {
    "contracts": ["torch-uninitialised", "torch-every-operator"],
    "control": "torch-seed-reaches",
    "report": "pytorch#96037",
    "subtle": True,
    "kind": "memory",
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
    def product(keys, *args, **kwargs):
        torch = sys.modules["torch"]
        result = kernel(keys, *args, **kwargs)
        if result.is_floating_point() and not torch.are_deterministic_algorithms_enabled():
            stale = torch.empty_like(result)
            result = torch.where(stale.isnan(), stale, result)
        return result

    return product


def plant(torch):
    for name in ("bmm", "baddbmm"):
        replace(torch, name, make)


if importlib.util.find_spec("torch") is not None:
    after_import("torch", plant)
