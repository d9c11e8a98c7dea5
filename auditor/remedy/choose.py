"""
Chooses the smallest set of settings that cures an audit's findings: a set cover that prefers measured cures.

A check's declaration comes from our own catalogue, never from the manifest, which is untrusted. The manifest's
variables are used only for checks that this version does not know, and only variables that can change results.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence

from pydantic import JsonValue

from ..catalogue.catalogue import CheckInfo
from ..container.specs import variables as specified
from ..container.specs.plan import text, value
from ..factors.cures import CURES
from ..factors.flag_lists import LISTS_OF_FLAGS
from ..manifest.models import Finding, Manifest
from ..manifest.queries import of_outcome
from ..manifest.strict_json import shown
from ..quoting import dockerfile
from .model import ByHand, Choice, Remedy, Treatment

MOST_EXACT = 10
"""Up to this many treatments every subset is tried (1024); more are chosen greedily."""
GPU_FACTS = {"torch": "torch.build.cuda", "tensorflow": "tensorflow.build.cuda"}
GPU_BACKENDS = ("gpu", "cuda", "rocm")
VERSION_WORDS = re.compile(
    r"(?:chang\w+ the version of|updat\w+|upgrad\w+) `?(torch|tensorflow|jaxlib|jax|keras|numpy)\b", re.IGNORECASE
)
"""The wording with which our remedies name a package to change; a test checks them."""

CandidateTreatments = dict[Treatment, bool]
"""The treatments that may cure one finding, and whether the audit measured that they do."""


def choose(manifest: Manifest, checks: Mapping[str, CheckInfo], only: Sequence[str] = ()) -> Remedy:
    """The remedy of a manifest's failed findings, or of those that are named; `checks` is our own catalogue, by id."""
    failed = [finding for finding in of_outcome(manifest.predicate.findings, "fail") if _wanted(finding, only)]
    gpus = {name for name in (*GPU_FACTS, "jax") if _on_gpu(manifest, name)}
    notes: list[str] = []
    options = {finding.check: _options(finding, checks.get(finding.check), gpus, notes) for finding in failed}
    chosen = _smallest(options)
    choices = tuple(choice for one in chosen if (choice := _choice(one, options)).cures)
    covered = {check for choice in choices for check in choice.cures}
    return Remedy(
        choices,
        tuple(_by_hand(finding, manifest, options) for finding in failed if finding.check not in covered),
        {finding.check: finding.severity for finding in failed},
        tuple(notes),
    )


def _wanted(finding: Finding, only: Sequence[str]) -> bool:
    return not only or finding.check in only


def _on_gpu(manifest: Manifest, framework: str) -> bool:
    """Whether the audited framework uses a GPU, or is built for one."""
    if framework == "jax":
        return text(manifest, "jax.backend") in GPU_BACKENDS
    return bool(value(manifest, GPU_FACTS[framework]))


def _choice(treatment: Treatment, options: Mapping[str, CandidateTreatments]) -> Choice:
    cured = tuple(check for check, mine in options.items() if treatment in mine)
    return Choice(treatment, cured, tuple(check for check in cured if options[check][treatment]))


# ------------------------------------------------------------------------------------------ what may cure a finding


def _options(finding: Finding, check: CheckInfo | None, gpus: Iterable[str], notes: list[str]) -> CandidateTreatments:
    """The treatments that may cure a finding: measured and declared cures, without those measured not to cure it."""
    found: CandidateTreatments = {}
    refused: list[Treatment] = []
    framework = (check.on or check.framework) if check else finding.framework
    effects = _effects(finding)
    for name in _candidates(finding, check, effects):
        treatment = _of_cure(name, framework, gpus)
        if effects.get(name) == "differs":
            refused.append(treatment)
        elif treatment.variables or treatment.code:
            found[treatment] = effects.get(name) == "identical"
    declared = check.remedy_env if check else _of_a_stranger(finding, notes)
    treatment = Treatment(tuple(sorted(declared.items())))
    if declared and treatment not in refused:
        found.setdefault(treatment, False)
    return found


def _effects(finding: Finding) -> dict[str, str]:
    """Cure to what the audit measured of it: `identical`, `differs`, `not proven`, `not measured`."""
    under = finding.evidence.get("under")
    return {name: str(effect) for name, effect in under.items() if name in CURES} if isinstance(under, dict) else {}


