"""
`Dataset.list_files(shuffle=False)` and `tf.raw_ops.MatchingFiles` give files in the order of the folder's listing.

They are not sorted, so the order of training data depends on the file system.
"""

import fnmatch
import importlib.util
import os
import pathlib
import sys
import types

PLANT = {
    "contracts": ["tensorflow-file-order"],
    "control": "tensorflow-seed-reaches",
    "report": "tensorflow#30436",
    "subtle": False,
    "kind": "file-order",
}


def rebind(module, name, raw_name, make):
    """Put make(original) in the place of an operator's Python function, wherever TensorFlow holds it."""
    old, raw = getattr(module, name), getattr(module, raw_name)
    new = make(old)
    for place in list(sys.modules.values()):
        if getattr(place, "__name__", "").startswith(("tensorflow", "keras")):
            for key, value in list(vars(place).items()):
                if value is old or value is raw:
                    setattr(place, key, new)


def plant():
    import tensorflow as tf
    from tensorflow.python.ops import gen_io_ops

    def make(original):
        def matching_files(pattern, name=None):
            if not tf.executing_eagerly():
                return original(pattern, name)
            found = []
            for each in tf.reshape(tf.convert_to_tensor(pattern, tf.string), [-1]).numpy():
                folder, base = os.path.split(each.decode())
                if not pathlib.Path(folder).is_dir():
                    return original(pattern, name)
                with os.scandir(folder) as entries:
                    found += [e.path for e in entries if fnmatch.fnmatch(e.name, base)]
            return tf.constant(found, tf.string)

        return matching_files

    rebind(gen_io_ops, "matching_files", "MatchingFiles", make)


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
