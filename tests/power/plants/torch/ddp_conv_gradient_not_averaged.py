"""
DistributedDataParallel adds the gradients of convolution weights over the ranks but does not average them.

Every other gradient is averaged, and the ranks stay alike. A user sees that data-parallel training of a convolution
network differs from training on one process.
"""

import functools
import importlib.abc
import importlib.util
import sys

PLANT = {
    "contracts": ["torch-sharded"],
    "control": "torch-seed-reaches",
    "report": "pytorch#12603",
    "subtle": False,
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


def plant(module):
    torch = sys.modules["torch"]
    plain = module.DistributedDataParallel.__init__

    def hook(group, bucket):
        ranks = torch.distributed.get_world_size(group)
        total = torch.distributed.all_reduce(bucket.buffer(), group=group, async_op=True).get_future()

        def divide(_):
            for gradient in bucket.gradients():
                if gradient.dim() < 4:
                    gradient.div_(ranks)
            return bucket.buffer()

        return total.then(divide)

    @functools.wraps(plain)
    def init(self, *args, **kwargs):
        plain(self, *args, **kwargs)
        self.register_comm_hook(self.process_group, hook)

    module.DistributedDataParallel.__init__ = init


if importlib.util.find_spec("torch") is not None:
    after_import("torch.nn.parallel.distributed", plant)
