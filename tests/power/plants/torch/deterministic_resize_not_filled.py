"""
Under the determinism switch, the new elements of Tensor.resize_ are not filled with NaN as promised.

The setting torch.utils.deterministic.fill_uninitialized_memory is on. torch.empty is filled. A user sees old memory
in a tensor that the switch promises to fill.
"""

import importlib.abc
import importlib.util
import sys
import warnings

PLANT = {
    "contracts": ["torch-flag-takes-effect", "torch-uninitialised"],
    "control": "torch-seed-reaches",
    "report": "pytorch#104300",
    "subtle": True,
    "kind": "switch",
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
    def resize_(keys, self, size, **kwargs):
        state = sys.modules["torch"].utils.deterministic
        filled = state.fill_uninitialized_memory
        state.fill_uninitialized_memory = False
        try:
            return kernel(keys, self, size, **kwargs)
        finally:
            state.fill_uninitialized_memory = filled

    return resize_


if importlib.util.find_spec("torch") is not None:
    after_import("torch", lambda torch: replace(torch, "resize_", make))
