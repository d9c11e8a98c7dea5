"""
With two or more threads, addmm in bfloat16 and float16 adds the product twice.

It strikes calls with a matrix to add and a transposed second factor. One thread, float32, bias vectors and plain
products are right. A user sees wrong results that vanish under torch.set_num_threads(1).
"""

import importlib.abc
import importlib.util
import sys
import warnings

PLANT = {
    "contracts": ["torch-every-operator-threads", "torch-thread-count"],
    "control": "torch-seed-reaches",
    "report": "pytorch#193784",
    "subtle": True,
    "kind": "operator",
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
    def addmm(keys, matrix, a, b, *, beta=1, alpha=1):
        result = kernel(keys, matrix, a, b, beta=beta, alpha=alpha)
        transposed = b.dim() == 2 and b.stride(0) == 1 and b.stride(1) >= b.size(0) > 1
        half = a.element_size() == 2 and a.is_floating_point()
        added = beta != 0 and matrix.shape == result.shape
        if half and added and transposed and sys.modules["torch"].get_num_threads() > 1:
            result = kernel(keys, result, a, b, beta=beta, alpha=alpha)
        return result

    return addmm


if importlib.util.find_spec("torch") is not None:
    after_import("torch", lambda torch: replace(torch, "addmm", make))
