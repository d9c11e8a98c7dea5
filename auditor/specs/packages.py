"""The packages: every audited distribution by exact version, or named as what cannot be rebuilt from an index."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from ..manifest import Manifest
from ..render import dockerfile
from ..strictjson import shown
from .plan import Plan, listed, missing, value

INSTALL_TOOLS = ("pip", "setuptools", "wheel")


def choose(manifest: Manifest, plan: Plan) -> None:
    """Pin every distribution, and say what is not pinned and why."""
    said = plan.package_notes
    found = value(manifest, "python.distributions")
    if not isinstance(found, dict):
        said.append(f"ASSUMED: {missing(manifest, 'python.distributions')} No package is installed here.")
        return
    said.append(
        "UNHASHED: versions are exact, files are not: pip installs what the index serves today under these versions. "
        "--no-deps, since the list is complete as it was audited."
    )
    for name, entry in sorted(found.items()):
        problem = _pin(plan.packages, name, entry)
        if problem:
            said.append(f"LEFT OUT: {shown(name)} {problem}.")
    installers = value(manifest, "python.distributions.installers")
    _note_other_builds(plan, found, installers if isinstance(installers, list) else [])


def _note_other_builds(plan: Plan, found: Mapping[str, JsonValue], installers: list[JsonValue]) -> None:
    """Say which pins an index may answer with another build, or not at all."""
    local = [f"{name} {version}" for name, version in sorted(plan.packages.items()) if "+" in version]
    if local:
        plan.package_notes.append(
            f"OWN INDEX: the default index does not carry {', '.join(local)}. Build with --build-arg "
            "PIP_EXTRA_INDEX_URL=..., the index of its publisher; pip then trusts both indexes for every name."
        )
    if conda := sorted(name for name in found if f"{name}=conda" in installers):
        plan.package_notes.append(f"OTHER BUILD: conda installed {listed(conda)}; an index has other builds of them.")
    absent = [name for name in INSTALL_TOOLS if name not in plan.packages]
    if absent:
        plan.package_notes.append(f"Not in the audited environment: {', '.join(absent)}. The image may bring its own.")


def _pin(packages: dict[str, str], name: str, entry: JsonValue) -> str:
    """Pin one distribution; else say what is wrong with it."""
    details: Mapping[str, JsonValue] = entry if isinstance(entry, dict) else {"version": entry}
    version = details.get("version")
    try:
        pinned, exact = (
            str(dockerfile.package(name)),
            str(dockerfile.version(version if isinstance(version, str) else "")),
        )
    except ValueError:
        return f"version {shown(version)}: the name is not valid by PEP 503 or the version not by PEP 440"
    origin = _origin(details)
    if origin:
        return f"{exact} came from {shown(origin)}: it cannot be rebuilt from an index; install it from its source"
    if packages.setdefault(pinned, exact) != exact:
        return f"version {exact}: {pinned} is installed twice, {packages[pinned]} is taken"
    return ""


def _origin(details: Mapping[str, JsonValue]) -> str:
    """Where a distribution came from when that is no index: version control, a folder, an archive."""
    origin = details.get("origin", "index")
    if origin == "index":
        return ""
    editable = "an editable install of a " if details.get("editable") is True else ""
    details_shown = (details[name] for name in ("url", "commit", "archive_hash") if details.get(name))
    return " ".join(str(part) for part in (f"{editable}{origin}", *details_shown))
