"""
Difference of two manifests, with what each difference can do to numbers.

Pure functions of what the manifests hold; `table/` is the data: which fact has which effect, why, and who says so.
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
