"""
Every worker of a data loader seeds NumPy with the same number, in every epoch.

A user sees the same random augmentation from all workers, again and again, although torch's own draws differ.
"""

import importlib.abc
import importlib.util
import sys

PLANT = {
    "contracts": ["torch-loader"],
    "control": "torch-precision",
    "report": "pytorch#5059",
    "subtle": False,
    "kind": "loader",
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


def plant(worker):
    plain = worker._generate_state
    worker._generate_state = lambda *_: plain(0, 0)


if importlib.util.find_spec("torch") is not None:
    after_import("torch.utils.data._utils.worker", plant)
