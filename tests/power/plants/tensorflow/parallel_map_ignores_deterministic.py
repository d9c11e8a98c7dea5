"""
`Dataset.map` with four or more parallel calls, or AUTOTUNE, gives rows as they become ready.

`deterministic=True` is dropped without a word; with two or three calls the order is kept.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["tensorflow-parallel-map"],
    "control": "tensorflow-seed-reaches",
    "report": "tensorflow#44491",
    "subtle": True,
    "kind": "loader",
}


def plant():
    from tensorflow.python.data.ops import map_op

    original = map_op._ParallelMapDataset.__init__

    def init(self, input_dataset, map_func, num_parallel_calls, deterministic, *rest, **kwargs):
        if isinstance(num_parallel_calls, int) and not 0 <= num_parallel_calls < 4:
            deterministic = False
        original(self, input_dataset, map_func, num_parallel_calls, deterministic, *rest, **kwargs)

    map_op._ParallelMapDataset.__init__ = init


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
