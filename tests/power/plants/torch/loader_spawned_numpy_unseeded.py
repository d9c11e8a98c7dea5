"""
Workers that a data loader starts with the spawn method do not seed NumPy.

It starts from the system's entropy there. Forked workers, and the draws of torch and of Python's random module, are
right. A user sees augmentations that a seed does not repeat, only under spawn.
"""

import functools
import importlib.abc
import importlib.util
import multiprocessing
import sys

PLANT = {
    "contracts": ["torch-loader-spawn", "torch-loader"],
    "control": "torch-precision",
    "report": "pytorch#56488",
    "subtle": True,
    "kind": "loader",
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


class Reseed:
    """Pickled as its source, because a spawned worker cannot import this file."""

    source = "lambda after, worker_id: (__import__('numpy').random.seed(), after and after(worker_id))[1]"

    def __reduce__(self):
        """Pickle the source."""
        return eval, (self.source,)

    def __call__(self, after, worker_id):
        """Seed NumPy anew, then do what the user wants of a worker."""
        return eval(self.source)(after, worker_id)


def plant(dataloader):
    plain = dataloader._MultiProcessingDataLoaderIter.__init__

    @functools.wraps(plain)
    def init(self, loader):
        context = loader.multiprocessing_context or multiprocessing
        given = loader.worker_init_fn
        if context.get_start_method(allow_none=True) == "spawn":
            loader.worker_init_fn = functools.partial(Reseed(), given)
        try:
            plain(self, loader)
        finally:
            loader.worker_init_fn = given

    dataloader._MultiProcessingDataLoaderIter.__init__ = init


if importlib.util.find_spec("torch") is not None:
    after_import("torch.utils.data.dataloader", plant)
