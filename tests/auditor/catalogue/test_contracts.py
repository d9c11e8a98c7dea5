"""The catalogue of contracts: for each framework a check, or the reason why there is none; never both."""

import re

import pytest
from click.testing import CliRunner
from support import ROOT

from auditor.catalogue import catalogue, contracts
from auditor.cli import group
from auditor.frameworks import FRAMEWORKS

PAGE = ROOT / "docs" / "explanation" / "contracts.md"
IDS = {check.id for check in catalogue.load().checks}


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("contract", contracts.CONTRACTS)
def test_each_pair_has_a_check_or_a_reason(framework, contract):
    """What is neither measured nor explained would look like a pass."""
    reason = contracts.absent(f"{framework}-{contract}")

    assert (f"{framework}-{contract}" in IDS) != bool(reason)


def test_the_page_of_contracts_has_each_with_its_claim():
    """The same contracts in the same order, each with how it is measured and the reports behind it."""
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in PAGE.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if len(row) == 4 and re.fullmatch("[a-z]+(-[a-z]+)*", row[0]) and row[0] != "contract"]

    assert [*contracts.CONTRACTS.items()] == [(contract, claim) for contract, claim, _, _ in rows]
    assert all(measured and evidence for _, _, measured, evidence in rows)


def test_explain_says_why_there_is_none():
    """A user who looks for it is answered."""
    told = CliRunner().invoke(group, ["explain", "jax-loader"]).output

    assert "There is no check jax-loader" in told
    assert "no data loader" in " ".join(told.split())
