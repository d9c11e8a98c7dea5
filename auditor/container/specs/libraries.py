"""Shared libraries that the audited frameworks loaded, and whether a package, the base or the driver provides them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from ...manifest.models import Manifest
from .plan import value
from .tables import table

FACTS = ("torch.libraries.loaded", "tensorflow.libraries.loaded", "jax.libraries.loaded")
SYSTEM_FOLDER = re.compile(r"(?:/usr/|/)?(?:lib64/|lib/[a-z0-9_]{2,20}-linux-gnu[a-z0-9]{0,10}/)")
"""The library folders of a distribution; without a leading slash if the base Python's prefix is /usr."""
CUDA = re.compile(
    r"lib(?:cudart|cublas|cublasLt|cudnn[a-z_]*|cufft|cufftw|curand|cusolver|cusolverMg|cusparse|cusparseLt|cupti|nccl|"
    r"nvrtc|nvrtc-builtins|nvJitLink|nvjitlink|cutensor|cufile)(?:-[0-9a-f]{8})?\.so(?:\..*)?"
)


@dataclass(frozen=True, order=True)
class Library:
    """A shared library that a process had mapped."""

    path: str

    @property
    def name(self) -> str:
        """Its file name."""
        return PurePosixPath(self.path).name

    @property
    def outside(self) -> bool:
        """Whether it is outside the environment; relative paths are inside its packages."""
        return self.path.startswith("/") or "/" not in self.path or bool(SYSTEM_FOLDER.match(self.path))

    @property
    def system_file(self) -> str:
        """Its path below the distribution's library folder; empty if it is elsewhere."""
        found = SYSTEM_FOLDER.match(self.path)
        return self.path[found.end() :] if found else ""


def loaded(manifest: Manifest) -> list[Library]:
    """Every library that any framework had loaded, sorted, once."""
    found = set()
    for key in FACTS:
        entries = value(manifest, key)
        for entry in entries if isinstance(entries, list) else []:
            path = entry.get("path") if isinstance(entry, dict) else None
            if isinstance(path, str) and path:
                found.add(Library(path))
    return sorted(found)


def is_cuda(library: Library) -> bool:
    """Whether it belongs to CUDA's toolkit, cuDNN, NCCL or a similar library."""
    return bool(CUDA.fullmatch(library.name))


def in_every_base(library: Library) -> bool:
    """Whether every base contains it, or the container runtime adds it with the driver."""
    known = table("libraries")["base"]
    system = library.system_file and _matches(library.system_file, known["files"])
    return bool(system) or _matches(library.name, known["driver"])


def debian_package(library: Library) -> str:
    """The Debian package that contains it; empty if the table does not have it."""
    for entry in table("libraries")["library"]:
        if library.system_file and re.fullmatch(entry["file"], library.system_file):
            return str(entry["package"])
    return ""


def _matches(text: str, patterns: list[str]) -> bool:
    return any(re.fullmatch(pattern, text) for pattern in patterns)
