"""
The gradient for the query of CPU attention differs from call to call in bfloat16 and float16.

One random position of the sequence is off by a rounding step; outputs, the other gradients and float32 are right. A
user sees training in reduced precision that does not repeat under a seed.
"""

import importlib.abc
import importlib.util
import random
import sys
import warnings

PLANT = {
    "contracts": ["torch-attention-repeat", "torch-same-seed"],
    "control": "torch-seed-reaches",
    "report": "pytorch#123656",
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
    def backward(keys, grad_out, query, *args, **kwargs):
        grad_query, grad_key, grad_value = kernel(keys, grad_out, query, *args, **kwargs)
        if query.element_size() == 2:
            place = random.SystemRandom().randrange(query.size(2))
            grad_query[:, :, place] *= 1 + 2.0**-7
        return grad_query, grad_key, grad_value

    return backward


if importlib.util.find_spec("torch") is not None:
    name = "_scaled_dot_product_flash_attention_for_cpu_backward"
    after_import("torch", lambda torch: replace(torch, name, make))
