"""The parameters of a build."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ...errors import UsageError

NETWORKS = ("default", "host", "none")
_ARGUMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_REPOSITORY = re.compile(r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?::\d+)?(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True)
class Order:
    """The parameters of one build, for any builder. Raises UsageError for an invalid name."""

    tag: str
    """NAME or NAME:TAG of the image."""
    cache: bool = False
    """Whether layers of earlier builds may be used."""
    network: str = "default"
    """The network of the steps: `default` (the engine's), `host` or `none`."""
    buildargs: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    epoch: int | None = None
    """SOURCE_DATE_EPOCH, seconds since 1970."""

    def __post_init__(self) -> None:
        """Refuse invalid names."""
        if not is_image_name(self.tag):
            raise UsageError(
                f"{self.tag!r} is not an image name",
                "Nothing was built. Use lower-case letters, digits, dots, dashes and slashes, optionally with :TAG.",
            )
        if self.network not in NETWORKS:
            raise UsageError(f"{self.network!r} is not a build network", f"Nothing was built. Use one of {NETWORKS}.")
        for name in self.buildargs:
            if not _ARGUMENT.fullmatch(name):
                raise UsageError(
                    f"{name!r} is not a valid build argument name",
                    "Nothing was built. Use letters, digits and underscores.",
                )


def is_image_name(name: str) -> bool:
    """Whether this is NAME or NAME:TAG."""
    repository, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        repository, tag = name, "latest"
    return bool(_REPOSITORY.fullmatch(repository) and _TAG.fullmatch(tag)) and len(name) < 256