def _candidates(finding: Finding, check: CheckInfo | None, effects: Mapping[str, str]) -> list[str]:
    """
    The cures to consider: the declared one, and those that were measured (the ineffective ones are then refused).

    If a factor changes the results, only a cure that fixes exactly this factor is considered.
    """
    moved = _names(finding.evidence.get("factors"))
    if moved:
        return [name for name, cure in CURES.items() if set(cure.settings) == moved and not effects]
    declared = [check.cure] if check and check.cure in CURES else []
    return list(dict.fromkeys([*declared, *(name for name in effects if effects[name] in ("identical", "differs"))]))


def _names(found: JsonValue) -> set[str]:
    return set(found) if isinstance(found, dict) else set()


def _of_cure(name: str, framework: str, gpus: Iterable[str]) -> Treatment:
    cure = CURES[name]
    variables = cure.variables_for(framework, gpu=framework in gpus)
    code = cure.code_for(framework)
    return Treatment(tuple(sorted(variables.items())), framework if code else "", code, name, cure.price)


def _of_a_stranger(finding: Finding, notes: list[str]) -> dict[str, str]:
    """The variables that a manifest names for an unknown check; untrusted, so only those that can change results."""
    deciding = specified.deciding(finding.remedy_env)
    usable = {
        name: wanted
        for name, wanted in finding.remedy_env.items()
        if name in deciding and dockerfile.VARIABLE.fullmatch(name) and dockerfile.usable_value(wanted)
    }
    notes += [
        f"LEFT OUT: the manifest asks for the variable {shown(name)} on behalf of {shown(finding.check)}, a check that "
        "this version does not know; it does not change results, or has no literal form."
        for name in sorted(finding.remedy_env.keys() - usable.keys())
    ]
    return usable


# ------------------------------------------------------------------------------------------------- the set cover


def _smallest(options: Mapping[str, CandidateTreatments]) -> tuple[Treatment, ...]:
    """The treatments that cure the most findings, preferring measured cures, then low price, then few settings."""
    candidates = list(dict.fromkeys(one for mine in options.values() for one in mine))
    if len(candidates) > MOST_EXACT:
        return _greedy(candidates, options)
    sizes = range(len(candidates) + 1)
    subsets = itertools.chain.from_iterable(itertools.combinations(candidates, size) for size in sizes)
    return min((subset for subset in subsets if _compatible(subset)), key=lambda subset: _cost(subset, options))


def _greedy(candidates: Sequence[Treatment], options: Mapping[str, CandidateTreatments]) -> tuple[Treatment, ...]:
    """Add the best treatment repeatedly, as long as it improves the set."""
    chosen: tuple[Treatment, ...] = ()
    while True:
        larger = [(*chosen, one) for one in candidates if one not in chosen and _compatible((*chosen, one))]
        best = min(larger, key=lambda subset: _cost(subset, options), default=chosen)
        if _cost(best, options) >= _cost(chosen, options):
            return chosen
        chosen = best


def _compatible(subset: Iterable[Treatment]) -> bool:
    """Whether no two of them set one variable to different values; lists of flags are joined."""
    values: dict[str, str] = {}
    pairs = [pair for treatment in subset for pair in treatment.variables]
    return all(name in LISTS_OF_FLAGS or values.setdefault(name, wanted) == wanted for name, wanted in pairs)


def _cost(subset: Sequence[Treatment], options: Mapping[str, CandidateTreatments]) -> tuple[int, int, int, int]:
    """Uncured findings, findings cured only by declaration, price, number of settings."""
    left = sum(not any(one in mine for one in subset) for mine in options.values())
    measured = sum(any(mine.get(one) for one in subset) for mine in options.values())
    settings = {(one.framework, item) for one in subset for item in (*one.variables, *one.code)}
    return left, len(options) - left - measured, sum(one.price for one in subset), len(settings)


# ---------------------------------------------------------------------------------------------------- what is left


def _by_hand(finding: Finding, manifest: Manifest, options: Mapping[str, CandidateTreatments]) -> ByHand:
    differs = [name for name, effect in _effects(finding).items() if effect == "differs"]
    reason = f"measured to be ineffective: {', '.join(differs)}" if differs else ""
    if options[finding.check]:
        reason = "its cure contradicts another setting of the remedy"
    names = dict.fromkeys(name.lower() for name in VERSION_WORDS.findall(finding.remedy))
    packages = tuple(_with_version(name, manifest) for name in names)
    return ByHand(finding.check, finding.severity, finding.remedy, packages, reason)


def _with_version(package: str, manifest: Manifest) -> str:
    found = value(manifest, "python.distributions")
    entry = found.get(package) if isinstance(found, dict) else None
    version = entry.get("version") if isinstance(entry, dict) else entry
    return f"{package} (audited: {version})" if isinstance(version, str) else package
