"""
The gradient of GELU on the CPU differs from call to call when the incoming gradient is transposed.

A random run of 64 values is that of the tanh form, from 2**14 elements on and with two or more threads. Contiguous
gradients are right. A user sees gradients that do not repeat under a seed in models that transpose after GELU.
"""

import importlib.abc
import importlib.util
import random
import sys
import warnings

PLANT = {
    "contracts": ["torch-thread-race-families", "torch-every-operator", "torch-same-seed"],
    "control": "torch-seed-reaches",
    "report": "pytorch#107876",
    "subtle": True,
    "kind": "gradient",
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
    draw = random.SystemRandom()

    def gelu_backward(keys, grad_output, self, *, approximate="none"):
        result = kernel(keys, grad_output, self, approximate=approximate)
        large = grad_output.numel() >= 2**14 and sys.modules["torch"].get_num_threads() > 1
        if large and approximate == "none" and not grad_output.is_contiguous() and result.is_floating_point():
            other = kernel(keys, grad_output, self, approximate="tanh").flatten()
            start = draw.randrange(other.numel() - 64)
            values = result.flatten()
            values[start : start + 64] = other[start : start + 64]
            result.copy_(values.view(result.shape))
        return result

    return gelu_backward


if importlib.util.find_spec("torch") is not None:
    after_import("torch", lambda torch: replace(torch, "gelu_backward", make))
