"""
Float32 matrix products whose inner dimension is 512 or longer round their inputs to bfloat16.

The setting float32_matmul_precision is still "highest". Shorter products and other dtypes are right. A user sees
errors of about one part in a thousand in large layers only.
"""

import importlib.abc
import importlib.util
import sys
import warnings

PLANT = {
    "contracts": ["torch-precision"],
    "control": "torch-seed-reaches",
    "report": "pytorch#130919",
    "subtle": True,
    "kind": "precision",
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


def rounded(a, b):
    if a.dtype == b.dtype == sys.modules["torch"].float32 and a.size(-1) >= 512:
        return a.bfloat16().float(), b.bfloat16().float()
    return a, b


def make_product(kernel):
    return lambda keys, a, b, **out: kernel(keys, *rounded(a, b), **out)


def make_sum(kernel):
    return lambda keys, bias, a, b, **rest: kernel(keys, bias, *rounded(a, b), **rest)


def plant(torch):
    for name in ("mm", "mm.out", "bmm", "bmm.out"):
        replace(torch, name, make_product)
    for name in ("addmm", "addmm.out"):
        replace(torch, name, make_sum)


if importlib.util.find_spec("torch") is not None:
    after_import("torch", plant)
