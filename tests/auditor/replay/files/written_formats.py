"""Writes a file of each format that the layers' libraries have: `written_formats.py FOLDER VALUE`."""

import os
import pickle
import sys
import time
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import orbax.checkpoint
import tensorflow as tf
import torch


def write(folder, value):
    """One number of each file is `value`; times are what they are."""
    numbers = np.arange(1000, dtype="f4")
    numbers[7] = value
    np.savez(folder + "/a.npz", a=numbers, when=time.time())
    np.save(folder + "/a.npy", numbers)
    Path(folder, "a.pkl").write_bytes(pickle.dumps({"when": time.time(), "names": {"a", "b", "c"}, "a": numbers}))
    tensor = torch.from_numpy(numbers)
    torch.save({"time": time.time(), "model": {"w": tensor, "view": tensor[10:20]}, "epoch": 3}, folder + "/a.pt")
    writer = tf.summary.create_file_writer(folder + "/tb", filename_suffix=".v2")
    with writer.as_default():
        for step in range(5):
            tf.summary.write("loss", tf.constant(value if step == 3 else 0.0), step=step)
    writer.close()
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(300, name="d")], name="m")
    weights = [np.ones((4, 300), "f4"), numbers[:300]]
    model.set_weights(weights)
    model.save(folder + "/a.keras")
    model.save(folder + "/a.h5")
    model.save_weights(folder + "/a.weights.h5")
    orbax.checkpoint.PyTreeCheckpointer().save(folder + "/orbax", {"w": numbers, "n": 3})


target = Path(sys.argv[1]).resolve()
target.mkdir()
write(str(target), float(sys.argv[2]))
