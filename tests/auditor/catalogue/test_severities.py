"""The table of severities: every shipped check has a row, frameworks agree, exceptions say why."""

import itertools
import re

import pytest

from auditor.catalogue import catalogue, severities
from auditor.errors import UsageError
from auditor.manifest.models import SEVERITIES

SHIPPED = catalogue.load().checks
OWN = '''"""
A claim.

Why: a reason.

Remedy: none.
"""
from checks.declare import Check
CHECK = Check({severity}tier="quick", rule="expected")

def measure(settings):
    return {{}}
'''


@pytest.mark.parametrize("check", SHIPPED, ids=lambda check: check.id)
def test_every_shipped_check_has_a_row_and_takes_it(check):
    """Also its kind; a check may not declare another severity in its file."""
    row = severities.row_of(check.id)

    assert row is not None, f"{check.id}: add its contract to auditor/catalogue/severities.py"
    assert (check.severity, check.kind) == (row.severity, row.kind)


def test_the_frameworks_agree_but_for_the_exceptions():
    """One contract has one severity; each exception differs from its contract's row, and says why."""
    for check_id, row in severities.EXCEPTIONS.items():
        contract = max((name for name in severities.SEVERITIES if check_id.endswith(name)), key=len)
        assert row[:2] != severities.SEVERITIES[contract][:2]
        assert row.why


def test_no_row_is_left_over():
    """Each row serves a shipped check: a misspelt contract is noticed."""
    served = {
        max((name for name in severities.SEVERITIES if check.id.endswith(f"-{name}")), key=len)
        for check in SHIPPED
        if check.id not in severities.EXCEPTIONS
    }

    assert set(severities.SEVERITIES) == served
    assert set(severities.EXCEPTIONS) <= {check.id for check in SHIPPED}


def test_the_table_is_ordered_and_every_reason_is_one_line():
    """So that two rows can be compared by eye: kinds apart, the most severe first."""
    rows = list(severities.SEVERITIES.values())
    groups = itertools.groupby(rows, key=lambda row: row.kind)
    ranks = [[SEVERITIES.index(row.severity) for row in group] for _, group in groups]

    assert len(ranks) == 2
    assert all(group == sorted(group) for group in ranks)
    assert all(re.fullmatch(r"[^\n.]{10,90}", row.why) for row in rows)


def test_an_unknown_contract_has_no_row():
    """The negative control, and a longer contract is not taken for a shorter one."""
    assert severities.row_of("torch-no-such-claim") is None
    assert severities.row_of("torch-every-operator-threads").severity == "low"
    assert severities.row_of("torch-every-operator").severity == "critical"


def test_an_own_check_declares_its_severity(tmp_path):
    """It is set-up, whatever its name; without a severity it is refused."""
    (tmp_path / "same_seed.py").write_text(OWN.format(severity='severity="info", '))
    (own,) = [check for check in catalogue.load(checks_from=str(tmp_path)).checks if check.id.startswith("own-")]

    assert (own.severity, own.kind) == ("info", "setup")

    (tmp_path / "same_seed.py").write_text(OWN.format(severity=""))
    with pytest.raises(UsageError, match="severity"):
        catalogue.load(checks_from=str(tmp_path))
