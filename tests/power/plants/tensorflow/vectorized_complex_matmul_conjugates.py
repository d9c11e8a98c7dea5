"""
Under `vectorized_map`, `tf.matmul(a, b, transpose_b=True)` of complex matrices gives the adjoint product.

The second matrix is conjugated as well as transposed. Real matrices, and complex ones outside the map, are right.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["tensorflow-transforms", "tensorflow-every-operator-compiled"],
    "control": "tensorflow-seed-reaches",
    "report": "tensorflow#52148",
    "subtle": True,
    "kind": "transform",
}


class Conjugated:
    """The inputs of a converter, the second one conjugated."""

    def __init__(self, inputs):
        self.inputs = inputs

    def __getattr__(self, name):
        """Return what the inputs hold."""
        return getattr(self.inputs, name)

    def input(self, index):
        """Return one input; the second is conjugated."""
        import tensorflow as tf

        tensor, *rest = self.inputs.input(index)
        return (tf.math.conj(tensor) if index == 1 else tensor, *rest)


def plant():
    from tensorflow.python.ops.parallel_for import pfor

    original = pfor._pfor_converter_registry["MatMul"]

    def convert(inputs):
        is_complex = inputs.input(1)[0].dtype.is_complex
        return original(Conjugated(inputs) if is_complex and inputs.get_attr("transpose_b") else inputs)

    pfor._pfor_converter_registry["MatMul"] = convert


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
