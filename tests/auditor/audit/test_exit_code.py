"""The exit rule: set-up findings and reached defects count; a defect that nobody may reach does not."""

import pytest

from auditor.audit.exit_code import exit_code
from auditor.manifest.models import Finding, Reach


def failed(check="torch-uninitialised", severity="critical", kind="release", state="unknown", outcome="fail"):
    reach = Reach(state=state) if kind == "release" else None
    return Finding(
        check=check,
        framework="torch",
        outcome=outcome,
        severity=severity,
        kind=kind,
        reach=reach,
        title="a claim",
        message="",
    )


@pytest.mark.parametrize(
    ("finding", "named", "count_unknown", "code"),
    [
        (failed(), (), False, 0),
        (failed(), (), True, 1),
        (failed(), ("torch-uninitialised",), False, 1),
        (failed(state="reached"), (), False, 1),
        (failed(state="not-reached"), (), False, 0),
        (failed(state="not-reached"), (), True, 0),
        (failed(state="not-reached"), ("torch-uninitialised",), False, 1),
        (failed(kind="setup"), (), False, 1),
        (failed(kind="setup", severity="medium"), (), False, 0),
        (failed(kind=None), (), False, 1),
        (failed(check="own-mine"), (), False, 1),
        (failed(kind="setup", outcome="pass"), (), True, 0),
        (failed(severity="medium", state="reached"), (), False, 0),
    ],
)
def test_what_counts(finding, named, count_unknown, code):
    """Each line of the rule, and the neighbour on its other side."""
    assert exit_code([finding], "high", named, count_unknown=count_unknown) == code


def test_a_named_check_that_was_not_measured_is_3_and_a_failure_that_counts_is_worse():
    """As before: not measured is never a pass, and an open defect beside it changes nothing."""
    lost = failed(check="torch-same-seed", outcome="inconclusive")

    assert exit_code([lost, failed()], "high", ["torch-same-seed"]) == 3
    assert exit_code([lost, failed(state="reached")], "high", ["torch-same-seed"]) == 1
