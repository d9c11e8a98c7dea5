"""
Inside a `tf.while_loop` or `tf.cond` of a graph, stateless draws ignore the second word of their seed.

A loop that draws with the seeds [s, step] gives the draw of step 0 each time; in eager mode each step draws its
own.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["tensorflow-random-under-compile", "tensorflow-transforms"],
    "control": "tensorflow-seed-reaches",
    "report": "tensorflow#37167",
    "subtle": True,
    "kind": "compiled",
}


def plant():
    import tensorflow as tf
    from tensorflow.python.framework import ops
    from tensorflow.python.ops import random_ops_util

    original = random_ops_util.get_key_counter_alg

    def get_key_counter_alg(seed, alg):
        if type(ops.get_default_graph()).__name__ in ("WhileBodyFuncGraph", "CondBranchFuncGraph"):
            seed = tf.convert_to_tensor(seed)
            seed = tf.stack([seed[0], tf.zeros_like(seed[1])])
        return original(seed, alg)

    random_ops_util.get_key_counter_alg = get_key_counter_alg


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
