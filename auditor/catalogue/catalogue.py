"""The catalogue of checks: what the payload declares, validated, and the selection of what to run."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field, JsonValue, ValidationError, model_validator

from ..errors import AuditorError, UsageError, nearest
from ..factors.factors import CURE_SETTINGS, FACTORS, PART
from ..interpreter import conversation
from ..interpreter.conversation import Request
from ..interpreter.launcher import Here
from ..interpreter.replies import Crashed, Failed, NotApplicable, Ok, Ready
from ..manifest.models import Frozen, Kind, Reading, Severity
from ..manifest.queries import OWN
from ..shipped import payload_digest
from . import cache, severities

Tier = Literal["quick", "full"]
PARTLY = ("-every-operator", "-every-layer", "-compiled-sizes", "-operator-matrix")
"""Contracts of which a tier measures a part of the cases."""
QUICKLY = ("-operator-matrix",)
"""Contracts of which the quick tier measures a smaller part, without what needs a process of its own."""
SAMPLED = (
    "torch-every-operator",
    "torch-every-operator-threads",
    "tensorflow-every-operator",
    "tensorflow-every-operator-compiled",
    "tensorflow-every-layer",
    "tensorflow-operator-matrix",
    "tensorflow-compiled-sizes",
    "jax-every-operator",
    "jax-operator-matrix",
    "jax-compiled-sizes",
)
"""Checks of which the full tier measures a fixed part, since all cases take it beyond ten minutes; `--all` all."""


class CheckInfo(Frozen):
    """One check's declaration and the text of its docstring."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)+$")
    framework: str
    title: str
    """The claim: the docstring's first line."""
    why: str
    """Why it matters."""
    remedy: str
    """What to do when it fails."""
    severity: Severity
    kind: Kind = "release"
    tier: Tier
    rule: Literal["identical", "within", "expected", "different", "staged"]
    across: tuple[str, ...]
    needs: tuple[str, ...] = ()
    isolates: bool = False
    last: bool = False
    together: str = ""
    quiet: bool = False
    compiles: bool = False
    repeats: int = Field(default=2, ge=1)
    cure: str = ""
    explains: tuple[str, ...] = ()
    unexplained: dict[str, str] = {}
    requires: dict[str, int] = {}
    documented: dict[str, str] = {}
    remedy_env: dict[str, str] = {}
    on: Literal["", "torch", "tensorflow", "jax"] = ""
    under: dict[str, str] = {}

    @model_validator(mode="after")
    def _order_needs_a_process_of_its_own(self) -> CheckInfo:
        if (self.last or self.together) and not self.isolates:
            raise ValueError("`last` and `together` need `isolates`: without it other checks may follow in its process")
        return self

    @property
    def steady(self) -> dict[str, str]:
        """The settings of all the check's processes, recorded in each reading; only an arm that names one varies it."""
        return {**self.under, **({"compile-cache": "own"} if self.compiles else {})}

    @property
    def fixed(self) -> frozenset[str]:
        """The names of those settings that no arm varies."""
        return frozenset(self.steady) - frozenset(self.across)


class FactGroup(Frozen):
    """One file of facts: its keys, and in which process and when it is read."""

    name: str
    framework: str = ""
    """The framework in whose process it is read; empty if it needs none."""
    when: Literal["before", "after"] = "before"
    """Whether it is read before the checks or after them."""
    apart: bool = False
    """Whether it imports something of its own and so needs its own process."""
    keys: dict[str, dict[str, str]] = {}
    """Key to its role, meaning and unit."""


class Catalogue(Frozen):
    """All checks and fact groups of the payload."""

    checks: tuple[CheckInfo, ...]
    groups: tuple[FactGroup, ...]

    def check(self, check_id: str) -> CheckInfo:
        """The check of that id. Raises UsageError, with the nearest id, for an unknown one."""
        _refuse_unknown(self.checks, [check_id])
        return next(check for check in self.checks if check.id == check_id)


def load(*, only_facts: bool = False, checks_from: str = "") -> Catalogue:
    """
    The shipped payload's catalogue, sorted by id; our own interpreter reads it, since it needs no framework.

    `only_facts` leaves out the checks, whose files take most of the time to read. The result is cached by the
    payload's digest and that of the table of severities. `checks_from` is a folder of the user's own checks, added as
    `own-NAME`; it is read each time.
    """
    if checks_from:
        return _read({"checks_from": checks_from})
    digest = payload_digest(conversation.payload_folder())
    kept = cache.place(digest, "facts" if only_facts else f"{severities.digest()}-everything")
    with contextlib.suppress(ValidationError):  # written by another program, or truncated: read and cache it again
        return Catalogue.model_validate_json(cache.read(kept) or b"")
    read = _read({"only": "facts"} if only_facts else {})
    cache.write(kept, read.model_dump_json(by_alias=True).encode())
    return read


def _read(context: Mapping[str, str]) -> Catalogue:
    checks, groups = [], []
    request = Request("list", context=context)
    for reply in conversation.ask(Here(sys.executable), request):
        match reply:
            case Ready():
                continue
            case Ok(facts=""):
                checks.append(_validated(reply))
            case Ok():
                groups.append(_group(reply))
            case Failed():
                raise _unreadable(reply)
            case Crashed(problem=problem) if conversation.NO_ROOM in problem:
                raise AuditorError(
                    f"the catalogue cannot be read: {conversation.NO_ROOM}",
                    "Nothing was measured. Make room there, or set TMPDIR to another folder.",
                )
            case NotApplicable() | Crashed():
                raise AuditorError(
                    f"the catalogue cannot be read: {reply}",
                    "Nothing was measured. This is a defect of auditor or of its installation: install it again.",
                )
    return Catalogue(checks=tuple(sorted(checks, key=lambda check: check.id)), groups=tuple(groups))


