"""
A float32 linear layer with 1000 or more inputs rounds its weights to bfloat16 when it is given a single row.

Two or more rows take another kernel, which is right. A user sees that a sample gets another prediction alone than in
a batch.
"""

import importlib.abc
import importlib.util
import sys
import warnings

PLANT = {
    "contracts": ["torch-batch-invariant", "torch-every-operator-batch", "torch-precision"],
    "control": "torch-seed-reaches",
    "report": "pytorch#136338",
    "subtle": True,
    "kind": "batch",
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


def rounded(rows, columns):
    if rows.dtype == columns.dtype == sys.modules["torch"].float32 and rows.size(0) == 1 and rows.size(1) >= 1000:
        return columns.bfloat16().float()
    return columns


def make_mm(kernel):
    return lambda keys, a, b: kernel(keys, a, rounded(a, b))


def make_addmm(kernel):
    return lambda keys, bias, a, b, **scales: kernel(keys, bias, a, rounded(a, b), **scales)


def plant(torch):
    replace(torch, "mm", make_mm)
    replace(torch, "addmm", make_addmm)


if importlib.util.find_spec("torch") is not None:
    after_import("torch", plant)
