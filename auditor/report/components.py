"""CycloneDX 1.6 as JSON: packages, frameworks, interpreter and system as components; all other facts as properties."""

from __future__ import annotations

import re
import uuid
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.tool import ToolRepository
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.utils import InvalidName, canonicalize_name

from ..frameworks import FRAMEWORKS
from ..manifest.models import Fact
from ..manifest.strict_json import canonical
from ..quoting.inert import visible
from . import moment
from .paper import reference
from .source import Reported

NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
"""`uuid.NAMESPACE_URL`: serial numbers are UUIDs of the address `urn:auditor:manifest:sha256:DIGEST`."""
PREFIX = "auditor:"
DISTRIBUTIONS = "python.distributions"
SHOWN_ROLES = ("software", "machine")
"""Facts of other roles change from one run to the next, or identify a machine."""
ALGORITHMS = {
    "sha256": (HashAlgorithm.SHA_256, 64),
    "sha384": (HashAlgorithm.SHA_384, 96),
    "sha512": (HashAlgorithm.SHA_512, 128),
}
HASH = re.compile(r"(sha256|sha384|sha512)=([0-9a-f]+)")
VCS = ("git", "hg", "svn", "bzr")
OF_FRAMEWORK = {
    "torch": ("torch",),
    "tensorflow": ("tensorflow", "tensorflow-cpu", "tensorflow-intel", "tf-nightly"),
    "jax": ("jax", "jaxlib"),
}
"""Framework to the distributions that install it."""


def render(reported: Reported) -> str:
    """The whole file. Raises ManifestError for a manifest that does not say when its audit finished."""
    facts = reported.manifest.predicate.facts
    environment = Component(
        name="audited-environment",
        type=ComponentType.PLATFORM,
        bom_ref="audited-environment",
        properties=[*_about(reported), *_properties(facts)],
    )
    contained = [*_packages(facts), *_interpreter(facts), *_system(facts)]
    bom = Bom(
        serial_number=uuid.uuid5(NAMESPACE, f"urn:auditor:manifest:sha256:{reported.sha256}"),
        metadata=BomMetaData(
            timestamp=moment.finished(reported.manifest.predicate.run.finished_on),
            tools=ToolRepository(components=[_tool(reported)]),
            component=environment,
        ),
        components=contained,
    )
    bom.register_dependency(environment, contained)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a program's log, not of a file
        return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _tool(reported: Reported) -> Component:
    version = visible(reported.manifest.predicate.auditor.version)
    return Component(name="auditor", type=ComponentType.APPLICATION, version=version, bom_ref="auditor")


def _about(reported: Reported) -> Iterator[Property]:
    yield Property(name=f"{PREFIX}manifest", value=f"sha256:{reported.sha256}")
    yield Property(name=f"{PREFIX}signature", value=reference.vouched(reported))
    yield Property(name=f"{PREFIX}verify", value=reported.check)
    for subject in reported.manifest.subject:
        digest = subject.digest.sha256 and f"sha256:{subject.digest.sha256}"
        commit = subject.digest.git_commit and f"gitCommit:{subject.digest.git_commit}"
        yield Property(name=f"{PREFIX}subject:{visible(subject.name)}", value=digest or commit)


def _properties(facts: Mapping[str, Fact]) -> Iterator[Property]:
    """Every fact with a value that has no field of its own, by its key; hardware among them."""
    for key, fact in sorted(facts.items()):
        if fact.state == "value" and fact.role in SHOWN_ROLES and key != DISTRIBUTIONS:
            yield Property(name=f"{PREFIX}{visible(key)}", value=_text(fact.value))


def _text(value: Any) -> str:
    return visible(value if isinstance(value, str) else canonical(value).decode())


def _packages(facts: Mapping[str, Fact]) -> Iterator[Component]:
    found = facts.get(DISTRIBUTIONS)
    listed = found.value if found and found.state == "value" and isinstance(found.value, dict) else {}
    for name, one in sorted(listed.items()):
        told = one if isinstance(one, dict) else {"version": one}
        yield _package(visible(name), {key: _text(value) for key, value in told.items()})


def _package(name: str, told: Mapping[str, str]) -> Component:
    version = told.get("version", "")
    url = _package_url(name, version, told)
    framework = next((one for one in FRAMEWORKS if name in OF_FRAMEWORK[one]), "")
    kept = {key: value for key, value in told.items() if key != "version"} | (
        {"framework": framework} if framework else {}
    )
    return Component(
        name=name,
        version=version or None,
        type=ComponentType.FRAMEWORK if framework else ComponentType.LIBRARY,
        bom_ref=url.to_string() if url else f"package:{name}",
        purl=url,
        hashes=[*_hashes(told.get("archive_hash", ""))],
        properties=[Property(name=f"{PREFIX}{visible(key)}", value=value) for key, value in sorted(kept.items())],
    )


def _package_url(name: str, version: str, told: Mapping[str, str]) -> PackageURL | None:
    """The package's URL; None for a name that no index can hold. Where it came from an address, this is in it."""
    try:
        valid = canonicalize_name(name, validate=True) == name
    except InvalidName:
        valid = False
    if not valid or not version:
        return None
    address, origin = told.get("url", ""), told.get("origin", "")
    qualifiers = {}
    if address and origin in VCS:
        qualifiers["vcs_url"] = f"{origin}+{address}@{told.get('commit', '')}"
    elif address:
        qualifiers["download_url"] = address
    return PackageURL("pypi", name=name, version=version, qualifiers=qualifiers)


def _hashes(text: str) -> Iterator[HashType]:
    """What pip recorded of an archive (PEP 610); the hash of a wheel from an index is recorded nowhere."""
    for word in text.split():
        found = HASH.fullmatch(word)
        if found and len(found[2]) == ALGORITHMS[found[1]][1]:
            yield HashType(alg=ALGORITHMS[found[1]][0], content=found[2])


def _interpreter(facts: Mapping[str, Fact]) -> Iterator[Component]:
    name, version = _value(facts, "python.implementation"), _value(facts, "python.version")
    if name:
        yield Component(name=name, version=version or None, type=ComponentType.PLATFORM, bom_ref="python")


def _system(facts: Mapping[str, Fact]) -> Iterator[Component]:
    name, version = _value(facts, "host.os.id"), _value(facts, "host.os.version")
    if name:
        yield Component(name=name, version=version or None, type=ComponentType.OPERATING_SYSTEM, bom_ref="system")


def _value(facts: Mapping[str, Fact], key: str) -> str:
    fact = facts.get(key)
    return _text(fact.value) if fact is not None and fact.state == "value" and fact.value not in (None, "") else ""
