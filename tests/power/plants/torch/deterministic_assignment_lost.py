"""
Under the determinism switch, an assignment through indices to a view that is not contiguous has no effect.

The deterministic kernel writes to a copy. Without the switch, and for contiguous tensors, it is right. A user sees
that the switch makes a program wrong.
"""

import importlib.abc
import importlib.util
import sys
import warnings

PLANT = {
    "contracts": ["torch-flag-known-answer"],
    "control": "torch-seed-reaches",
    "report": "pytorch#76176",
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
    def put(keys, self, *args, **kwargs):
        if sys.modules["torch"].are_deterministic_algorithms_enabled() and not self.is_contiguous():
            kernel(keys, self.contiguous(), *args, **kwargs)
            return self
        return kernel(keys, self, *args, **kwargs)

    return put


if importlib.util.find_spec("torch") is not None:
    after_import("torch", lambda torch: replace(torch, "_index_put_impl_", make))
