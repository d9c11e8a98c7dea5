"""
A folder of training data gives the same files in the same order, whatever order the file system lists them in.

Why: a program that uses files in the listed order trains on another order of examples on another machine, or after the
data was copied (datasets#3857, torchvision#192). The documentation of `tf.io.gfile.listdir` says that its order is
arbitrary; that of `tf.io.gfile.glob` says nothing, and it gives the same arbitrary order.
`tf.data.Dataset.list_files(shuffle=False)` and Keras's `*_dataset_from_directory` must have a fixed order. The check
writes the same files forwards, and backwards with a deletion in between, to memory where possible (a file system that
lists by age), and also lists them with Python's own listings reversed and shuffled.

Remedy: sort what `tf.io.gfile.glob`, `tf.io.gfile.listdir` and `tf.io.gfile.walk` return before using it.
"""

from __future__ import annotations

import os
import tempfile

from ..declare import Check
from ..fingerprint import digest
from . import _keras, _state

LISTDIR = "https://www.tensorflow.org/api_docs/python/tf/io/gfile/listdir"
CHECK = Check(
    tier="full",
    rule="identical",
    across=("repeat", "file-order"),
    documented={"tf.io.gfile.listdir": LISTDIR, "tf.io.gfile.walk": LISTDIR},
)
NAMES = ["example-%02d.txt" % number for number in (7, 2, 11, 5, 0, 9, 3, 10, 1, 8, 4, 6)]
LEFT_OVER = "deleted-before-the-listing.txt"
IN_MEMORY = "/dev/shm"  # noqa: S108 - a place whose listings show the order of creation; the folder's name is random
_calls = []


def measure(settings):
    """Digests of each listing; every other call fills the folders backwards."""
    place = IN_MEMORY if os.access(IN_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="auditor-order-", dir=place) as base:
        names = NAMES if len(_calls) % 2 == 0 else [*NAMES[:6], LEFT_OVER, *NAMES[6:]][::-1]
        _calls.append(len(names))
        for folder in ("cats", "dogs") if names is NAMES else ("dogs", "cats"):
            _fill(os.path.join(base, folder), names)
        with _state.seeded(0):  # Keras draws a seed from NumPy even without shuffling
            return {name: digest(_relative(base, listing(base))) for name, listing in _listings().items()}


def _fill(folder, names):
    os.mkdir(folder)
    for name in names:
        with open(os.path.join(folder, name), "w", encoding="utf-8") as handle:
            handle.write("%s %s" % (os.path.basename(folder), name))
    if LEFT_OVER in names:
        os.remove(os.path.join(folder, LEFT_OVER))


def _listings():
    import tensorflow as tf

    gfile = tf.io.gfile
    found = {
        "tf.io.gfile.listdir": lambda base: gfile.listdir(os.path.join(base, "cats")),
        "tf.io.gfile.glob": lambda base: gfile.glob(os.path.join(base, "*", "*.txt")),
        "tf.io.gfile.walk": lambda base: [name for _, _, names in gfile.walk(base) for name in names],
        "tf.data.Dataset.list_files": lambda base: list(
            tf.data.Dataset.list_files(os.path.join(base, "*", "*.txt"), shuffle=False).as_numpy_iterator()
        ),
        "tf.io.matching_files": lambda base: list(tf.io.matching_files(os.path.join(base, "cats", "*")).numpy()),
    }
    if _keras.installed():
        found["keras text_dataset_from_directory"] = _texts
    return found


def _texts(base):
    import keras

    dataset = keras.utils.text_dataset_from_directory(base, batch_size=1, shuffle=False)
    return [text for texts, _ in dataset.as_numpy_iterator() for text in texts.tolist()]


def _relative(base, names):
    """Names without the folder, whose name differs in each call."""
    return [os.fsdecode(name).replace(base, "") for name in names]
