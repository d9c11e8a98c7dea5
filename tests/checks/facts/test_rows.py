"""The survey of nineteen tools, row by row, against a real probe of the audited environment."""

import json
from fnmatch import fnmatchcase
from functools import cache

import pytest
from support import AUDITED, ROOT

from auditor.audit.run import Audit, Options
from auditor.catalogue import catalogue
from auditor.nvml import host

SURVEY = json.loads((ROOT / "tools" / "fact_rows.json").read_text(encoding="utf-8"))
ROWS = {row["row"]: row for row in SURVEY["rows"]}
NOBODY = {16, 31, 50, 52, 53, 57, 58, 64}
"""Rows that none of the nineteen tools records."""


@cache
def probed():
    """The facts of one real probe, with all three frameworks."""
    audit = Audit(Options(AUDITED), catalogue.load())
    for _ in audit.run():
        continue
    return audit.facts


@cache
def declared():
    return {key for group in catalogue.load().groups for key in group.keys} | set(host.DECLARED)


def test_the_survey_is_whole():
    """Rows 1 to 70, 72 and 73, less 49, each with its place in nineteen columns."""
    assert set(ROWS) == {*range(1, 71), 72, 73} - {49}
    assert len(SURVEY["tools"]) == 19
    assert {row for row, told in ROWS.items() if not told["recorded"] and not told["partly"]} == NOBODY
    for told in ROWS.values():
        assert set(told["recorded"]) | set(told["partly"]) <= set(SURVEY["tools"])
        assert not set(told["recorded"]) & set(told["partly"])


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: f"{row['row']}-{row['field'][:30]}")
def test_every_pattern_of_a_row_meets_a_declared_key(row):
    """A key that was renamed must not leave its row behind."""
    assert [name for name in row["keys"] if not any(fnmatchcase(key, name) for key in declared())] == []


@pytest.mark.frameworks
@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: f"{row['row']}-{row['field'][:30]}")
def test_every_row_is_a_key_of_a_real_probe_with_a_truthful_state(row):
    """A value, or the reason why there is none; never an error, and never silence."""
    found = {key: fact for key, fact in probed().items() if any(fnmatchcase(key, name) for name in row["keys"])}

    assert found
    assert {key: fact.reason for key, fact in found.items() if fact.state == "error"} == {}
    for key, fact in found.items():
        assert fact.source, key
        assert (fact.state == "value") != bool(fact.reason), key
        assert fact.reason != "not reported", key


@pytest.mark.frameworks
def test_what_any_machine_can_show_is_shown():
    """Rows about the system, Python, the frameworks and the code hold values on every Linux machine."""
    held = {
        number
        for number, row in ROWS.items()
        if any(
            fact.state == "value" and any(fnmatchcase(key, name) for name in row["keys"])
            for key, fact in probed().items()
        )
    }
    everywhere = {
        *(1, 2, 4, 5, 7, 9, 10, 11, 14, 15, 18, 20, 22),
        *range(42, 49),
        *range(50, 65),
        *(67, 70),
    }

    assert sorted(everywhere - held) == []
