"""Make the image folder `data/<split>/<class>/<number>.npy`, if it is not there."""

import json
import time

import numpy as np

CLASSES = ("bark", "brick", "cloth", "gravel", "leaf", "sand", "water", "wood")
SIZE = 16


def texture(rng, kind):
    """One image (SIZE, SIZE) of bytes."""
    y, x = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    angle = kind * np.pi / len(CLASSES) + rng.normal(scale=0.1)
    wave = np.sin(2 * np.pi * (2 + kind % 3) * (x * np.cos(angle) + y * np.sin(angle)) + rng.uniform(0, 6.28))
    image = 128 + 60 * wave + rng.normal(scale=35, size=wave.shape)
    return np.clip(image, 0, 255).astype(np.uint8)


def prepare(root, *, train=60, test=20, seed=8):
    """Write the images and a note on when and how they were made."""
    note = root / "dataset.json"
    if note.exists():
        print(f"using {root}, made {json.loads(note.read_text(encoding='utf-8'))['made']}")
        return
    rng = np.random.default_rng(seed)
    for split, count in (("train", train), ("test", test)):
        for kind, name in enumerate(CLASSES):
            folder = root / split / name
            folder.mkdir(parents=True, exist_ok=True)
            for number in range(count):
                np.save(folder / f"{number:04d}.npy", texture(rng, kind))
    note.write_text(json.dumps({"made": time.ctime(), "seed": seed, "size": SIZE}), encoding="utf-8")
    print(f"made {root}")
