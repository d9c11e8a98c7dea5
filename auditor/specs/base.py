"""The base image: the official Python image of the audited release on the nearest Debian."""

from __future__ import annotations

import re

from ..manifest import Manifest
from ..strictjson import shown
from .plan import Plan, missing, text, value

DEBIAN = (("bullseye", "11", (2, 31)), ("bookworm", "12", (2, 36)), ("trixie", "13", (2, 41)))
"""Debian releases that the official Python images stand on: code name, number, glibc; oldest first."""
DEFAULT_DEBIAN = "bookworm"
DEFAULT_PYTHON = "3.12"
PYTHON_VERSION = re.compile(r"3\.[0-9]{1,2}\.[0-9]{1,3}(?:(?:a|b|rc)[0-9]{1,2})?")


def choose(manifest: Manifest, plan: Plan) -> None:
    """Choose the base image and say what it cannot promise."""
    python, debian = _python(manifest, plan.base_notes), _debian(manifest, plan.base_notes)
    plan.base = f"python:{python}-slim-{debian}"
    plan.base_notes.append(
        f"UNPINNED: the tag {plan.base} can be moved to another image. After the first pull, write its digest behind "
        "it (@sha256:...). Not every Python release was published for every Debian release: if the tag does not "
        "exist, take the nearest one and audit again inside."
    )
    architecture = text(manifest, "host.architecture")
    if architecture:
        plan.base_notes.append(f"The audited machine is {shown(architecture)}; another architecture has other kernels.")
    for key in ("torch.build.cuda", "tensorflow.build.cuda"):
        cuda = value(manifest, key)
        if cuda:
            plan.base_notes.append(
                f"GPU: the audited {key.partition('.')[0]} was built for CUDA {shown(cuda)}. This base holds no CUDA: "
                "the nvidia-* wheels bring its libraries, else choose a base of that version. The driver is the host's."
            )


def _python(manifest: Manifest, said: list[str]) -> str:
    found = (text(manifest, "python.version") or "").removesuffix("+").partition(" ")[0]
    implementation = text(manifest, "python.implementation")
    if implementation and implementation.lower() != "cpython":
        said.append(f"OTHER PYTHON: the audited one is {shown(implementation)}, this image holds CPython.")
    if PYTHON_VERSION.fullmatch(found):
        return found
    said.append(f"ASSUMED: {missing(manifest, 'python.version')} Python {DEFAULT_PYTHON} is a default, not a fact.")
    return DEFAULT_PYTHON


def _debian(manifest: Manifest, said: list[str]) -> str:
    system, version = text(manifest, "host.os.id"), text(manifest, "host.os.version")
    system = (system or text(manifest, "host.os.name") or "").lower()
    for codename, number, _ in DEBIAN:
        if system == "debian" and version and version.split(".")[0] == number:
            return codename
    if not system:
        said.append(f"ASSUMED: {missing(manifest, 'host.os.id')} Debian {DEFAULT_DEBIAN} is a default, not a fact.")
        return DEFAULT_DEBIAN
    codename, why = _by_libc(text(manifest, "host.libc.version") or "")
    said.append(
        f"OTHER SYSTEM: the audited one is {shown(' '.join(part for part in (system, version) if part))}; the official "
        f"Python images stand on Debian. {codename} {why}; system packages differ."
    )
    return codename


def _by_libc(version: str) -> tuple[str, str]:
    """The oldest Debian whose glibc is not older than the audited one, and why it was taken."""
    found = re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,3})", version)
    if not found:
        return DEFAULT_DEBIAN, "is a default, since the audited glibc is not known"
    wanted = int(found[1]), int(found[2])
    for codename, _, libc in DEBIAN:
        if libc >= wanted:
            return codename, f"is the oldest whose glibc is not older than the audited {version}"
    return DEBIAN[-1][0], f"has an older glibc than the audited {version}"
