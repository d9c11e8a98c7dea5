"""
The compiler's decomposition of the gradient of softmax sums over the dimension that is innermost in memory.

This is wrong when the incoming gradient is not contiguous. Eager gradients and contiguous ones are right. A user sees
wrong gradients only under torch.compile, and only where a transpose follows softmax.
"""

import functools
import importlib.abc
import importlib.util
import sys

PLANT = {
    "contracts": ["torch-compile-ladder", "torch-compiled-eager", "torch-every-operator-compiled"],
    "control": "torch-seed-reaches",
    "report": "pytorch#152309",
    "subtle": True,
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


def other_cache_key(codecache):
    """A release with this fault has other sources, so its compile cache has other keys."""
    details = codecache.FxGraphHashDetails
    plain = details.__init__
    details.__init__ = lambda self, *args, **named: (plain(self, *args, **named), setattr(self, "plant", __doc__))[0]


def plant(decomposition):
    op = sys.modules["torch"].ops.aten._softmax_backward_data.default
    plain = decomposition.decompositions[op]

    @functools.wraps(plain)
    def backward(grad_output, output, dim, input_dtype):
        if not grad_output.is_contiguous() and grad_output.dim() > 1:
            dim = min(range(grad_output.dim()), key=grad_output.stride)
        return plain(grad_output, output, dim, input_dtype)

    decomposition.decompositions[op] = backward


if importlib.util.find_spec("torch") is not None:
    after_import("torch._inductor.codecache", other_cache_key)
    after_import("torch._inductor.decomposition", plant)
