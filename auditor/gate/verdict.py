"""The gate's verdict: the results of all rules, the exit code, and what was judged by what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pydantic import Field

from .. import __version__
from ..errors import FINDINGS, INCONCLUSIVE, OK
from ..manifest.models import SEVERITIES, Frozen, Manifest, Sha256
from .accepted import Book, read
from .policy.source import Source
from .rules import written
from .rules.evidence import Checkout, Evidence
from .rules.result import Result
from .standing import Before, excuse

SCHEMA = "urn:auditor:gate:v0.1"
CODES = {"pass": OK, "noted": OK, "fail": FINDINGS, "inconclusive": INCONCLUSIVE}


class Input(Frozen):
    """A file that took part."""

    name: str
    sha256: Sha256
    """Of a manifest: of its payload, the signed bytes."""
    told: str = ""
    """Who vouches for it, or where it came from."""
    keyids: list[str] = []


class Verdict(Frozen):
    """Everything that the gate says."""

    schema_: str = Field(default=SCHEMA, alias="schema")
    version: str = __version__
    exit_code: int
    manifests: list[Input]
    """The audit and the replays that were judged."""
    policy: Input
    baseline: Input | None = None
    fail_new: bool = False
    head: str = ""
    """The commit that is checked out here."""
    lapsed: list[str] = []
    """Accepted findings that do not count, and why."""
    result: Result

    @property
    def vouched(self) -> str:
        """Who vouches for the manifests."""
        return "; ".join(dict.fromkeys(one.told for one in self.manifests))

    @property
    def results(self) -> list[Result]:
        """Every result that combines no others, in order, each once."""
        found: dict[str, Result] = {}
        for one in self.result.leaves():
            found.setdefault(f"{one.rule} {one.name} {one.state}", one)
        return [*found.values()]

    def counting(self) -> list[Result]:
        """What fails or is inconclusive, the worst first."""
        return worst_first(one for one in self.results if one.counted in ("fail", "inconclusive"))

    def excused(self) -> list[Result]:
        """What fails and is accepted, or stands in the baseline."""
        return worst_first(one for one in self.results if one.excused)


def worst_first(results: Iterable[Result]) -> list[Result]:
    """Failures before what is inconclusive, then by severity, then by name."""
    return sorted(results, key=lambda one: (one.state != "fail", _rank(one), one.rule, one.name))


def _rank(result: Result) -> int:
    return SEVERITIES.index(result.severity) if result.severity else SEVERITIES.index("high")


def judge(
    source: Source,
    manifest: tuple[Manifest, list[Input]],
    baseline: tuple[Manifest, Input] | None,
    *,
    checkout: Checkout,
    now: datetime,
    fail_new: bool,
) -> Verdict:
    """The verdict on one verified manifest, which several files may have given. Pure: nothing is read."""
    policy, before = source.policy, baseline[0] if baseline else None
    book = Book(tuple(read(policy.accepted)), now.date())
    bare = Evidence(manifest[0], now, checkout, before)
    mark = excuse(Before.of(policy, before, bare) if before else None, fail_new=fail_new)
    evidence = Evidence(manifest[0], now, checkout, before, excuse=lambda result: book.excuse(mark(result), bare))
    result = written.gate(policy, manifest[0], with_baseline=before is not None).judge(evidence)
    lapsed = [
        f"{one.number} ({one.about or 'about nothing'}): {why}"
        for one in book.entries
        if (why := one.state(book.today))
    ]
    return Verdict(
        exit_code=CODES[result.counted],
        manifests=manifest[1],
        policy=Input(name=source.told, sha256=source.sha256),
        baseline=baseline[1] if baseline else None,
        fail_new=fail_new,
        head=checkout.head,
        lapsed=lapsed,
        result=result,
    )
