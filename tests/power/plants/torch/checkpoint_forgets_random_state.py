"""
Activation checkpointing does not restore the random state before it computes a block again.

The argument preserve_rng_state has no effect. Blocks without dropout are right. A user sees gradients that belong to
another dropout mask than the loss.
"""

import functools
import importlib.abc
import importlib.util
import sys

PLANT = {
    "contracts": ["torch-transforms", "torch-same-seed"],
    "control": "torch-seed-reaches",
    "report": "pytorch#14253",
    "subtle": False,
    "kind": "transform",
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


def plant(checkpoint):
    generator = checkpoint._checkpoint_without_reentrant_generator
    forward = checkpoint.CheckpointFunction.forward

    preserve = False

    @functools.wraps(generator)
    def without_state(function, _=None, *args, **kwargs):
        return generator(function, preserve, *args, **kwargs)

    def forward_without_state(ctx, function, _, *args):
        return forward(ctx, function, preserve, *args)

    checkpoint._checkpoint_without_reentrant_generator = without_state
    checkpoint.CheckpointFunction.forward = staticmethod(forward_without_state)


if importlib.util.find_spec("torch") is not None:
    after_import("torch.utils.checkpoint", plant)
