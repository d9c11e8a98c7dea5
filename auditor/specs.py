"""
From a manifest to a container specification: a Dockerfile and a requirements file.

A pure function of the manifest and of its digest, so that `verify` can render both again and compare. What a manifest
cannot settle (a base image's digest, hashes of files) is said in a comment with UNPINNED or UNHASHED, never guessed.
"""

from __future__ import annotations

import functools
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import jinja2
from pydantic import JsonValue

from .manifest import Manifest
from .render import dockerfile
from .render.summary import environment_variables
from .render.templates import environment
from .shipped import folder
from .strictjson import shown

DEBIAN = (("bullseye", "11", (2, 31)), ("bookworm", "12", (2, 36)), ("trixie", "13", (2, 41)))
"""Debian releases that the official Python images stand on: code name, number, glibc; oldest first."""
DEFAULT_DEBIAN = "bookworm"
DEFAULT_PYTHON = "3.12"
PYTHON_VERSION = re.compile(r"3\.[0-9]{1,2}\.[0-9]{1,3}(?:(?:a|b|rc)[0-9]{1,2})?")
WIDTH_CHARACTERS = 110

LISTS_OF_FLAGS = ("TF_XLA_FLAGS", "XLA_FLAGS")
"""Variables that hold several flags: a remedy's flags are added to the audited ones."""
INSTALL_TOOLS = ("pip", "setuptools", "wheel")
NAMES_SHOWN = 20
WARNINGS = ("UNPINNED", "UNHASHED", "ASSUMED", "CONFLICT", "GPU", "LEFT OUT", "OTHER", "OWN INDEX")
"""How notes begin that say what the specification cannot promise."""


@dataclass
class Plan:
    """What a specification says, before it is text."""

    base: str = ""
    base_notes: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    environment_notes: list[str] = field(default_factory=list)
    packages: dict[str, str] = field(default_factory=dict)
    package_notes: list[str] = field(default_factory=list)

    @property
    def own_index(self) -> bool:
        """Whether a version has a local part, which the default index does not carry."""
        return any("+" in version for version in self.packages.values())


def files(manifest: Manifest, payload_sha256: str, *, signed: bool = True) -> dict[str, str]:
    """
    `Dockerfile` and `requirements.txt` as text.

    `payload_sha256` is the digest (hex) of the manifest's bytes. Raises ValueError when it is no such digest.
    """
    plan = _plan(manifest)
    context = {
        "payload_sha256": payload_sha256,
        "signed": signed,
        "base": plan.base,
        "base_notes": plan.base_notes,
        "environment": sorted(plan.environment.items()),
        "environment_notes": plan.environment_notes,
        "own_index": plan.own_index,
        "packages": sorted(plan.packages.items()),
        "package_notes": plan.package_notes,
    }
    return {
        name: _templates().get_template(f"{name}.j2").render(context) for name in ("Dockerfile", "requirements.txt")
    }


@functools.cache
def _templates() -> jinja2.Environment:
    quoting: dict[str, Callable[..., object]] = {**dockerfile.QUOTING, "lines": _lines}
    return environment(folder("containers"), quoting)


def notes(manifest: Manifest) -> list[str]:
    """What the specification cannot promise, for the terminal: each begins with one of WARNINGS."""
    plan = _plan(manifest)
    return [
        note for note in (*plan.base_notes, *plan.environment_notes, *plan.package_notes) if note.startswith(WARNINGS)
    ]


