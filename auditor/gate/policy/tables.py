"""
The tables of a policy: frozen models of everything that may stand under `[tool.auditor]`.

There are no regular expressions in them except `metric`, which `replay` alone compiles: patterns are globs, whose
matching takes linear time (docs/decisions/0022-the-policy-language.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from ...manifest.models import SEVERITIES, Severity
from .versions import checked_requirement, checked_specifiers

if TYPE_CHECKING:
    from typing_extensions import Self

Threshold = Literal["critical", "high", "medium", "low", "info", "never"]
Text = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Texts = Annotated[tuple[Text, ...], Field(max_length=1000)]
LONGEST_TEXT = 1000
MOST_ACCEPTED = 10_000
NESTED_RULES = 8
"""Greatest depth of composed rules."""


def _scalar(value: object) -> object:
    if not isinstance(value, (bool, int, float, str)):
        raise ValueError("true, false, a number or a text is wanted")  # noqa: TRY004 - pydantic turns ValueError alone
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        raise ValueError(f"a text of at most {LONGEST_TEXT} characters is wanted")
    return value


Scalar = Annotated[object, AfterValidator(_scalar)]
"""A value of TOML that a fact can be compared with."""


def dashed(name: str) -> str:
    """The spelling of a field in TOML."""
    return name.replace("_", "-")


class Table(BaseModel):
    """Base of the tables: immutable, strict about types, no unknown keys."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=dashed, populate_by_name=False, strict=True, defer_build=True
    )


class Checks(Table):
    """Which checks an audit runs, and which of them must have been measured."""

    only: Texts = ()
    """Run these alone, and require them."""
    skip: Texts = ()
    """Do not run these. A manifest that left out others is inconclusive."""
    require: Texts = ()
    """These must have been measured; a failure counts whatever its reach."""


class Fail(Table):
    """The least severity that fails, by kind and reach."""

    setup: Threshold = "high"
    """For what the user's environment or program decides."""
    reached: Threshold = "high"
    """For a release's defect that the program reaches."""
    unknown: Threshold = "never"
    """For a release's defect of which it is not known whether the program reaches it."""
    not_reached: Threshold = "never"
    """For a release's defect that the program does not reach."""

    def strictest(self) -> Severity:
        """The least severity that fails anything; `critical` if nothing does."""
        named: list[Severity] = [one for one in (self.setup, self.reached, self.unknown) if one != "never"]
        return max(named, key=SEVERITIES.index, default="critical")


