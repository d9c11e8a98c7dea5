"""The interface of a report format: one module per format, found by its name."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Protocol, cast

from ..errors import UsageError
from ..manifest.models import Manifest


class Renderer(Protocol):
    """
    A module of this package that writes a manifest in one format.

    A pure function of its arguments, so that `verify` can render a report again and compare it byte for byte.
    """

    @property
    def FILE_NAME(self) -> str:  # noqa: N802  a module's constant
        """The file's name in an audit's folder."""

    def render(self, manifest: Manifest, payload_sha256: str, *, signed: bool = True) -> str:
        """The whole file. `payload_sha256` is the digest (hex) of the manifest's bytes; an unsigned report says so."""


def formats() -> list[str]:
    """Names of the formats: the modules of this package that have a `FILE_NAME`, sorted."""
    names = (module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    return sorted(name for name in names if hasattr(_module(name), "FILE_NAME"))


def renderer(name: str) -> Renderer:
    """The module of that format. Raises UsageError for an unknown one."""
    if name not in formats():
        raise UsageError(f"there is no report format {name!r}", f"Formats: {', '.join(formats())}.")
    return cast("Renderer", _module(name))


def _module(name: str) -> object:
    return importlib.import_module(f".{name}", __package__)
