"""
`keras.utils.image_dataset_from_directory(shuffle=False)` lists the files of each class in the order of the folder.

The classes stay sorted, so labels agree, but the order of images depends on the file system.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["tensorflow-file-order"],
    "control": "tensorflow-seed-reaches",
    "report": "keras#6418",
    "subtle": True,
    "kind": "file-order",
}


def plant():
    from keras.src.utils import dataset_utils

    def unsorted(values, key=None):
        caller = sys._getframe(1).f_code.co_name
        return list(values) if key is None and caller == "iter_valid_files" else sorted(values, key=key)

    dataset_utils.sorted = unsorted


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
