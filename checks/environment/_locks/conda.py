"""What the formats of conda and pixi share: platforms and the names of archives."""

from __future__ import annotations

import platform
import sys

from .model import CONDA, Locked, Unreadable, name, text

_SYSTEMS = {"linux": "linux", "darwin": "osx", "win32": "win"}
_MACHINES = {"x86_64": "64", "amd64": "64", "arm64": "arm64", "i686": "32"}
_ARCHIVES = (".conda", ".tar.bz2")


def subdir():
    """The name of this platform in conda's channels, for example `linux-64` or `osx-arm64`."""
    system = _SYSTEMS.get(sys.platform, sys.platform)
    machine = platform.machine().lower()
    return "%s-%s" % (system, _MACHINES.get(machine, machine))


def archive(address, required=True):
    """The package of an archive's address, whose file is `name-version-build`. Raises Unreadable for another."""
    file = address.split("#")[0].split("?")[0].rpartition("/")[2]
    ending = next((one for one in _ARCHIVES if file.endswith(one)), None)
    parts = file[: -len(ending)].rsplit("-", 2) if ending else ()
    if len(parts) != 3:
        raise Unreadable("%r is no archive of conda" % file[:80])
    return Locked(
        name(parts[0], CONDA),
        version=text(parts[1], "version"),
        build=text(parts[2], "build"),
        manager=CONDA,
        required=required,
    )


def is_archive(address):
    """Whether an address is that of a conda archive, and not a folder of sources."""
    return address.split("#")[0].endswith(_ARCHIVES)
