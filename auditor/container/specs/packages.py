"""Pins every audited distribution to its exact version, or notes that an index cannot provide it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from ...manifest.models import Manifest
from ...manifest.strict_json import shown
from ...privacy.identity_shapes import TOKEN
from ...quoting import dockerfile
from .choices import locked
from .indexes import publisher
from .plan import Plan, listed, missing, texts, value

INSTALL_TOOLS = ("pip", "setuptools", "wheel")


def choose(manifest: Manifest, plan: Plan) -> None:
    """Pin every distribution, and note those that are not pinned, with the reason."""
    said = plan.package_notes
    found = value(manifest, "python.distributions")
    if not isinstance(found, dict):
        said.append(f"ASSUMED: {missing(manifest, 'python.distributions')} No package is installed here.")
        return
    _tell_hashes(plan)
    addresses = dict(one.split(": ", 1) for one in texts(manifest, "python.distributions.addresses") if ": " in one)
    for name, entry in sorted(found.items()):
        problem = _pin(plan, name, entry, addresses.get(name, ""))
        if problem:
            said.append(f"LEFT OUT: {shown(name)} {problem}.")
    _choose_indexes(plan)
    installers = value(manifest, "python.distributions.installers")
    _note_other_builds(plan, found, installers if isinstance(installers, list) else [])
    if plan.choices.lock:
        _compare_lock(plan)


def _tell_hashes(plan: Plan) -> None:
    """Note whether files are checked against hashes."""
    told = "--no-deps: the list holds every audited distribution."
    if plan.choices.lock:
        plan.package_notes.append(f"pip checks every file against a SHA-256 of requirements.lock. {told}")
    else:
        plan.package_notes.append(
            "UNHASHED: versions are pinned, files are not: pip installs the files that the index serves at build "
            f"time. `auditor container lock` writes hashes. {told}"
        )


def _compare_lock(plan: Plan) -> None:
    """Note the differences between the lock, which is installed, and the manifest."""
    held = locked(plan.choices.lock)
    audited = plan.packages
    if absent := sorted((audited.keys() | plan.sources.keys()) - held.keys()):
        plan.package_notes.append(f"LEFT OUT: the lock has no {listed(absent)}.")
    if foreign := sorted(held.keys() - audited.keys()):
        plan.package_notes.append(f"CONFLICT: the lock has {listed(foreign)}, which the manifest lacks.")
    if other := sorted(name for name in held.keys() & audited.keys() if held[name] != audited[name]):
        plan.package_notes.append(f"CONFLICT: the lock has other versions of {listed(other)} than the manifest.")
    plan.sources.clear()


def _choose_indexes(plan: Plan) -> None:
    """Add the publishers' indexes for versions with a local part, which the default index does not have."""
    for name, version in sorted(plan.packages.items()):
        if "+" not in version:
            continue
        place = publisher(name, version)
        if place is None:
            plan.package_notes.append(
                f"OWN INDEX: the default index does not carry {name} {version}, and the index of that build is not "
                "known. Build with --build-arg PIP_EXTRA_INDEX_URL=..., the index of its publisher."
            )
            continue
        places = plan.indexes if place.kind == "index" else plan.find_links
        if place.url not in places:
            places.append(place.url)
        plan.package_notes.append(
            f"OWN INDEX: the default index does not carry {name} {version}; pip also queries {place.url} of its "
            "publisher, and trusts both indexes for every name."
        )


def _note_other_builds(plan: Plan, found: Mapping[str, JsonValue], installers: list[JsonValue]) -> None:
    """Note the pins for which an index may have another build."""
    if conda := sorted(name for name in found if f"{name}=conda" in installers):
        plan.package_notes.append(f"OTHER BUILD: conda installed {listed(conda)}; an index has other builds of them.")
    absent = [name for name in INSTALL_TOOLS if name not in plan.packages]
    if absent:
        plan.package_notes.append(f"Not in the audited environment, and so not in /opt/audited: {', '.join(absent)}.")


def _pin(plan: Plan, name: str, entry: JsonValue, address: str) -> str:
    """Pin one distribution; returns the reason if that is not possible."""
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
    held = plan.choices.lock and locked(plan.choices.lock).get(pinned) == exact
    if origin and not (held and details.get("origin") == "archive"):  # a lock has the recorded hash of an archive
        return _pin_source(plan, pinned, exact, details, address) and (
            f"{exact} came from {shown(origin)}: it cannot be rebuilt from an index; install it from its source"
        )
    if plan.packages.setdefault(pinned, exact) != exact:
        return f"version {exact}: {pinned} is installed twice, {plan.packages[pinned]} is taken"
    return ""


def _pin_source(plan: Plan, name: str, version: str, details: Mapping[str, JsonValue], address: str) -> str:
    """Pin a git commit over https, if its URL is valid; returns the reason if it is not pinned."""
    url = details.get("url") or address
    source = f"git+{url}@{details.get('commit')}"
    unsafe = details.get("editable") is True or TOKEN.search(source) or "redacted" in source.lower()
    if details.get("origin") != "git" or unsafe or not dockerfile.SOURCE.fullmatch(source):
        return "not pinned"
    if name in plan.sources or name in plan.packages:
        return "installed twice"
    plan.sources[name] = source
    plan.build_system.add("git")
    plan.package_notes.append(
        f"FROM SOURCE: {name} {version} is built from {source} with the build tools of that day: its files can differ."
    )
    return ""


def _origin(details: Mapping[str, JsonValue]) -> str:
    """The origin of a distribution that is not from an index: version control, a folder, an archive."""
    origin = details.get("origin", "index")
    if origin == "index":
        return ""
    editable = "an editable install of a " if details.get("editable") is True else ""
    details_shown = (details[name] for name in ("url", "commit", "archive_hash") if details.get(name))
    return " ".join(str(part) for part in (f"{editable}{origin}", *details_shown))
