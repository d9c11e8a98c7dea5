"""What is installed, from metadata only: nothing is imported."""

from __future__ import annotations

import functools
import re
from importlib import metadata

FRAMEWORKS = {
    "torch": ("torch",),
    "tensorflow": ("tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tensorflow-intel", "tf-nightly"),
    "jax": ("jax", "jaxlib"),
}
"""Distributions of each framework (TensorFlow's has several names)."""


def normalised(name):
    """A distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def distributions(path=None):
    """(normalised name, distribution) of everything on `sys.path` or `path`, in order, without broken metadata."""
    for found in metadata.distributions() if path is None else metadata.distributions(path=path):
        name = found.metadata["Name"] if found.metadata is not None else None
        if name:
            yield normalised(name), found


@functools.lru_cache(maxsize=None)
def installed():
    """Normalised name to distribution; of several with one name, the first, which Python uses."""
    table = {}
    for name, found in distributions():
        table.setdefault(name, found)
    return table


def framework_installed(framework):
    """Whether any distribution of a framework is installed."""
    return any(name in installed() for name in FRAMEWORKS[framework])