def _unreadable(reply: Failed) -> AuditorError:
    """The error of a check file that cannot be loaded: a UsageError for the user's own file."""
    name = reply.check or reply.facts or reply.stage
    told = f"{reply.error}: {reply.message}"
    if reply.check.startswith(OWN):
        return UsageError(
            f"your check {name} cannot be loaded: {told}",
            f"Nothing was measured. A check's file imports frameworks inside `measure` only.\n{reply.traceback}",
        )
    return AuditorError(
        f"the catalogue cannot be read at {name}: {told}",
        "Nothing was measured. This is a defect of auditor or of its installation: install it again.",
    )


def _group(reply: Ok) -> FactGroup:
    return FactGroup(name=reply.facts, framework=reply.framework, when=reply.when, apart=reply.apart, keys=reply.keys)


def as_measured(checks: Sequence[CheckInfo], readings: Sequence[Reading]) -> list[CheckInfo]:
    """The checks that have a reading, each with the cases of its readings."""
    told: dict[str, dict[str, str]] = {}
    for reading in readings:
        told.setdefault(reading.check, {}).update(reading.settings)
    return [
        _with_cases(check, everything="all" in told[check.id], part=told[check.id].get(PART, ""))
        for check in checks
        if check.id in told
    ]


def _with_cases(check: CheckInfo, *, everything: bool, part: str) -> CheckInfo:
    """The check with all of its cases, with the part of a tier (`quick`, `full`), or as it is."""
    if everything and any(contract in check.id for contract in PARTLY):
        return check.model_copy(update={"under": {**check.under, "all": "1"}})
    if part == "full" and check.id in SAMPLED:
        return check.model_copy(update={"under": {**check.under, PART: part}})
    if part == "quick" and check.id.endswith(QUICKLY):
        compiles = check.framework == "jax"  # it compiles every operation; the part holds no cell that others compile
        changed = {"under": {**check.under, PART: part}, "isolates": False, "compiles": compiles}
        return check.model_copy(update=changed)
    return check


def select(
    checks: Sequence[CheckInfo],
    *,
    tier: Tier = "quick",
    frameworks: Sequence[str] = (),
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    require: Sequence[str] = (),
    all_cases: bool = False,
) -> list[CheckInfo]:
    """
    The checks to run. A named or required check runs in any tier, and whole. Raises UsageError for an unknown name.

    `all_cases`: checks that measure a part of many cases measure them all (`--all`).

    Checks of Python and of the environment also run when frameworks are given, since they apply to each framework.
    """
    _refuse_unknown(checks, (*only, *skip, *require))
    wanted = set(frameworks) | {"python", "environment"} if frameworks else None
    named = {*only, *require}
    return [
        _with_cases(check, everything=all_cases, part="" if check.id in named else tier)
        for check in checks
        if check.id not in skip
        and (
            check.id in named
            or (
                not only
                and tier in ("full", check.tier)
                and (wanted is None or (check.on or check.framework) in wanted)
            )
        )
    ]


def _refuse_unknown(checks: Sequence[CheckInfo], names: Sequence[str]) -> None:
    known = {check.id for check in checks}
    for name in names:
        if name not in known:
            raise UsageError(
                f"there is no check {name!r}", f"Nothing was run. `auditor list` shows all.{nearest(name, known)}"
            )


def _validated(reply: Ok) -> CheckInfo:
    title, why, remedy = sections(reply.doc)
    try:
        info = CheckInfo.model_validate(
            {
                "id": reply.check,
                "framework": reply.framework,
                "title": title,
                "why": why,
                "remedy": remedy,
                **reply.declaration,
                **_weight(reply),
            }
        )
    except ValidationError as problem:
        told = f"the check {reply.check} has an invalid declaration: {problem}"
        if reply.check.startswith(OWN):
            raise UsageError(
                told, "Nothing was measured. Correct the declaration; docs/how-to/your-own-checks.md has its fields."
            ) from None
        raise AuditorError(told) from problem
    _refuse_unknown_factors(info)
    return info


def _weight(reply: Ok) -> dict[str, JsonValue]:
    """Severity and kind of a shipped check; a user's own check declares its severity, and is theirs to set up."""
    if reply.check.startswith(OWN):
        return {"kind": "setup"}
    if row := severities.row_of(reply.check):
        return {"severity": row.severity, "kind": row.kind}
    return {"severity": reply.declaration.get("severity") or severities.UNLISTED}


def _refuse_unknown_factors(info: CheckInfo) -> None:
    for name in info.across:
        if name not in FACTORS and name not in ("repeat", "process", "perturbed"):
            raise AuditorError(f"the check {info.id} varies an unknown factor: {name}")
    for name in info.under:
        if name not in FACTORS:
            raise AuditorError(f"the check {info.id} is measured under an unknown setting: {name}")
    for name in (info.cure, *info.explains):
        if name and name not in CURE_SETTINGS and name not in FACTORS:
            raise AuditorError(f"the check {info.id} names an unknown cure: {name}")


def sections(doc: str) -> tuple[str, str, str]:
    """A check's docstring as (title, why, remedy), each paragraph on one line."""
    paragraphs = [" ".join(paragraph.split()) for paragraph in doc.strip().split("\n\n")]
    why = [text.removeprefix("Why:").strip() for text in paragraphs[1:] if not text.startswith("Remedy:")]
    remedy = [text.removeprefix("Remedy:").strip() for text in paragraphs if text.startswith("Remedy:")]
    return paragraphs[0] if paragraphs else "", "\n".join(why), "\n".join(remedy)
