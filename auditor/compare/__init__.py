"""
The differences between two manifests, and the effect of each on numbers.

Pure functions of two manifests. `table/` is the data: the effect of each fact, with its reason and source.
"""

from __future__ import annotations

from .comparison import Comparison, ComparisonVerdict, FindingDifference, compare
from .facts import FactDifference
from .operators import OperatorDifference, OperatorTable
from .readings import ReadingDifference
from .replays import ReplayDifference
from .side import Side, is_probe, of_manifest, of_probe

__all__ = [
    "Comparison",
    "ComparisonVerdict",
    "FactDifference",
    "FindingDifference",
    "OperatorDifference",
    "OperatorTable",
    "ReadingDifference",
    "ReplayDifference",
    "Side",
    "compare",
    "is_probe",
    "of_manifest",
    "of_probe",
]
