"""
Whether the first run differs because it found the data caches of its libraries empty, and filled them for the others.

Later runs cannot show it: their caches are full. So it is asked here, before the search for the origin, where the first
baseline run alone differs. A run with empty caches must give what the first one gave. Then a coin draws for each
further run whether its caches are empty, and each must give its own result each time (`search.py`, a switch).
"""

from __future__ import annotations

from collections.abc import Sequence

from ..runs.budget import Budget
from ..runs.run import Run
from . import interventions
from .baseline_run import BaselineSearch, Runner, after_details
from .by_statement import Explanation
from .counterfactual import explain
from .run_pair import compare_runs
from .search_model import Choice


def filled_by_first(baseline: Sequence[Run]) -> bool:
    """Whether the first run differs from every other one, and these agree; two runs alone do not show that."""
    first, *others = baseline
    if len(others) < 2:
        return False
    apart = (compare_runs(first, other, search=False) for other in others)
    alike = (compare_runs(others[0], other, search=False) for other in others[1:])
    return all(one.conclusive and one.differs for one in apart) and not any(one.differs for one in alike)


def decided(run: Runner, first: BaselineSearch, budget: Budget, *, coin: Choice | None = None) -> Explanation | None:
    """
    The proof that the caches decide which result comes; None if they do not, or it was not proven.

    A run that fails without its caches, as one that would download again, proves nothing.
    """
    if not filled_by_first(first.runs) or budget.left <= 1:
        return None
    cold = interventions.data_cache()
    made = run(cold.settings, "with empty data caches, since the first run alone differs")
    compared = compare_runs(first.runs[0], made, search=False)
    if not compared.usable or compared.differs:
        return None
    found = after_details(first)
    tests = explain(run, [cold], found, budget, coin=coin)
    return Explanation(found, tests) if tests.proven else None
