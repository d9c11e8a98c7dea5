"""A dataset over a folder that has one folder for each class."""

import os
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import Dataset


class NumpyFolder(Dataset):
    """Images as float tensors (1, H, W), and the number of their class."""

    def __init__(self, root):
        self.paths = sorted(Path(root).glob("*/*.npy"))
        if not self.paths:
            raise FileNotFoundError(f"no .npy files under {root}")
        found = {path.parent.name for path in self.paths}
        self.classes = sorted(found)
        self.class_to_idx = {name: index for index, name in enumerate(self.classes)}

    def __len__(self):
        """Count the images."""
        return len(self.paths)

    def __getitem__(self, index):
        """Load an image."""
        path = self.paths[index]
        image = torch.from_numpy(np.load(path)).float().div_(127.5).sub_(1)
        return image.unsqueeze(0), self.class_to_idx[path.parent.name]

    def __repr__(self):
        """Sum up the folder."""
        size = sum(os.path.getsize(path) for path in self.paths)
        return f"{len(self)} images, {size // 1024} KiB, classes {', '.join(self.classes)}"
