"""Chooses the base image: the given one, else the official Python image of the release on the nearest Debian."""

from __future__ import annotations

import re

from ...manifest.models import Manifest
from ...manifest.strict_json import shown
from .plan import Plan, missing, text

DEBIAN = (("bullseye", "11", (2, 31)), ("bookworm", "12", (2, 36)), ("trixie", "13", (2, 41)))
"""Debian releases of the official Python images: code name, number, glibc; oldest first."""
OFFICIAL = "python"
"""The repository of the official images."""
DEFAULT_DEBIAN = "bookworm"
DEFAULT_PYTHON = "3.12"
PYTHON_VERSION = re.compile(r"3\.[0-9]{1,2}\.[0-9]{1,3}(?:(?:a|b|rc)[0-9]{1,2})?")


def choose(manifest: Manifest, plan: Plan) -> None:
    """Choose the base image, and note its limitations."""
    said = plan.base_notes
    python = _python(manifest, plan)
    if not plan.choices.base or same_repository(plan, OFFICIAL):
        plan.base = f"{OFFICIAL}:{python}-slim-{_debian(manifest, said)}"
    architecture = text(manifest, "host.architecture")
    if architecture:
        said.append(f"The audited machine is {shown(architecture)}; another architecture has other kernels.")


def same_repository(plan: Plan, name: str) -> bool:
    """Whether the given base is an image of this Docker Hub repository."""
    head, slash, last = plan.choices.base_name.rpartition("/")
    given = f"{head}{slash}{last.partition(':')[0]}"
    return given in {name, f"docker.io/{name}", f"docker.io/library/{name}", f"library/{name}"}


def settle(plan: Plan) -> None:
    """Use the given digest, or note that the tag is not pinned. Called after the tag is chosen."""
    if plan.choices.base:
        chosen = f", for {plan.base}" if plan.base else "; it must hold python3 with venv and the tools of Debian"
        plan.base_name = plan.base or plan.choices.base_name
        plan.base = plan.choices.base
        plan.base_notes.append(f"Base given by digest: {plan.base}{chosen}.")
    else:
        plan.base_name = plan.base
        plan.base_notes.append(
            f"UNPINNED: the tag {plan.base} can later point to another image. `--base` of `auditor container write` "
            "takes NAME@sha256:DIGEST, and `auditor container lock` queries an engine for it. Not every release was "
            "published for every system: if the tag does not exist, take the nearest one and audit again inside."
        )


def _python(manifest: Manifest, plan: Plan) -> str:
    said = plan.base_notes
    found = (text(manifest, "python.version") or "").removesuffix("+").partition(" ")[0]
    implementation = text(manifest, "python.implementation")
    if implementation and implementation.lower() != "cpython":
        said.append(f"OTHER PYTHON: the audited one is {shown(implementation)}, this image holds CPython.")
    if PYTHON_VERSION.fullmatch(found):
        plan.python = ".".join(found.split(".")[:2])
        return found
    if not plan.choices.base or same_repository(plan, OFFICIAL):
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
        f"Python images are based on Debian. {codename} {why}; system packages differ."
    )
    return codename


def _by_libc(version: str) -> tuple[str, str]:
    """The oldest Debian whose glibc is not older than the audited one, and the reason."""
    found = re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,3})", version)
    if not found:
        return DEFAULT_DEBIAN, "is a default, since the audited glibc is not known"
    wanted = int(found[1]), int(found[2])
    for codename, _, libc in DEBIAN:
        if libc >= wanted:
            return codename, f"is the oldest whose glibc is not older than the audited {version}"
    return DEBIAN[-1][0], f"has an older glibc than the audited {version}"
