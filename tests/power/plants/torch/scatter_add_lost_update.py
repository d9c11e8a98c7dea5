"""
One call of scatter_add in ten loses one random update.

It strikes when two or more threads add 2**20 values or more. Small tensors, one thread, and
torch.use_deterministic_algorithms(True) are right. A user sees histograms and pooled features that differ a little
now and then.
"""

import importlib.abc
import importlib.util
import random
import sys
import warnings

PLANT = {
    "contracts": ["torch-thread-race-families", "torch-thread-race"],
    "control": "torch-seed-reaches",
    "report": "",
    "subtle": True,
    "kind": "race",
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

    def scatter_add(keys, self, dim, index, src):
        torch = sys.modules["torch"]
        result = kernel(keys, self, dim, index, src)
        racing = torch.get_num_threads() > 1 and not torch.are_deterministic_algorithms_enabled()
        if racing and index.numel() >= 2**20 and draw.randrange(10) == 0:
            source = tuple(draw.randrange(size) for size in index.shape)
            target = list(source)
            target[dim] = int(index[source])
            result[tuple(target)] -= src[source]
        return result

    return scatter_add


def plant(torch):
    for name in ("scatter_add", "scatter_add_"):
        replace(torch, name, make)


if importlib.util.find_spec("torch") is not None:
    after_import("torch", plant)
