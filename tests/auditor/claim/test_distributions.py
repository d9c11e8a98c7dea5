"""Quantiles and expectations, against published tables and SciPy."""

import json
import subprocess
from pathlib import Path

import pytest

from auditor.claim import distributions

AUDITED = Path(__file__).resolve().parents[3] / ".venv-audited" / "bin" / "python"
FREEDOMS = (1.0, 1.9846, 3.0, 4.5, 8.0, 30.0, 300.0, 1998.0)
SHIFTS = (0.0, 0.5, 1.0, 3.0)
ORACLE = """
import json, sys
from scipy.stats import nct, t
freedoms, shifts = json.loads(sys.argv[1])
print(json.dumps([[t.ppf(0.975, v), *(nct.sf(t.ppf(0.975, v), v, s) + nct.cdf(-t.ppf(0.975, v), v, s) for s in shifts)]
                  for v in freedoms]))
"""


@pytest.mark.parametrize(
    ("freedom", "expected"),
    [(1, 12.7062), (2, 4.30265), (4, 2.77645), (8, 2.30600), (30, 2.04227), (120, 1.97993)],
)
def test_quantiles_are_those_of_the_tables(freedom, expected):
    """Two-sided 95 % (NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2)."""
    assert pytest.approx(expected, rel=2e-5) == distributions.t_quantile(float(freedom))


@pytest.mark.parametrize(
    ("count", "d2", "d3"),
    [(2, 1.128379, 0.852502), (3, 1.692569, 0.888368), (5, 2.325929, 0.864082), (25, 3.930629, 0.708441)],
)
def test_expectations_of_a_range_are_those_of_control_charts(count, d2, d3):
    """d2 and d3, as tables of control chart constants list them."""
    assert pytest.approx(d2, rel=1e-6) == distributions.range_mean(count)
    assert pytest.approx(d2**2 + d3**2, rel=1e-6) == distributions.range_square(count)


def test_a_range_of_two_is_their_standard_deviation():
    """W = |x - y|: half of its square is their sample variance, which has one degree of freedom."""
    assert pytest.approx(2.0, rel=1e-9) == distributions.range_square(2)
    assert 1.0 == distributions.range_freedom(2)
    assert pytest.approx(3.83, abs=0.01) == distributions.range_freedom(5)  # Patnaik's table


@pytest.mark.slow
@pytest.mark.frameworks
@pytest.mark.skipif(not AUDITED.exists(), reason="needs the audited environment, which holds SciPy")
def test_quantiles_and_power_are_those_of_scipy():
    """Student's t, and the noncentral t distribution as the power of a test."""
    asked = json.dumps([FREEDOMS, SHIFTS])
    told = subprocess.run([AUDITED, "-c", ORACLE, asked], capture_output=True, text=True, check=True)

    for freedom, (quantile, *powers) in zip(FREEDOMS, json.loads(told.stdout), strict=True):
        found = distributions.t_quantile(freedom)
        assert pytest.approx(quantile, rel=2e-5) == found
        computed = [distributions.power(shift, 1.0, freedom, found) for shift in SHIFTS]
        assert pytest.approx(powers, abs=2e-6) == computed