def _lines(texts: list[str]) -> list[str]:
    """Texts as lines of comments: wrapped, each text indented from its second line on."""
    wrapped = (
        textwrap.wrap(text, WIDTH_CHARACTERS, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
        for text in texts
    )
    return [line for text in wrapped for line in text]


def _plan(manifest: Manifest) -> Plan:
    plan = Plan()
    _choose_base(manifest, plan)
    _choose_environment(manifest, plan)
    _choose_packages(manifest, plan)
    return plan


# --------------------------------------------------------------------------------------------------------------- base


def _choose_base(manifest: Manifest, plan: Plan) -> None:
    python, debian = _python(manifest, plan.base_notes), _debian(manifest, plan.base_notes)
    plan.base = f"python:{python}-slim-{debian}"
    plan.base_notes.append(
        f"UNPINNED: the tag {plan.base} can be moved to another image. After the first pull, write its digest behind "
        "it (@sha256:...). Not every Python release was published for every Debian release: if the tag does not "
        "exist, take the nearest one and audit again inside."
    )
    architecture = _text(manifest, "host.architecture")
    if architecture:
        plan.base_notes.append(f"The audited machine is {shown(architecture)}; another architecture has other kernels.")
    for key in ("torch.build.cuda", "tensorflow.build.cuda"):
        cuda = _value(manifest, key)
        if cuda:
            plan.base_notes.append(
                f"GPU: the audited {key.partition('.')[0]} was built for CUDA {shown(cuda)}. This base holds no CUDA: "
                "the nvidia-* wheels bring its libraries, else choose a base of that version. The driver is the host's."
            )


def _python(manifest: Manifest, said: list[str]) -> str:
    found = (_text(manifest, "python.version") or "").removesuffix("+").partition(" ")[0]
    implementation = _text(manifest, "python.implementation")
    if implementation and implementation.lower() != "cpython":
        said.append(f"OTHER PYTHON: the audited one is {shown(implementation)}, this image holds CPython.")
    if PYTHON_VERSION.fullmatch(found):
        return found
    said.append(f"ASSUMED: {_missing(manifest, 'python.version')} Python {DEFAULT_PYTHON} is a default, not a fact.")
    return DEFAULT_PYTHON


def _debian(manifest: Manifest, said: list[str]) -> str:
    system, version = _text(manifest, "host.os.id"), _text(manifest, "host.os.version")
    system = (system or _text(manifest, "host.os.name") or "").lower()
    for codename, number, _ in DEBIAN:
        if system == "debian" and version and version.split(".")[0] == number:
            return codename
    if not system:
        said.append(f"ASSUMED: {_missing(manifest, 'host.os.id')} Debian {DEFAULT_DEBIAN} is a default, not a fact.")
        return DEFAULT_DEBIAN
    codename, why = _by_libc(_text(manifest, "host.libc.version") or "")
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


# -------------------------------------------------------------------------------------------------------- environment


def _choose_environment(manifest: Manifest, plan: Plan) -> None:
    said = plan.environment_notes
    audited = _value(manifest, "env")
    if not isinstance(audited, dict):
        said.append(f"ASSUMED: {_missing(manifest, 'env')} No variable of the audited environment is set here.")
        audited = {}
    deciding = _deciding(audited)
    for name in deciding:
        _set(plan, name, audited[name], "the audited environment")
    rest = sorted(audited.keys() - set(deciding))
    if rest:
        said.append(f"Not set here, since they belong to a machine or decide no numbers: {_listed(rest)}.")
    for name, wanted in environment_variables(manifest.predicate.findings).items():
        value, *others = wanted
        origin = f"the remedy of {', '.join(shown(check) for check in wanted[value])}"
        if name in LISTS_OF_FLAGS:
            value = " ".join(dict.fromkeys(" ".join((plan.environment.get(name, ""), *wanted)).split()))
        elif others:
            said.append(f"CONFLICT: {shown(name)} is set by {origin}; other remedies ask for {shown(others)}.")
        _set(plan, name, value, origin)


def _deciding(names: Iterable[str]) -> list[str]:
    """Those of the names that `containers/variables.txt` lists, sorted."""
    lines = (folder("containers") / "variables.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if not line.startswith(("#", "!"))]
    refused = [line[1:] for line in lines if line.startswith("!")]
    return sorted(name for name in names if _matches(name, wanted) and not _matches(name, refused))


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(shown(name) for name in names[:NAMES_SHOWN]) + more


def _set(plan: Plan, name: str, value: JsonValue, origin: str) -> None:
    """Set one variable, or say why not."""
    if not isinstance(value, str) or "redacted" in value.lower():
        plan.environment_notes.append(f"LEFT OUT: {shown(name)}: its value was redacted, or is no text.")
    elif not dockerfile.VARIABLE.fullmatch(name) or not dockerfile.usable_value(value):
        plan.environment_notes.append(f"LEFT OUT: {shown(name)} from {origin} has no literal form in a Dockerfile.")
    else:
        plan.environment[name] = value
        plan.environment_notes.append(f"{name}: from {origin}.")


# ----------------------------------------------------------------------------------------------------------- packages


def _choose_packages(manifest: Manifest, plan: Plan) -> None:
    said = plan.package_notes
    found = _value(manifest, "python.distributions")
    if not isinstance(found, dict):
        said.append(f"ASSUMED: {_missing(manifest, 'python.distributions')} No package is installed here.")
        return
    said.append(
        "UNHASHED: versions are exact, files are not: pip installs what the index serves today under these versions. "
        "--no-deps, since the list is complete as it was audited."
    )
    for name, entry in sorted(found.items()):
        problem = _pin(plan.packages, name, entry)
        if problem:
            said.append(f"LEFT OUT: {shown(name)} {problem}.")
    _note_other_builds(plan, found)


def _note_other_builds(plan: Plan, found: Mapping[str, JsonValue]) -> None:
    """Say which pins an index may answer with another build, or not at all."""
    local = [f"{name} {version}" for name, version in sorted(plan.packages.items()) if "+" in version]
    if local:
        plan.package_notes.append(
            f"OWN INDEX: the default index does not carry {', '.join(local)}. Build with --build-arg "
            "PIP_EXTRA_INDEX_URL=..., the index of its publisher; pip then trusts both indexes for every name."
        )
    conda = [
        name for name, entry in sorted(found.items()) if isinstance(entry, dict) and entry.get("installer") == "conda"
    ]
    if conda:
        plan.package_notes.append(f"OTHER BUILD: conda installed {_listed(conda)}; an index has other builds of them.")
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


# -------------------------------------------------------------------------------------------------------------- facts


def _value(manifest: Manifest, key: str) -> JsonValue:
    """A fact's value; None when it has none."""
    fact = manifest.predicate.facts.get(key)
    return fact.value if fact is not None and fact.state == "value" else None


def _text(manifest: Manifest, key: str) -> str | None:
    value = _value(manifest, key)
    return value if isinstance(value, str) else None


def _missing(manifest: Manifest, key: str) -> str:
    """Why a fact cannot be used, as a sentence."""
    fact = manifest.predicate.facts.get(key)
    if fact is None:
        return f"the manifest has no fact {key}."
    if fact.state == "value":
        return f"the fact {key} is {shown(fact.value)}, which cannot be used here."
    return f"the fact {key} is {fact.state} ({shown(fact.reason)})."
