"""
Decides whether an image rebuilds a manifest's environment: a pure function of both manifests.

The software is the same if the `software-environment` subjects are equal and every wheel has the same files. The
results are the same if every value that is stable on both sides is equal. Facts that a confined container cannot see,
or sees differently (its network, its folder), are ignored. Checks of settings are ignored too, since the specification
changes settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from ..compare import Comparison, FactDifference, compare, of_manifest
from ..compare.entries import EntryState
from ..compare.groups import Outcomes, grouped, outcomes
from ..compare.readings import tried_in_vain
from ..manifest.models import Manifest, Pair, Rebuild
from ..manifest.profiles import SOFTWARE, SOFTWARE_PROFILE_V1
from ..manifest.strict_json import shown

OF_THE_PLACE = (
    *("code.", "compilers.", "host.cloud.", "host.container", "host.network.", "host.packages", "host.cuda.toolkit"),
    *("job.", "run."),
)
"""Key prefixes that no specification rebuilds: the checkout, compilers, facts that a container cannot see."""
FILES = "python.distributions."
"""Key prefix of facts about installed files."""
RECORDS = f"{FILES}records"
PATCHES = tuple(f"{FILES}{word}" for word in ("changed", "missing", "resized"))
CHOSEN = ".libraries.runtimes"
"""Key suffix of runtime choices of libraries, which depend on the processor or on a variable."""
LINTS = "environment-"
"""Prefix of the ids of checks that read settings."""
TEXT_CHARACTERS = 200


def judge(first: Manifest, first_sha256: str, second: Manifest) -> Rebuild:
    """
    The answer, with what differs.

    Args:
        first: the manifest to rebuild.
        first_sha256: the digest of its payload.
        second: the manifest of the audit inside the image.
    """
    found = compare(of_manifest(first), of_manifest(second))
    differing = [one for one in found.facts if one.outcome == "differs" and one.effect != "cannot"]
    beside = [one for one in differing if not one.key.startswith((*OF_THE_PLACE, FILES)) and not _of_software(one)]
    machine = [one for one in beside if _role(first, second, one) == "machine" and not one.key.endswith(CHOSEN)]
    settings = [one for one in beside if _role(first, second, one) == "software" or one.key.endswith(CHOSEN)]
    software = [one for one in found.facts if one.outcome == "differs" and _of_software(one)]
    named = {one.entry for one in software}
    wheels = [one for one in differing if one.key == RECORDS and one.entry not in named]
    patched = _patched(first, second)
    cured = _cured(first, second)
    moved = _moved(found, cured)
    compared = dict(_compared(first, second))
    problems = [*_problems(first, second, found), *_nothing(compared), *_doubted(first, second, moved)]
    proven = moved and not _doubted(first, second, moved)
    equal = _digest(first) == _digest(second) if _whole(first, second) else not software
    same = equal and not wheels and not patched
    return Rebuild(
        verdict=_verdict(same=same, moved=bool(proven), machine=bool(machine), problems=bool(problems)),
        manifest_sha256=first_sha256,
        checks=len(compared),
        values=sum(compared.values()),
        software={**_pairs((*software, *wheels)), **patched},
        machine=_pairs(machine),
        settings=_pairs(settings),
        readings=moved,
        cured=cured,
        problems=problems,
    )


def _verdict(
    *, same: bool, moved: bool, machine: bool, problems: bool
) -> Literal["rebuilt", "rebuilt-differs", "not-rebuilt", "inconclusive"]:
    """
    Different results with the same software are attributed to the machine if it differs, otherwise to the image.

    Missing measurements do not excuse an observed difference, but can hide one.
    """
    if not same or (moved and not machine):
        return "not-rebuilt"
    if problems:
        return "inconclusive"
    return "rebuilt-differs" if machine else "rebuilt"


def _patched(first: Manifest, second: Manifest) -> dict[str, Pair]:
    """Files of the image that differ from their wheels' records, but did not in the manifest."""
    found = {}
    for key in PATCHES:
        before = set(_lines(first, key))
        for line in _lines(second, key):
            if line not in before:
                found[f"{key}/{shown(line)}"] = Pair(manifest="not recorded", image=line[:TEXT_CHARACTERS])
    return found


def _lines(manifest: Manifest, key: str) -> list[str]:
    fact = manifest.predicate.facts.get(key)
    told = fact.value if fact is not None and fact.state == "value" else None
    return [line for line in told if isinstance(line, str)] if isinstance(told, list) else []


