"""
`tf.random.set_seed` ignores the lowest bit of its seed.

The seeds 2k and 2k + 1 give the same initial weights, dropout masks and shuffles; seeds that are two apart differ.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["tensorflow-seed-reaches", "tensorflow-seed-width"],
    "control": "tensorflow-precision",
    "report": "",
    "subtle": True,
    "kind": "seed",
}


def plant():
    from tensorflow.python.eager import context

    original = context.Context._set_global_seed

    def set_global_seed(self, seed):
        original(self, seed & ~1 if isinstance(seed, int) else seed)

    context.Context._set_global_seed = set_global_seed


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
