"""Tables of operators for a terminal: counted, grouped by what differs, a few names of each; `--json` has them all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..compare import Comparison, OperatorDifference, OperatorTable
from ..quoting.inert import visible
from .contrast import candidates, listed, under

KINDS = {
    "bits": "give other bits",
    "raises": "raise on one side, or another error",
    "samples": "have another number of samples",
}


def told(comparison: Comparison) -> Iterator[str]:
    """A paragraph for each pair of tables, also for those in which nothing differs."""
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
    """The entries from which nothing follows, and why."""
    for title, names in (
        ("not comparable, since their inputs differ", table.other_inputs),
        ("unstable within a side, so that nothing follows", table.unstable),
        ("only in A", table.only_a),
        ("only in B", table.only_b),
    ):
        if names:
            yield f"    {title} ({len(names)}): {listed(names)}"


def _by_operator(members: Sequence[OperatorDifference]) -> list[str]:
    """Each operator once, with its dtypes in brackets; those of which most samples differ first."""
    dtypes: dict[str, list[str]] = {}
    for one in sorted(members, key=lambda one: (-one.differing, one.name)):
        operator, _, dtype = one.name.rpartition(" ")
        dtypes.setdefault(operator or one.name, []).extend([dtype] if operator else [])
    return [f"{operator} ({', '.join(found)})" if found else operator for operator, found in dtypes.items()]
