"""The manifest: frozen models of facts, readings and findings, and their canonical bytes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    ConfigDict,
    Field,
    JsonValue,
    SerializerFunctionWrapHandler,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

from ..errors import ManifestError
from .asked import Asked
from .attached import Differing, Experiment, Left, Pair, Rebuild, Replay, Seeding, Varied
from .claim import Claim
from .parts import SEVERITIES, Frozen, Part, Severity, Sha256
from .profiles import MACHINE_PROFILE_V1, PREDICATE_TYPE, SOFTWARE_PROFILE_V1, STATEMENT_TYPE, check_versions
from .strict_json import NOTHING_READ, READ_LIMIT_BYTES, canonical, parse, shown

__all__ = [  # names of lower modules that are part of this interface; all others are defined here
    "MACHINE_PROFILE_V1",
    "PREDICATE_TYPE",
    "READ_LIMIT_BYTES",
    "SEVERITIES",
    "SOFTWARE_PROFILE_V1",
    "STATEMENT_TYPE",
    "Asked",
    "Claim",
    "Differing",
    "Experiment",
    "Frozen",
    "Left",
    "Pair",
    "Part",
    "Rebuild",
    "Replay",
    "Seeding",
    "Severity",
    "Sha256",
    "Varied",
    "canonical",
    "shown",
]

COMPLAINTS_SHOWN = 3

FactState = Literal["value", "not-applicable", "unknown", "error"]
Role = Literal["software", "machine", "volatile", "identity"]
Outcome = Literal["pass", "fail", "inconclusive", "not-applicable", "error"]
Kind = Literal["setup", "release"]
ReachState = Literal["reached", "not-reached", "unknown"]
Known = Literal["undocumented", "documented", "documented-and-cured"]
PrivacyMode = Literal["tokenised", "identified", "anonymous"]

GitCommit = Annotated[str, Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]


class Fact(Part):
    """Something read from the environment, without a verdict."""

    state: FactState
    """Whether there is a value, and if not, why not."""
    role: Role
    """What the fact describes, and so which subject's digest it may enter."""
    value: JsonValue = None
    """The value, when `state` is `value`."""
    source: str = ""
    """Where it was read: a file, a call, a command."""
    reason: str = ""
    """Why there is no value, when there is none."""


class Reading(Part):
    """What one call of one check's `measure` returned in one process."""

    check: str
    """The check's id."""
    process: str
    """The name of the process within this audit."""
    repeat: int = 0
    """Which call within that process, counted from 0."""
    settings: dict[str, str] = {}
    """What was changed against the user's environment: setting to value; empty for an untouched one."""
    values: dict[str, JsonValue]
    """Named fingerprints and numbers, and `conditions`: what the measurement depended on."""


class Reach(Part):
    """Whether the user's program reaches a defect of a release."""

    state: ReachState
    """`unknown`: no program was given, or it was not seen as a whole."""
    file: str = ""
    """Where the program reaches it."""
    line: int = 0
    """The 1-based line in that file; 0 if unknown."""
    count: int = 0
    """How often the program reached it."""
    operator: str = ""
    """The operator by which it is reached."""
    dtype: str = ""
    """The dtype of that operator's first tensor."""
    device: str = ""
    """The device of that tensor."""
    module: str = ""
    """The module of the model that was running; of a function that was compiled, its name."""
    backward: bool = False
    """Whether it is reached in the backward pass."""
    reason: str = ""
    """Why it is not reached, or why that is unknown."""


class Finding(Part):
    """A check's outcome after its rule was applied to its readings."""

    check: str
    """The check's id."""
    framework: str
    """`torch`, `tensorflow`, `jax`, `python` or `environment`."""
    outcome: Outcome
    """The outcome; `inconclusive` is never a pass."""
    severity: Severity
    """The effect of a failure on a user's results."""
    kind: Kind | None = None
    """Who decides: the user's environment or program, or the installed release. None in manifests before 0.3."""
    reach: Reach | None = None
    """For a failure of a release: whether the user's program reaches it."""
    known: Known | None = None
    """For a failure: whether the framework documents it, and whether its own cure was measured to work."""
    title: str
    """The claim that was checked."""
    message: str
    """What was measured, and how often."""
    evidence: dict[str, JsonValue] = {}
    """Numbers and names behind the message."""
    remedy: str = ""
    """What to do."""
    remedy_env: dict[str, str] = {}
    """Environment variables that the remedy sets, for container specifications."""