class Range(Table):
    """What a fact's value must satisfy: all that is given. A plain value in TOML is short for `equal`."""

    equal: Scalar | None = None
    at_least: int | float | None = None
    at_most: int | float | None = None
    one_of: Annotated[tuple[Scalar, ...], Field(min_length=1, max_length=1000)] | None = None
    version: Text | None = None
    """Version specifiers, as `>=2.6,<3`."""
    like: Text | None = None
    """A glob: `*` and `?`."""

    @field_validator("version")
    @classmethod
    def _specifiers(cls, value: str | None) -> str | None:
        return value if value is None else checked_specifiers(value)

    @model_validator(mode="after")
    def _refuse_empty(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("say what must hold: equal, at-least, at-most, one-of, version or like")
        return self


def _expectation(value: object) -> object:
    return value if isinstance(value, dict) else {"equal": value}


Expectation = Annotated[Range, BeforeValidator(_expectation)]
Facts = Annotated[dict[Text, Expectation], Field(max_length=1000)]


class Lock(Table):
    """The lock file that the environment must equal."""

    file: Text
    unlocked: Texts = ("pip", "setuptools", "wheel")
    """Globs of packages that may be installed although the lock does not name them."""


def _file(value: object) -> object:
    return {"file": value} if isinstance(value, str) else value


def _for_both(value: object) -> object:
    return {"setup": value, "reached": value} if isinstance(value, str) else value


class Allowed(Table):
    """Differences against the baseline that are allowed; what is left out is not judged."""

    packages: Texts | None = None
    """Globs of packages that may change: version, build, presence."""
    operators: Texts | None = None
    """Globs of `CHECK OPERATOR` or `CHECK VALUE` whose bits may move."""


class BaselineTable(Table):
    """The baseline and what may differ from it."""

    manifest: Text = "auditor-baseline.dsse.json"
    """The signed manifest, relative to the policy's folder."""
    fail_new: bool = False
    """Fail only on what is worse than the baseline."""
    allow: Allowed = Allowed()


class Replays(Table):
    """The replays that must stand in the manifest, and be identical."""

    require: Annotated[int, Field(ge=0, le=1000)] = 0
    """At least so many."""
    commands: Texts = ()
    """Globs: each must match the command of a replay, its words joined by blanks."""
    runs: Annotated[int, Field(ge=2, le=100_000)] = 2
    """Least number of runs of each."""


class RuleTable(Table):
    """One rule of one's own: exactly one of its fields, beside a name and `count`."""

    name: Text = "rule"
    check: Text | None = None
    """This check passed."""
    fact: dict[Text, Expectation] | None = None
    """These facts hold."""
    package: Text | None = None
    """This package is installed: `torch>=2.6`."""
    replay: Text | None = None
    """A replay whose command matches this glob was identical."""
    all_of: tuple[RuleTable, ...] | None = None
    any_of: tuple[RuleTable, ...] | None = None
    at_least: tuple[RuleTable, ...] | None = None
    count: Annotated[int, Field(ge=1, le=1000)] | None = None
    """How many rules of `at-least` must hold."""

    @field_validator("package")
    @classmethod
    def _package(cls, value: str | None) -> str | None:
        return value if value is None else checked_requirement(value)

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        things = ("check", "fact", "package", "replay", "all_of", "any_of", "at_least")
        given = [dashed(thing) for thing in things if getattr(self, thing) is not None]
        if len(given) != 1:
            told = f"it has {' and '.join(given)}" if given else "it has none of them"
            raise ValueError(f"a rule has exactly one of {', '.join(map(dashed, things))}; {told}")
        if (self.count is None) != (self.at_least is None):
            raise ValueError("`at-least` and `count` belong together")
        if self.at_least is not None and self.count is not None and self.count > len(self.at_least):
            raise ValueError(f"count is {self.count}, but `at-least` has {len(self.at_least)} rules")
        if any(part is not None and not part for part in (self.fact, self.all_of, self.any_of)):
            raise ValueError("an empty rule would always or never hold")
        return self


class Policy(Table):
    """Everything under `[tool.auditor]`."""

    python: Text | None = None
    """Default of `--python`, relative to the policy's folder."""
    tier: Literal["quick", "full"] | None = None
    """Default of `--tier`; the gate accepts no lower one."""
    frameworks: tuple[Literal["torch", "tensorflow", "jax"], ...] = ()
    """Default of `--framework`; the gate wants each installed."""
    setup: Text | None = None
    """Default of `--setup`, relative to the policy's folder."""
    checks: Checks = Checks()
    require_deterministic: bool = False
    """Default of `--require-deterministic`; the gate wants it if it is true."""
    factors: Texts = ()
    """Default of `replay --vary`."""
    metric: Text | None = None
    """Default of `replay --metric`."""

    fail: Annotated[Fail, BeforeValidator(_for_both)] = Fail()
    """The least severity that fails; one text applies to set-up and to what the program reaches."""
    versions: Texts = ()
    """Packages and versions that must be installed: `torch>=2.6,<3`."""
    facts: Facts = {}
    """Facts that must hold."""
    replays: Replays = Replays()
    lock: Annotated[Lock | None, BeforeValidator(_file)] = None
    """The lock file that the environment must equal; a text is short for its `file`."""
    commit: bool = False
    """Whether the manifest must be about the checkout's HEAD."""
    clean: bool = False
    """Whether the audited checkout must have been clean."""
    max_age_days: Annotated[int, Field(ge=0, le=36_500)] | None = None
    """The greatest age of the manifest."""
    rules: Annotated[tuple[RuleTable, ...], Field(max_length=1000)] = ()
    baseline: BaselineTable | None = None
    accepted: Annotated[tuple[object, ...], Field(max_length=MOST_ACCEPTED)] = ()
    """Accepted findings; each is validated by itself, since an unreadable one lapses and refuses nothing."""
    signature: Literal["required", "same-job"] = "required"
    """`same-job` counts only in a policy of `--policy-from`."""
    keys: Texts = ()
    """Files of the public keys that may sign manifests and baselines, relative to the policy's folder."""

    @field_validator("versions")
    @classmethod
    def _requirements(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(checked_requirement(one) for one in value)

    @model_validator(mode="after")
    def _refuse_deep(self) -> Self:
        level: list[RuleTable] = [*self.rules]
        for _ in range(NESTED_RULES):
            level = [
                part for rule in level for part in (*(rule.all_of or ()), *(rule.any_of or ()), *(rule.at_least or ()))
            ]
        if level:
            raise ValueError(f"rules are nested deeper than {NESTED_RULES} levels")
        return self