def _of_software(one: FactDifference) -> bool:
    return one.key in SOFTWARE_PROFILE_V1


def _whole(*manifests: Manifest) -> bool:
    """Whether all have the `software-environment` subject, which a partial audit lacks."""
    return all(_digest(manifest) is not None for manifest in manifests)


def _digest(manifest: Manifest) -> str | None:
    return next((subject.digest.sha256 for subject in manifest.subject if subject.name == SOFTWARE), None)


def _role(first: Manifest, second: Manifest, one: FactDifference) -> str:
    fact = first.predicate.facts.get(one.key) or second.predicate.facts.get(one.key)
    return fact.role if fact else ""


def _pairs(differences: Iterable[FactDifference]) -> dict[str, Pair]:
    return {one.name: Pair(manifest=_text(one.a, one.b), image=_text(one.b, one.a)) for one in differences}


def _text(told: EntryState, other: EntryState) -> str:
    """A package's version if versions differ, else the value as JSON, or the state of a fact without a value."""
    if told.state != "value":
        return f"{told.state}: {told.reason}" if told.reason else told.state
    version = _version(told)
    text = version if version and version != _version(other) else shown(told.value)
    return text if len(text) <= TEXT_CHARACTERS else f"{text[:TEXT_CHARACTERS]}..."


def _version(told: EntryState) -> str:
    version = told.value.get("version") if isinstance(told.value, dict) else ""
    return version if isinstance(version, str) else ""


# ---------------------------------------------------------------------------------------------------------- bits


def _cured(first: Manifest, second: Manifest) -> list[str]:
    """Checks that failed in the manifest and pass in the image."""
    after = {one.check: one.outcome for one in second.predicate.findings}
    failed = [one.check for one in first.predicate.findings if one.outcome == "fail"]
    return sorted(check for check in failed if after.get(check) == "pass")


def _moved(found: Comparison, cured: Iterable[str]) -> dict[str, list[str]]:
    """Check to the names of its differing values, without cured checks and checks of settings."""
    names: dict[str, set[str]] = {}
    for reading in found.readings:
        if reading.outcome == "differs":
            names.setdefault(reading.check, set()).update(reading.names)
    for table in found.operators:
        if table.differing:
            names.setdefault(table.check, set()).update(one.name for one in table.differing)
    meant = {*cured, *(check for check in names if check.startswith(LINTS))}
    return {check: sorted(members) for check, members in sorted(names.items()) if check not in meant}


def _compared(first: Manifest, second: Manifest) -> Iterator[tuple[str, int]]:
    """Each check that both sides measured, with the number of its values that are stable on both."""
    left, right = grouped(first.predicate.readings), grouped(second.predicate.readings)
    for check in sorted({*left} & {*right}):
        if check.startswith(LINTS):
            continue
        told = [outcomes(left[check][one], right[check][one], set()) for one in {*left[check]} & {*right[check]}]
        if told:
            yield check, sum(map(_steady, told))


def _steady(told: Outcomes) -> int:
    return len(told.alike) + len(told.differing)


# ------------------------------------------------------------------------------------------------------ problems


def _problems(first: Manifest, second: Manifest, found: Comparison) -> list[str]:
    """The limitations that may hide a difference."""
    told = []
    if not _whole(first, second):
        told.append("one side is a partial audit without the whole software environment")
    measured = {one.check for one in second.predicate.readings}
    lost = sorted({one.check for one in first.predicate.readings} - measured)
    if lost:
        told.append(f"the image gave no reading of {', '.join(lost)}")
    vain = [name for name in tried_in_vain(of_manifest(first), of_manifest(second)) if name not in lost]
    if vain:
        told.append(f"one side could not measure {', '.join(vain)}")
    if any(one.outcome == "incomparable" for one in found.readings):
        told.append("the digests of the two sides use different algorithms")
    if any(table.other_inputs for table in found.operators):
        told.append("some operators had different inputs, so their results were not compared")
    return told


def _doubted(first: Manifest, second: Manifest, moved: Iterable[str]) -> list[str]:
    """A note if the payloads differ: the same name may then stand for another measurement."""
    if first.predicate.auditor.payload_sha256 == second.predicate.auditor.payload_sha256 or not moved:
        return []
    return [
        f"another version of auditor measured the manifest, so different values of {', '.join(moved)} are not evidence"
    ]


def _nothing(compared: dict[str, int]) -> Iterator[str]:
    if not any(compared.values()):
        yield "no value was measured on both sides, so the results could not be compared"