class AuditorInfo(Part):
    """Which program measured."""

    version: str
    """The host's version."""
    payload_sha256: Sha256
    """The digest over the payload's files."""
    own_checks_sha256: Sha256 | Literal[""] = ""
    """The digest over the user's own checks that were run (`--checks-from`); empty for none."""
    files_listed: bool = False
    """Whether a signed list of its folder's files was written with it: a folder without one then lacks it."""


class Run(Part):
    """When and how the audit ran."""

    started_on: str
    """UTC, RFC 3339."""
    finished_on: str
    """UTC, RFC 3339."""
    tier: Literal["quick", "full"]
    """Which tier of checks was asked for."""
    python: str
    """The audited interpreter's path."""
    python_reason: str = ""
    """Why this interpreter was chosen."""
    setup_sha256: str = ""
    """The digest of the `--setup` file, empty without one."""
    privacy: PrivacyMode = "identified"
    """How names, addresses and serial numbers are written: as keyed digests, unchanged, or not at all."""
    asked: Asked | None = None
    """The options that the audit ran with. None in manifests before 0.3, and of replays."""


class Predicate(Part):
    """Everything that one audit recorded."""

    auditor: AuditorInfo
    run: Run
    facts: dict[str, Fact]
    defaults: dict[str, Fact] = {}
    """With a set-up file: the facts that it changed, as a bare interpreter has them."""
    readings: list[Reading]
    findings: list[Finding]
    replays: list[Replay] = []
    """Experiments that were replayed in this environment."""
    experiment: Experiment | None = None
    """The program that the audit is about, if one was given."""
    rebuilds: list[Rebuild] = []
    """Manifests that this environment, an image, was compared with."""
    claims: list[Claim] = []
    """Reported numbers that runs in this environment were judged against."""


class Digest(Part):
    """What identifies a subject: an in-toto DigestSet with one or both of these."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    sha256: Sha256 | SkipJsonSchema[None] = None
    """Of bytes: a file, an image's manifest, or the canonical JSON of facts."""
    git_commit: GitCommit | SkipJsonSchema[None] = None
    """The full id of a commit."""

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_null(cls, value: Any) -> Any:
        """Refuse null: a digest that is absent must have one spelling only."""
        if value is None:
            raise ValueError("a digest cannot be null")
        return value

    @model_validator(mode="after")
    def _refuse_empty(self) -> Digest:
        """In-toto requires at least one digest."""
        if self.sha256 is None and self.git_commit is None:
            raise ValueError("a subject needs a digest")
        return self

    @model_serializer(mode="wrap")
    def _without_absent(self, usual: SerializerFunctionWrapHandler) -> dict[str, Any]:
        unknown = self.__pydantic_extra__ or {}
        return {name: value for name, value in usual(self).items() if value is not None or name in unknown}


class Subject(Part):
    """What the statement is about."""

    name: str
    digest: Digest


class Manifest(Part):
    """An in-toto Statement v1 that carries one audit."""

    type_: Annotated[Literal["https://in-toto.io/Statement/v1"], Field(alias="_type")] = (
        "https://in-toto.io/Statement/v1"
    )
    subject: list[Subject]
    predicate_type: Literal["urn:auditor:environment-audit:v0.1"] = "urn:auditor:environment-audit:v0.1"
    predicate: Predicate


def payload_bytes(manifest: Manifest) -> bytes:
    """The bytes that are signed: the manifest's canonical JSON."""
    return canonical(manifest.model_dump(mode="json", by_alias=True))


def read(data: bytes, *, limit_bytes: int = READ_LIMIT_BYTES) -> Manifest:
    """
    The manifest in a payload's bytes.

    Raises ManifestError for anything else: too large, truncated, not UTF-8, not JSON, duplicate keys, numbers that JSON
    or RFC 8785 cannot represent, too deep, another type or version, missing or invalid fields. Unknown fields are kept.
    """
    document = parse(data, "the manifest", limit_bytes=limit_bytes)
    check_versions(document)
    try:
        return Manifest.model_validate(document, strict=True, by_alias=True, by_name=False)
    except ValidationError as problem:
        raise ManifestError(
            f"the manifest does not have the shape of {PREDICATE_TYPE}: {_told(problem)}", NOTHING_READ
        ) from problem


def _told(problem: ValidationError) -> str:
    """The first errors, without the (untrusted, possibly huge) input."""
    errors = problem.errors(include_url=False, include_input=False, include_context=False)
    told = [
        f"{shown('.'.join(str(part) for part in error['loc']))}: {error['msg']}" for error in errors[:COMPLAINTS_SHOWN]
    ]
    more = len(errors) - COMPLAINTS_SHOWN
    return "; ".join(told) + (f"; and {more} more" if more > 0 else "")
