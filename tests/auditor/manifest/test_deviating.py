"""Which values of a finding deviate: what releases, lines of the summary and the score of plants are about."""

import pytest

from auditor.audit.findings import finding
from auditor.catalogue import catalogue
from auditor.manifest.queries import deviating
from auditor.rules import Verdict


@pytest.mark.parametrize(
    ("evidence", "names"),
    [
        ({"differing": {"b": 2, "a": 2}}, ["a", "b"]),
        ({"broken": {"a": {}}, "held": ["b"]}, ["a"]),
        ({"parted": {"a": {}}}, ["a"]),
        ({"alike": ["b", "a"]}, ["a", "b"]),
        ({"alike": "a"}, []),
        ({"classes": {"a": "same", "b": "rounding", "c": "beyond"}}, ["c"]),
        ({"factors": {"memory-fill": ["a"], "perturbed": ["b"]}}, ["a", "b"]),
        ({"factors": {"threads": ["a"]}}, []),
        ({"factors": {"memory-fill": "a"}, "differing": ["a"], "classes": 3}, []),
        ({}, []),
    ],
)
def test_the_values_that_deviate(evidence, names):
    """By every rule's evidence; what agrees, and what only a factor without a promise moves, is not among them."""
    assert deviating(evidence) == names


def test_a_release_is_named_for_the_value_that_deviates_alone():
    """A value that agrees here says nothing about another release."""
    check = catalogue.load().check("jax-compiled-eager")
    vmap, other = "vmap 16385x3 float64", "loss"
    named = finding(check, Verdict("fail", "m", {"classes": {vmap: "beyond", other: "same"}}))
    unnamed = finding(check, Verdict("fail", "m", {"classes": {vmap: "same", other: "beyond"}}))

    assert named.evidence["releases"][0]["passes"] == ["jaxlib 0.10.1"]
    assert "releases" not in unnamed.evidence
