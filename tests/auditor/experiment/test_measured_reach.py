"""`checks/reach.json` is what the recorder measures on the pinned torch: the cases of one check, measured again."""

import sys

import pytest
from support import AUDITED, ROOT

sys.path.insert(0, str(ROOT / "tools"))
import measure_reach

from auditor.experiment import reach

pytestmark = [pytest.mark.frameworks, pytest.mark.slow, pytest.mark.timeout(600)]


def test_the_operators_of_each_case_and_the_guilty_one_are_measured_again():
    """Races are left out here: they need luck to show in one run."""
    shipped = reach.shipped_data()["torch-uninitialised"]
    again = measure_reach.measured(AUDITED, ("uninitialised",))["torch-uninitialised"]

    assert {name: case.operators for name, case in shipped.items()} == {
        name: row["operators"] for name, row in again.items()
    }
    assert {"lstsq": "aten::linalg_lstsq"} == {
        name: row["guilty"]["operator"] for name, row in again.items() if "guilty" in row
    }
