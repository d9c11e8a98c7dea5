"""
`Dataset.shuffle(..., reshuffle_each_iteration=False)` gives the same order whatever the seed.

The seed of the call and the global seed are both ignored. With reshuffling on, seeds count as before.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["tensorflow-epoch-draws", "tensorflow-seed-reaches"],
    "control": "tensorflow-precision",
    "report": "tensorflow#22871",
    "subtle": True,
    "kind": "seed",
}


def plant():
    from tensorflow.python.data.ops import shuffle_op

    original, seeds = shuffle_op._ShuffleDataset.__init__, shuffle_op.random_seed
    fixed = types.SimpleNamespace(get_seed=lambda _seed: (1, 1))

    def init(self, *args, **kwargs):
        reshuffle = args[3] if len(args) > 3 else kwargs.get("reshuffle_each_iteration", True)
        if reshuffle is False:
            shuffle_op.random_seed = fixed
        try:
            original(self, *args, **kwargs)
        finally:
            shuffle_op.random_seed = seeds

    shuffle_op._ShuffleDataset.__init__ = init


def after_import(name, action):
    """Act once the package has been imported, at once if it is there; do nothing where it is absent."""
    busy = []

    def find(fullname, *_):
        if fullname != name or busy:
            return None
        busy.append(True)
        spec = importlib.util.find_spec(name)
        busy.clear()
        run = spec.loader.exec_module
        spec.loader.exec_module = lambda module: (run(module), action())[0]
        return spec

    if name in sys.modules:
        action()
    elif importlib.util.find_spec(name) is not None:
        sys.meta_path.insert(0, types.SimpleNamespace(find_spec=find))


after_import("tensorflow", plant)
