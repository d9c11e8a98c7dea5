"""Rules about what the manifest is about: the commit, the clean checkout, the lock, the age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from ...quoting.inert import as_text, shortened
from ..policy.tables import Lock
from .evidence import Evidence, one
from .globs import any_of
from .result import Place, Result

LOCK_CHECK = "environment-lock-mismatch"
NAMES_SHOWN = 10
AHEAD = timedelta(minutes=10)
"""How far a clock of another machine may be ahead."""


@dataclass(frozen=True)
class AboutHead:
    """The manifest is about the commit that is checked out here."""

    def judge(self, evidence: Evidence) -> Result:
        """Compares the subject of `--subject git:REV` with HEAD, else the commit that the audit read."""
        head = evidence.checkout.head
        subjects = {one.digest.git_commit for one in evidence.manifest.subject if one.digest.git_commit}
        fact = evidence.fact("code.commit")
        read = {fact.value} if fact is not None and fact.state == "value" and isinstance(fact.value, str) else set()
        commits = subjects | read
        if not head:
            state, reason = "inconclusive", "there is no git commit here to compare with"
        elif not commits:
            state, reason = "inconclusive", "the manifest names no commit: audit with --subject git:HEAD"
        elif commits == {head}:
            state, reason = "pass", f"the manifest is about {head[:12]}, which is HEAD"
        else:
            others = ", ".join(sorted(commit[:12] for commit in commits - {head}))
            state, reason = "fail", f"the manifest is about {others}, but HEAD is {head[:12]}: audit this commit"
        return one(evidence, rule="commit", name="HEAD", state=state, reason=reason)


@dataclass(frozen=True)
class CleanTree:
    """The audited checkout had no changes."""

    def judge(self, evidence: Evidence) -> Result:
        """The fact `code.dirty`."""
        fact = evidence.fact("code.dirty")
        if fact is None or fact.state != "value" or not isinstance(fact.value, bool):
            told = "the manifest does not say whether the checkout was clean"
            return one(evidence, rule="clean", name="checkout", state="inconclusive", reason=told)
        if fact.value:
            told = "tracked files differed from the commit when it was audited: commit them, and audit again"
            return one(evidence, rule="clean", name="checkout", state="fail", reason=told)
        return one(evidence, rule="clean", name="checkout", state="pass", reason="no tracked file was changed")


@dataclass(frozen=True)
class NotOld:
    """The audit finished at most so many days ago."""

    days: int

    def judge(self, evidence: Evidence) -> Result:
        """An old green manifest proves nothing about today."""
        finished = evidence.manifest.predicate.run.finished_on
        try:
            then = datetime.fromisoformat(finished.replace("Z", "+00:00"))
            age = evidence.now - then
        except (TypeError, ValueError, OverflowError):
            told = f"the manifest's time is not readable: {shortened(finished)}"
            return one(evidence, rule="age", name="manifest", state="inconclusive", reason=told)
        if age < -AHEAD:
            told = f"it says that it was finished in the future ({shortened(finished)})"
            return one(evidence, rule="age", name="manifest", state="fail", reason=told)
        late = age > timedelta(days=self.days)
        told = f"it was finished {max(age.days, 0)} days ago; at most {self.days} are allowed"
        return one(evidence, rule="age", name="manifest", state="fail" if late else "pass", reason=told)


@dataclass(frozen=True)
class AsLocked:
    """The audited environment equals a lock file, which is the one in this checkout."""

    lock: Lock

    def judge(self, evidence: Evidence) -> Result:
        """The audit's own comparison with the lock, for exactly the file that stands here."""
        state, reason, names = self._answer(evidence)
        return one(
            evidence,
            rule="lock",
            name=self.lock.file,
            state=state,
            reason=reason,
            names=names,
            observed=", ".join(names),
            severity="high" if state == "fail" else None,
            where=Place(file=self.lock.file),
        )

    def _answer(self, evidence: Evidence) -> tuple[str, str, list[str]]:
        here = (evidence.checkout.locks or {}).get(self.lock.file)
        if here is None:
            return "fail", "there is no such file in this checkout", []
        seen = evidence.fact("code.lock_files")
        digests = seen.value if seen is not None and isinstance(seen.value, dict) else {}
        if not digests:
            return "inconclusive", "the audit saw no lock file: run it in the folder of the lock", []
        if here not in digests.values():
            return "fail", "the audit compared with another content of the lock: audit this commit", []
        finding = evidence.findings.get(LOCK_CHECK)
        if finding is None or finding.outcome not in ("pass", "fail"):
            told = f": {finding.message}" if finding else ""
            return "inconclusive", f"the environment was not compared with it ({LOCK_CHECK}){told}", []
        if finding.outcome == "fail":
            return "fail", f"the environment is not as locked: {finding.message}", _differing(finding.evidence)
        extra = [name for name in _unlocked(evidence) if not any_of(name, self.lock.unlocked)]
        if extra:
            more = f" and {len(extra) - NAMES_SHOWN} more" if len(extra) > NAMES_SHOWN else ""
            told = f"installed, and not in the lock: {', '.join(extra[:NAMES_SHOWN])}{more}"
            return "fail", told, extra
        return "pass", "every package is as locked, and no other is installed", []


def _differing(evidence: dict[str, JsonValue]) -> list[str]:
    """The values of the check that are not as expected, whose names end with the package."""
    broken = evidence.get("broken")
    return sorted(broken) if isinstance(broken, dict) else []


def _unlocked(evidence: Evidence) -> list[str]:
    """Installed packages that the lock does not name, as the check recorded them."""
    found: set[str] = set()
    for reading in evidence.manifest.predicate.readings:
        conditions = reading.values.get("conditions") if reading.check == LOCK_CHECK else None
        for told in conditions.values() if isinstance(conditions, dict) else ():
            names = told.get("installed, not locked") if isinstance(told, dict) else None
            found |= {as_text(name) for name in names} if isinstance(names, list) else set()
    return sorted(found)
