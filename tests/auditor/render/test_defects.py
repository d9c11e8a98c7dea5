"""A defect of a release in one line."""

import pytest

from auditor.manifest.models import Finding
from auditor.render import defects


def finding(evidence, *, message="two results; and more", known=None, check="torch-claim"):
    return Finding(
        check=check,
        framework="torch",
        outcome="fail",
        severity="high",
        kind="release",
        known=known,
        title="t",
        message=message,
        evidence=evidence,
    )


@pytest.mark.parametrize(
    ("evidence", "line"),
    [
        ({"differing": {"lstsq": 2}}, "torch-claim: lstsq"),
        ({"differing": {"a": 2}, "factors": {"memory-fill": ["a", "b"]}}, "torch-claim: a, b (memory-fill)"),
        ({"factors": {"perturbed": ["a"]}}, "torch-claim: a"),
        ({"differing": {"a": 2}, "factors": {"threads": ["b"]}}, "torch-claim: a"),
        ({"broken": {"x": {"expected": 1, "observed": 2}}, "held": ["y"]}, "torch-claim: x"),
        ({"classes": {"a": "same", "b": "beyond", "c": "rounding"}}, "torch-claim: b"),
        (
            {"differing": {"a": 2, "a 2": 2}, "releases": [{"name": "a", "passes": ["torch 2.14.1"]}]},
            "torch-claim: a, a 2; right in torch 2.14.1",
        ),
        (
            {"differing": {"a": 2, "b": 2}, "releases": [{"name": "a", "passes": ["torch 2.14.1"]}]},
            "torch-claim: a, b; a is right in torch 2.14.1",
        ),
        (
            {"releases": "nonsense", "differing": ["nonsense"], "factors": 3, "classes": None},
            "torch-claim: two results; and more",
        ),
        ({}, "torch-claim: two results; and more"),
    ],
)
def test_the_operator_the_condition_and_the_release(evidence, line):
    """Whatever rule made the evidence; evidence of another shape falls back to the message."""
    assert defects.line(finding(evidence)) == line


def test_it_is_one_line():
    """Names that do not fit are counted; the first one is cut if it must be."""
    many = defects.line(finding({"differing": {f"operator {number}": 2 for number in range(40)}}))
    long = defects.line(finding({"differing": {"x" * 300: 2, "y": 2}}, known="documented-and-cured"))

    assert len(many) <= 70
    assert many == "torch-claim: operator 0, operator 1, operator 10 and 37 more"
    assert len(long) <= 70
    assert long.startswith("torch-claim (documented): xxx")
    assert long.endswith("x… and 1 more")


def test_the_order_of_keys_does_not_matter():
    """A manifest that is read again has its keys sorted, and its report must be the same."""
    one, other = ({"broken": dict.fromkeys(names)} for names in (("b", "a", "c"), ("c", "b", "a")))

    assert defects.line(finding(one)) == defects.line(finding(other)) == "torch-claim: a, b, c"
