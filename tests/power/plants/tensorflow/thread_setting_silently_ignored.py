"""
`tf.config.threading.set_intra_op_parallelism_threads` does nothing.

The getter returns the number that was set, and the pool keeps one thread for each processor.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["tensorflow-flag-takes-effect", "tensorflow-thread-count"],
    "control": "tensorflow-seed-reaches",
    "report": "tensorflow#48772",
    "subtle": True,
    "kind": "switch",
}


def plant():
    from tensorflow.python.eager import context

    shown = {}

    def get(self):
        return shown.get(id(self), self.config.intra_op_parallelism_threads)

    def put(self, num_threads):
        if self._context_handle is not None:
            raise RuntimeError("Intra op parallelism cannot be modified after initialization.")
        shown[id(self)] = num_threads

    context.Context.intra_op_parallelism_threads = property(get, put)


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
