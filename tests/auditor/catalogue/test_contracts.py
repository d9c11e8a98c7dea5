"""The catalogue of contracts: for each framework a check, or the reason why there is none; never both."""

import re

import pytest
from click.testing import CliRunner
from support import ROOT

from auditor.catalogue import catalogue, contracts
from auditor.cli import group
from auditor.frameworks import FRAMEWORKS

CATALOGUE = ROOT.parent / "shared" / "CHECKS.md"
IDS = {check.id for check in catalogue.load().checks}


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("contract", contracts.CONTRACTS)
def test_each_pair_has_a_check_or_a_reason(framework, contract):
    """What is neither measured nor explained would look like a pass."""
    reason = contracts.absent(f"{framework}-{contract}")

    assert (f"{framework}-{contract}" in IDS) != bool(reason)


def test_the_contracts_are_those_of_the_catalogue():
    """Every row of the shared catalogue's table but the lints, which are checks of the environment."""
    rows = re.findall(r"^\| ([a-z-]+) \|", CATALOGUE.read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert [*contracts.CONTRACTS] == rows


def test_explain_says_why_there_is_none():
    """A user who looks for it is answered."""
    told = CliRunner().invoke(group, ["explain", "jax-loader"]).output

    assert "There is no check jax-loader" in told
    assert "no data loader" in " ".join(told.split())
