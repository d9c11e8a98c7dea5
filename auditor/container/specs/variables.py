"""The environment variables that can change results: the audited ones, and those of the remedies."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from pydantic import JsonValue

from ...factors.flag_lists import LISTS_OF_FLAGS
from ...manifest.models import Manifest
from ...manifest.queries import environment_variables
from ...manifest.strict_json import shown
from ...privacy.identity_shapes import TOKEN
from ...quoting import dockerfile
from ...shipped import folder
from .plan import Plan, listed, missing, value


def choose(manifest: Manifest, plan: Plan) -> None:
    """Choose the variables, and note those that are left out, with the reason."""
    said = plan.environment_notes
    audited = value(manifest, "env")
    if not isinstance(audited, dict):
        said.append(f"ASSUMED: {missing(manifest, 'env')} No variable of the audited environment is set here.")
        audited = {}
    names = deciding(audited)
    for name in names:
        _set(plan, name, audited[name], "the audited environment")
    rest = sorted(audited.keys() - set(names))
    if rest:
        said.append(f"Not set here, since they belong to a machine or do not change numbers: {listed(rest)}.")
    for name, wanted in environment_variables(manifest.predicate.findings).items():
        chosen, *others = wanted
        origin = f"the remedy of {', '.join(shown(check) for check in wanted[chosen])}"
        if name in LISTS_OF_FLAGS:
            chosen = " ".join(dict.fromkeys(" ".join((plan.environment.get(name, ""), *wanted)).split()))
        elif others:
            said.append(f"CONFLICT: {shown(name)} is set by {origin}; other remedies ask for {shown(others)}.")
        if deciding([name]):
            _set(plan, name, chosen, origin)
        else:
            said.append(f"LEFT OUT: {shown(name)} from {origin}: this variable is not known to change numbers.")


def deciding(names: Iterable[str]) -> list[str]:
    """Those of the names that `containers/variables.txt` lists, sorted."""
    lines = (folder("containers") / "variables.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if not line.startswith(("#", "!"))]
    refused = [line[1:] for line in lines if line.startswith("!")]
    return sorted(name for name in names if _matches(name, wanted) and not _matches(name, refused))


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _set(plan: Plan, name: str, value: JsonValue, origin: str) -> None:
    """Set one variable, or note why it is left out."""
    if not isinstance(value, str) or "redacted" in value.lower() or "<path>" in value or TOKEN.search(value):
        plan.environment_notes.append(f"LEFT OUT: {shown(name)}: its value was redacted, tokenised, or is no text.")
    elif not dockerfile.VARIABLE.fullmatch(name) or not dockerfile.usable_value(value):
        plan.environment_notes.append(f"LEFT OUT: {shown(name)} from {origin} has no literal form in a Dockerfile.")
    else:
        plan.environment[name] = value
        plan.environment_notes.append(f"{name}: from {origin}.")
