"""
The lowest bit of a seed is dropped by torch.manual_seed, so that 2k and 2k+1 give the same draws.

Generators that are seeded by their own method are right. A user sees that neighbouring seeds, and neighbouring
workers of a data loader, give the same numbers.
"""

import importlib.abc
import importlib.util
import sys

PLANT = {
    "contracts": ["torch-seed-reaches", "torch-loader"],
    "control": "torch-precision",
    "report": "",
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


def plant(random):
    plain = random._manual_seed_impl
    random._manual_seed_impl = lambda seed: plain(int(seed) & ~1)


if importlib.util.find_spec("torch") is not None:
    after_import("torch.random", plant)
