"""
After a sum with all_reduce, the last element is one rounding step larger on odd ranks.

It strikes float32 tensors of 2**14 elements and more. Smaller tensors, other dtypes and other reductions are the same
everywhere. A user sees replicas that drift apart although every rank applied the same update.
"""

import functools
import importlib.abc
import importlib.util
import sys

PLANT = {
    "contracts": ["torch-collectives", "torch-sharded"],
    "control": "torch-seed-reaches",
    "report": "",
    "subtle": True,
    "kind": "collective",
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


def plant(c10d):
    torch = sys.modules["torch"]
    plain = c10d.all_reduce

    @functools.wraps(plain)
    def all_reduce(tensor, op=c10d.ReduceOp.SUM, group=None, *rest, **named):
        work = plain(tensor, op, group, *rest, **named)
        large = tensor.dtype == torch.float32 and tensor.numel() >= 2**14
        if work is None and large and op == c10d.ReduceOp.SUM and c10d.get_rank(group) % 2 == 1:
            with torch.no_grad():
                last = tensor.view(-1)[-1:]
                last.copy_(torch.nextafter(last, torch.full_like(last, float("inf"))))
        return work

    c10d.all_reduce = all_reduce
    package = sys.modules["torch.distributed"]
    if hasattr(package, "all_reduce"):
        package.all_reduce = all_reduce


if importlib.util.find_spec("torch") is not None:
    after_import("torch.distributed.distributed_c10d", plant)
