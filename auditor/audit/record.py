"""The answers of an audit's processes so far: facts, readings, and reasons for missing readings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from ..catalogue.catalogue import FactGroup
from ..errors import SetupError
from ..interpreter.replies import Crashed, Failed, NotApplicable, Ok, Ready, Reply
from ..manifest.models import Fact, Reading
from ..privacy.modes import Privacy
from .findings import Trouble
from .plan import Job


@dataclass
class AuditRecord:
    """Facts, readings and troubles of one audit, stored after secrets and identifying values are removed."""

    groups: Iterable[FactGroup]
    """The groups of facts, whose keys are recorded as errors when a group does not answer."""
    privacy: Privacy = field(default_factory=Privacy)
    """How names are written."""
    facts: dict[str, Fact] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)
    troubles: dict[str, list[Trouble]] = field(default_factory=dict)
    """Check to the reasons why its processes gave no reading."""
    dead: dict[str, Crashed] = field(default_factory=dict)
    """Framework to the crash of its unchanged process during import; its other processes are not started."""

    def of(self, check: str) -> list[Reading]:
        """The readings of one check."""
        return [reading for reading in self.readings if reading.check == check]

    def file(self, job: Job, answer: Reply | Crashed) -> None:
        """Store one answer. Raises SetupError when the user's set-up file failed."""
        match _clean(answer, self.privacy):
            case Ready():
                return
            case Ok(facts="", check=check, repeats=repeats, settings=changed):
                settings = {**job.settings, **changed}
                self.readings += [
                    Reading(check=check, process=job.name, repeat=number, settings=settings, values=values)
                    for number, values in enumerate(repeats)
                ]
            case Ok(values=values):
                self.facts.update(values)
            case NotApplicable(check=check, reason=reason):
                self._trouble(check, Trouble("not-applicable", reason, job))
            case Failed() as failed:
                self._file_failure(job, failed)
            case Crashed() as crash:
                self._file_crash(job, crash)

    def _trouble(self, check: str, trouble: Trouble) -> None:
        self.troubles.setdefault(check, []).append(trouble)

    def _file_failure(self, job: Job, failed: Failed) -> None:
        told = f"{failed.error}: {failed.message}"
        if failed.stage == "setup":
            raise SetupError(
                f"the set-up file failed: {told}",
                f"{failed.traceback}\nNothing was measured: the audit needs this file's settings. Correct it.",
            )
        if failed.facts:
            self._lose_facts(failed.facts, told)
        concerned = [failed.check] if failed.check else job.checks() if failed.stage else []
        for check in concerned:
            self._trouble(check, Trouble("error", told, job, {"traceback": failed.traceback}))

    def _file_crash(self, job: Job, crash: Crashed) -> None:
        if not crash.step and not job.settings:
            self.dead[job.framework] = crash
        detail: dict[str, JsonValue] = {"stderr": crash.stderr}
        steps: Iterable[Mapping[str, object]] = [crash.step] if crash.step else job.steps
        for step in steps:
            if "check" in step:
                self._trouble(str(step["check"]), Trouble("error", f"its process {crash.problem}", job, detail))
            else:
                self._lose_facts(str(step["facts"]), f"the process {crash.problem}")

    def _lose_facts(self, group: str, reason: str) -> None:
        """Record every key of a group that did not answer as an error with the reason."""
        for key, declared in next(known.keys for known in self.groups if known.name == group).items():
            self.facts[key] = Fact.model_validate({"state": "error", "role": declared["role"], "reason": reason})


def _clean(answer: Reply | Crashed, privacy: Privacy) -> Reply | Crashed:
    """The answer without secrets and identifying values, as the privacy mode says; every answer passes here."""
    if isinstance(answer, Crashed):
        return replace(answer, problem=str(privacy.written(answer.problem)), stderr=str(privacy.written(answer.stderr)))
    return type(answer).model_validate(privacy.written(answer.model_dump(mode="json")))
