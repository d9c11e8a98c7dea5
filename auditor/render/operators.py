"""Tables of operators for a terminal: counts and a few names of each kind of difference; `--json` has all names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..compare import Comparison, OperatorDifference, OperatorTable
from ..quoting.inert import visible
from .contrast import candidates, listed, under

KINDS = {
    "bits": "give different bits",
    "raises": "raise on one side only, or raise different errors",
    "samples": "have different numbers of samples",
}


def told(comparison: Comparison) -> Iterator[str]:
    """A paragraph for each pair of tables, including those without a difference."""
    if comparison.operators:
        yield "\nOperators (each counted by operator and dtype)"
    facts = {one.name: one for one in comparison.facts}
    for table in comparison.operators:
        yield f"  {visible(table.check)}{under(table.settings)}: {_outcome(table)}"
        for kind, title in KINDS.items():
            members = [one for one in table.differing if one.kind == kind]
            if members:
                yield f"    {title} ({len(members)}): {listed(_by_operator(members))}"
        yield from _untold(table)
        if table.differing:
            yield from candidates(table.candidates, facts)


def _outcome(table: OperatorTable) -> str:
    if not table.compared:
        return "none could be compared"
    if not table.differing:
        return f"none of {table.compared} differs"
    samples = sum(one.differing for one in table.differing)
    return f"{len(table.differing)} of {table.compared} differ, in {samples} of their samples (--json names all)"


def _untold(table: OperatorTable) -> Iterator[str]:
    """The entries that could not be compared, and why."""
    for title, names in (
        ("not comparable, since their inputs differ", table.other_inputs),
        ("unstable within one side, so not comparable", table.unstable),
        ("only in A", table.only_a),
        ("only in B", table.only_b),
    ):
        if names:
            yield f"    {title} ({len(names)}): {listed(names)}"


def _by_operator(members: Sequence[OperatorDifference]) -> list[str]:
    """Each operator once, with its dtypes in brackets; most differing samples first."""
    dtypes: dict[str, list[str]] = {}
    for one in sorted(members, key=lambda one: (-one.differing, one.name)):
        operator, _, dtype = one.name.rpartition(" ")
        dtypes.setdefault(operator or one.name, []).extend([dtype] if operator else [])
    return [f"{operator} ({', '.join(found)})" if found else operator for operator, found in dtypes.items()]
