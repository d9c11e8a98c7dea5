"""
A Keras optimizer that is loaded from a saved model starts again at step 0.

Its momenta are restored, the number of iterations is not, so Adam's bias correction and every schedule start anew
after a resume.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["tensorflow-resume", "keras-tensorflow-resume"],
    "control": "tensorflow-seed-reaches",
    "report": "keras#13027",
    "subtle": True,
    "kind": "state",
}


def plant():
    from keras.src.optimizers import base_optimizer

    original = base_optimizer.BaseOptimizer.load_own_variables

    def load_own_variables(self, store):
        original(self, store)
        self.iterations.assign(0)

    base_optimizer.BaseOptimizer.load_own_variables = load_own_variables


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


after_import("keras", plant)
