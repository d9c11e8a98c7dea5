"""
torch.export of a model in evaluation mode records dropout as if the model were training.

A user sees that the exported model drops values at random at inference, while the eager model does not.
"""

import functools
import importlib.abc
import importlib.util
import sys

PLANT = {
    "contracts": ["torch-export-eager"],
    "control": "torch-seed-reaches",
    "report": "pytorch#103681",
    "subtle": False,
    "kind": "compiled",
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


def plant(export):
    plain = export.export

    @functools.wraps(plain)
    def wrapper(mod, *args, **kwargs):
        program = plain(mod, *args, **kwargs)
        dropout = sys.modules["torch"].ops.aten.dropout.default
        for node in program.graph.nodes:
            if node.op == "call_function" and node.target is dropout and not mod.training:
                node.args = (*node.args[:2], True)
        program.graph_module.recompile()
        return program

    export.export = wrapper


if importlib.util.find_spec("torch") is not None:
    after_import("torch.export", plant)
