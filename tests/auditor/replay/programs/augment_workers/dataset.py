"""Images with augmentation in `__getitem__`, for loaders with worker processes."""

import numpy as np
import torch
from torch.utils.data import Dataset, get_worker_info


def make_images(count, seed, classes=6, size=20):
    """Textures: each class has two frequencies; returns images (N, 3, size, size) and labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, size=count)
    y, x = np.mgrid[0:size, 0:size]
    phases = rng.uniform(0, 2 * np.pi, size=(count, 3, 1, 1))
    waves = np.sin(
        0.3 * (labels[:, None, None, None] + 1) * x + 0.2 * (classes - labels[:, None, None, None]) * y + phases
    )
    return (waves + rng.normal(scale=0.7, size=waves.shape)).astype(np.float32), labels


class AugmentedImages(Dataset):
    """Flip, shift and cover a part of each image, if `augment` is set."""

    def __init__(self, count, seed, *, augment):
        self.images, self.labels = make_images(count, seed)
        self.augment = augment
        self.rng = None

    def __len__(self):
        """Count the images."""
        return len(self.labels)

    def __getitem__(self, index):
        """Return an image and its label."""
        image = self.images[index]
        if self.augment:
            image = self.augmented(image)
        return torch.from_numpy(np.ascontiguousarray(image)), int(self.labels[index])

    def augmented(self, image):
        """A changed copy of an image (3, size, size)."""
        if self.rng is None:
            worker = get_worker_info()
            self.rng = np.random.default_rng(worker.seed if worker else torch.initial_seed())
        flip = self.rng.random() < 0.5
        image = image[:, :, ::-1] if flip else image
        image = np.roll(image, self.rng.integers(-2, 3, size=2), axis=(1, 2))
        top, left = self.rng.integers(0, image.shape[1] - 5, size=2)
        image[:, top : top + 5, left : left + 5] = 0
        return image
