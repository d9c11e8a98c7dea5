"""One arm of a proof: runs checks in all their own arms, with the remedy applied or removed."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..audit import plan
from ..audit.findings import conclude, merge
from ..audit.plan import Job
from ..audit.record import AuditRecord
from ..catalogue.catalogue import CheckInfo
from ..errors import SetupError
from ..factors.cures import CURES, IMPORTS
from ..factors.factors import CONFIRM, FACTORS
from ..factors.flag_lists import LISTS_OF_FLAGS
from ..interpreter.conversation import Limits, Request, ask
from ..interpreter.launcher import Here
from ..interpreter.replies import Ok
from ..manifest.agreement import number
from ..manifest.models import Finding, Outcome
from ..privacy.modes import Privacy
from ..rules import Ask
from .model import Remedy

ASKED = (
    *(cure.settings for cure in CURES.values()),
    *({name: value} for name, factor in FACTORS.items() for value in factor.values),
    {CONFIRM: ""},
)
"""
Every arm that a rule could request, and a confirmation. Passed as already requested, so that `judge` never returns an
`Ask`: a proof compares runs that fail with runs that pass, and does not need the name of a factor.
"""


@dataclass(frozen=True)
class Conditions:
    """The conditions that both arms share."""

    python: str
    setup: str = ""
    """The user's own set-up file; the remedy's code runs before it."""
    timeout_seconds: float = 300.0
    runs: int = 3
    """Minimum number of runs of each arm."""
    checks_from: str = ""
    """A folder of the user's own checks."""
    privacy: Privacy = field(default_factory=Privacy)
    """How names are written in messages."""


@dataclass(frozen=True)
class Trial:
    """The result of one run of a check in all its arms."""

    outcome: Outcome
    message: str
    seconds: float


@dataclass(frozen=True)
class ProofArm:
    """Runs of checks with the remedy, or without it: then settings of it that the user made are removed."""

    conditions: Conditions
    remedy: Remedy
    applied: bool
    scratch: Path = Path()

    @property
    def label(self) -> str:
        """The arm as text, for progress output."""
        return "with the remedy" if self.applied else "without it"

    def run(self, wanted: Sequence[tuple[CheckInfo, tuple[str, ...]]]) -> dict[str, Trial]:
        """Run each check once, for these values (none: all). Processes run one after the other."""
        checks = [check for check, _ in wanted]
        arms = [(check, [replace(arm, names=names) for arm in plan.first_arms(check)]) for check, names in wanted]
        record, seconds = AuditRecord((), self.conditions.privacy), defaultdict[str, float](float)
        try:
            with _environment(self._variables()):
                for place, job in enumerate(plan.jobs_for(arms)):
                    self._ask(replace(job, number=place), record, seconds)
        except SetupError as problem:
            if not self.applied or not self.remedy.code():
                raise
            return {check.id: Trial("error", problem.message, 0.0) for check in checks}
        return {
            item.check: Trial(item.outcome, item.message, seconds[item.check]) for item in self._judge(checks, record)
        }

    def _ask(self, job: Job, record: AuditRecord, seconds: dict[str, float]) -> None:
        pinned = self._pinned() if self.applied else ()
        settings = {name: value for name, value in job.settings.items() if name not in pinned}
        context = {"checks_from": self.conditions.checks_from}
        request = Request("measure", job.framework, job.steps, settings, self._setup(), context)
        for reply in ask(Here(self.conditions.python), request, Limits(self.conditions.timeout_seconds)):
            record.file(job, reply)
            if isinstance(reply, Ok) and reply.check:
                seconds[reply.check] += number(reply.seconds)

    def _judge(self, checks: Sequence[CheckInfo], record: AuditRecord) -> list[Finding]:
        found = []
        for check in checks:
            # With the remedy a check may have less power (one thread cannot race), so its requirements are dropped: the
            # alternating runs without the remedy show its power.
            declared = check.model_copy(update={"requires": {}}) if self.applied else check
            answer = conclude(declared, record.of(check.id), record.troubles.get(check.id, []), ASKED)
            if isinstance(answer, Ask):
                raise TypeError(f"{check.id} asks for an arm that is neither a factor nor a cure: {answer.reason}")
            found.append(answer)
        return merge(found, {check.id: check for check in checks})

    def _variables(self) -> dict[str, str | None]:
        """Environment variables to change for this arm's processes; None removes one."""
        changed: dict[str, str | None] = {}
        for name, (values, _) in self.remedy.variables().items():
            present = os.environ.get(name, "")
            flags = [flag for flag in present.split() if flag not in values]
            if name in LISTS_OF_FLAGS:
                changed[name] = " ".join((*flags, *(values if self.applied else ()))) or None
            elif self.applied:
                changed[name] = values[-1]
            elif present == values[-1]:
                changed[name] = None
        return changed

    def _pinned(self) -> set[str]:
        """
        Factors that do not vary under the remedy, since it sets all their variables.

        Their arms still run, with the remedy's value in each process, as in a user's processes.
        """
        ours = set(self.remedy.variables())
        with tempfile.TemporaryDirectory() as scratch:
            sets = {name: one.variables("".join(one.values[:1]), {}, Path(scratch)) for name, one in FACTORS.items()}
        return {name for name, variables in sets.items() if variables and set(variables) <= ours}

    def _setup(self) -> str:
        """The set-up file of this arm: the remedy's code, then the user's own file."""
        if not self.applied or not self.remedy.code():
            return self.conditions.setup
        path = self.scratch / "auditor_remedy.py"
        path.write_text(setup_text(self.remedy, self.conditions.setup), encoding="utf-8")
        return str(path)


def setup_text(remedy: Remedy, setup: str) -> str:
    """A set-up file that runs the code lines of each imported framework, then the user's set-up file."""
    lines = ["import os, runpy, sys", "", "del sys.path[0]  # this file's own folder"]
    for framework, told in remedy.code().items():
        lines += ["", f"if {framework!r} in sys.modules:", f"    {IMPORTS[framework]}"]
        lines += [f"    {line}" for line, _ in told]
    if setup:
        lines += ["", f"sys.path.insert(0, {str(Path(setup).absolute().parent)!r})"]
        lines += [f"runpy.run_path({setup!r}, run_name='auditor_setup')"]
    return "\n".join([*lines, ""])


@contextlib.contextmanager
def _environment(changed: Mapping[str, str | None]) -> Iterator[None]:
    """Change our environment variables while processes are started, then restore them."""
    before = {name: os.environ.get(name) for name in changed}
    try:
        _export(changed)
        yield
    finally:
        _export(before)


def _export(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
