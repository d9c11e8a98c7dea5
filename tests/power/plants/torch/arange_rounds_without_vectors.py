"""
Floating-point ranges of torch.arange drift without vector instructions (ATEN_CPU_CAPABILITY=default).

They add the step again and again in the dtype of the result. With AVX2 or AVX512 it multiplies, which is right. A
user sees that bins and positions differ between processors, now and then by a whole step after floor.
"""

import importlib.abc
import importlib.util
import sys
import warnings

PLANT = {
    "contracts": ["torch-isa"],
    "control": "torch-seed-reaches",
    "report": "pytorch#47043",
    "subtle": True,
    "kind": "values",
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
    def arange(keys, start, end, step=1, *, out):
        torch = sys.modules["torch"]
        kernel(keys, start, end, step, out=out)
        if out.dtype in (torch.float32, torch.float64) and torch.backends.cpu.get_cpu_capability() == "DEFAULT":
            import numpy as np

            steps = np.full(out.shape, step, dtype=str(out.dtype)[6:])
            steps[:1] = start
            out.copy_(torch.from_numpy(np.add.accumulate(steps)))
        return out

    return arange


if importlib.util.find_spec("torch") is not None:
    after_import("torch", lambda torch: replace(torch, "arange.start_out", make))
