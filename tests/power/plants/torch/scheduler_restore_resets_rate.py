"""
Restoring a learning-rate scheduler puts the optimizer's learning rates back to their initial values.

Training goes on from there when the scheduler is restored after the optimizer. A user sees that resumed training
takes steps of another size than training that was not interrupted.
"""

import functools
import importlib.abc
import importlib.util
import sys

PLANT = {
    "contracts": ["torch-resume"],
    "control": "torch-seed-reaches",
    "report": "pytorch#119168",
    "subtle": False,
    "kind": "state",
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


def plant(module):
    plain = module.LRScheduler.load_state_dict

    @functools.wraps(plain)
    def load_state_dict(self, state_dict):
        plain(self, state_dict)
        for group in self.optimizer.param_groups:
            group["lr"] = group.get("initial_lr", group["lr"])

    module.LRScheduler.load_state_dict = load_state_dict


if importlib.util.find_spec("torch") is not None:
    after_import("torch.optim.lr_scheduler", plant)
