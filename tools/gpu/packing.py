"""
Wheels of auditor's own dependencies for several Pythons in one folder, and an environment made from them offline.

Made with a network by `on_gpu.py --pack FOLDER`; used without one by `on_gpu.py --wheels FOLDER`. This file unpacks the
wheels, so the other machine needs no pip. The environment is separate: what the audited Python finds must not change.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from email import message_from_bytes
from pathlib import Path, PurePosixPath

from .steps import ROOT

PYTHONS = ("3.10", "3.11", "3.12", "3.13")
"""Those that auditor supports; which one the other machine has is not known here."""
PLATFORMS = (*(f"manylinux_2_{minor}_x86_64" for minor in (34, 28, 27, 24, 17)), "manylinux2014_x86_64")
LIMIT_BYTES = 40 << 20
"""The working tree and this folder travel together, and 64 MiB are allowed."""
INDEX = "pack.json"


class PackError(Exception):
    """The folder of wheels cannot be made or used; the message says why and what to do."""


def pack(folder: Path) -> list[str]:
    """
    Download the wheels for every Python of PYTHONS, and write which belong to which. Returns lines for people.

    Raises PackError if the folder is not empty, a download fails, a dependency is missing or the size is too large.
    """
    if folder.exists() and any(folder.iterdir()):
        raise PackError(f"{folder} is not empty: remove it, or name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    index: dict[str, list[str]] = {}
    for version in PYTHONS:
        with_markers = [str(one) for one in _wanted(version)]
        part = folder / version
        _download(version, with_markers, part)
        index[version] = sorted(path.name for path in part.iterdir())
        _refuse_incomplete(version, part)
        for path in part.iterdir():
            path.replace(folder / path.name)
        part.rmdir()
    (folder / INDEX).write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")
    size = sum(path.stat().st_size for path in folder.iterdir())
    if size > LIMIT_BYTES:
        raise PackError(
            f"{folder} has {size} bytes, and more than {LIMIT_BYTES} do not travel: drop a Python of PYTHONS"
        )
    return [f"{folder}: {size / (1 << 20):.1f} MiB for Python {', '.join(PYTHONS)}"]


def unpack(wheels: Path, target: Path) -> Path:
    """
    Make an environment of this Python in `target` from the wheels, without a network; returns its interpreter.

    Raises PackError if the folder holds none for this Python.
    """
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if not (wheels / INDEX).is_file():
        raise PackError(f"{wheels} has no {INDEX}: make it with `python tools/on_gpu.py --pack {wheels}`")
    index = json.loads((wheels / INDEX).read_text(encoding="utf-8"))
    if version not in index:
        raise PackError(f"{wheels} has wheels for Python {', '.join(index)}, and this is {version}: pack them for it")
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(target)],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    site = target / "lib" / f"python{version}" / "site-packages"
    for name in index[version]:
        _install(wheels / name, site)
    return target / "bin" / "python"


def _wanted(version: str) -> Iterable[object]:
    """The requirements of pyproject.toml that this Python has."""
    import tomllib  # noqa: PLC0415 - packing needs Python 3.11 and packaging; running needs neither
    from packaging.requirements import Requirement  # noqa: PLC0415 - the same

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for text in project["dependencies"]:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate(_environment(version)):
            requirement.marker = None
            yield requirement


def _environment(version: str) -> dict[str, str]:
    return {"python_version": version, "python_full_version": f"{version}.0", "extra": ""}


def _download(version: str, wanted: list[str], folder: Path) -> None:
    platforms = [word for name in PLATFORMS for word in ("--platform", name)]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--only-binary=:all:", "--python-version", version, "--implementation", "cp", *platforms]
    done = subprocess.run([*command, "--dest", str(folder), *wanted], check=False, capture_output=True, text=True)
    if done.returncode:
        raise PackError(f"pip could not download for Python {version}: {done.stderr.strip()[-500:]}")


def _refuse_incomplete(version: str, folder: Path) -> None:
    """
    Raise PackError if a wheel needs a distribution that the folder lacks.

    pip evaluates markers of the Python that runs it, not of the one it downloads for.
    """
    from packaging.requirements import Requirement  # noqa: PLC0415 - as above
    from packaging.utils import canonicalize_name  # noqa: PLC0415 - as above

    needs: dict[str, str] = {}
    held = set()
    for wheel in folder.iterdir():
        held.add(canonicalize_name(wheel.name.partition("-")[0]))
        for text in _metadata(wheel).get_all("Requires-Dist", []):
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate(_environment(version)):
                needs[canonicalize_name(requirement.name)] = wheel.name
    missing = sorted(set(needs) - held)
    if missing:
        raise PackError(f"for Python {version}, {needs[missing[0]]} needs {missing[0]}, which was not downloaded")


def _metadata(wheel: Path):  # noqa: ANN202 - email.message.Message
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if PurePosixPath(name).match("*.dist-info/METADATA"))
        return message_from_bytes(archive.read(name))


def _install(wheel: Path, site: Path) -> None:
    """Unpack one wheel: its root and the library folders of its `.data`; scripts and data are not needed."""
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            parts = PurePosixPath(entry.filename).parts
            if parts[0].endswith(".data"):
                if parts[1] not in {"purelib", "platlib"}:
                    continue
                parts = parts[2:]
            if ".." in parts or PurePosixPath(entry.filename).is_absolute():
                raise PackError(f"{wheel.name} holds a path outside its folder: {entry.filename}")
            if entry.is_dir() or not parts:
                continue
            target = site.joinpath(*parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(entry) as source, target.open("wb") as copy:
                shutil.copyfileobj(source, copy)
