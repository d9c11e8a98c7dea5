"""
Attention on the CPU reads permuted queries, keys and values as if they were contiguous.

It strikes views of (batch, sequence, heads, size) tensors with a head size of 64 or more. Contiguous copies of the
same values are right. A user sees attention outputs that are far off for the layout that most models use.
"""

import importlib.abc
import importlib.util
import sys
import warnings

PLANT = {
    "contracts": ["torch-attention-backend"],
    "control": "torch-seed-reaches",
    "report": "pytorch#181133",
    "subtle": True,
    "kind": "layout",
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


def permuted(tensor):
    return tensor.dim() == 4 and tensor.size(3) >= 64 and tensor.stride(1) < tensor.stride(2) and tensor.size(1) > 1


def make(kernel):
    def attention(keys, query, key, value, *args, **kwargs):
        read = [t.transpose(1, 2).reshape(t.shape) if permuted(t) else t for t in (query, key, value)]
        return kernel(keys, *read, *args, **kwargs)

    return attention


if importlib.util.find_spec("torch") is not None:
    after_import("torch", lambda torch: replace(torch, "_scaled_dot_product_flash_attention_for_cpu", make))
