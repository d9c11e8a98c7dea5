"""
Notes which outcome of which check each passing test saw; `tools/controls.py` compares the notes with the catalogue.

Helpers of tests that judge a check do it through `judge`, or hand what they found to `note` or `note_names`. Each
process appends to a file of its own in the folder that AUDITOR_CONTROLS names.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Generator, Mapping, Sequence
from pathlib import Path

import pytest

from auditor import rules
from auditor.catalogue.catalogue import CheckInfo
from auditor.manifest.models import Finding, Reading

FOLDER = Path(
    os.environ.get("AUDITOR_CONTROLS") or Path(__file__).resolve().parent.parent / ".pytest_cache" / "controls"
)
_seen: list[dict[str, str]] = []
"""What the running test saw so far."""
_bad: list[str] = []
"""The phases of the running test that did not pass."""


def judge(
    check: CheckInfo, readings: Sequence[Reading], asked: Sequence[Mapping[str, str]] = ()
) -> rules.Verdict | rules.Ask:
    """The answer of the check's rule, noted if it is a verdict."""
    answer = rules.judge(check, readings, asked)
    if isinstance(answer, rules.Verdict):
        note(check.id, answer)
    return answer


def note(check_id: str, answer: rules.Verdict | Finding) -> None:
    """Note an outcome; `recorded` is a pass that names what a factor moved."""
    recorded = answer.outcome == "pass" and answer.evidence.get("factors")
    _seen.append({"check": check_id, "outcome": "recorded" if recorded else answer.outcome})


def note_names(check_id: str, blamed: Collection[str], total: int) -> None:
    """Note a failure where a reading has names to blame, a pass where it has none, and nothing for an empty reading."""
    if total:
        _seen.append({"check": check_id, "outcome": "fail" if blamed else "pass"})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Write what a test saw once it has ended and passed; of a skipped test, only that it was skipped."""
    report = yield
    if report.outcome != "passed":
        _bad.append("failed" if hasattr(report, "wasxfail") else report.outcome)
    if report.when == "teardown":
        if not _bad:
            _write([{"test": report.nodeid, **seen} for seen in _seen])
        elif "failed" not in _bad:
            _write([{"test": report.nodeid, "outcome": "skipped"}])
        _seen.clear()
        _bad.clear()
    return report


def _write(rows: list[dict[str, str]]) -> None:
    if rows:
        FOLDER.mkdir(parents=True, exist_ok=True)
        with (FOLDER / f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}.jsonl").open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row, sort_keys=True) + "\n" for row in rows)
