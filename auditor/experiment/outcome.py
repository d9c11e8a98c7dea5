"""What calling a signature again showed: its outcome, and the rule that gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .tables import JITTED, Signature

Outcome = Literal[
    "repeats", "moves-with-threads", "races", "reads-unwritten-memory", "differs-between-processes", "differs"
]
RACY = (
    *("index_put", "put_", "::put", "index_add", "index_copy", "scatter", "embedding", "bincount", "histc", "segment"),
    *("Scatter", "Segment", "Bincount", "CropAndResizeGrad", "SparseTensorDenseMatMul", "BackpropFilter", JITTED),
)
"""
Parts of the names of operators whose threads may write to one place: they are called more often, and first.

A jitted program of JAX may hold such operators.
"""
NOT_REACHED = "not reached"
"""The answer of an arm whose memory fill does not reach the framework's allocator."""
REFUSED = "refused"
"""How the answer of a call begins that raised."""


@dataclass(frozen=True)
class Measured:
    """What the calls of one signature gave."""

    signature: Signature
    outcome: Outcome
    results: int = 1
    """Distinct results in the calls of the worst arm."""
    calls: int = 1
    """Calls of that arm."""
    cured: bool = False
    """Whether the determinism switch was measured to give one result."""
    inputs: str = ""
    outputs: str = ""
    """Digest of the outputs of the first call."""
    one_thread: str = ""
    """Digest of the outputs with one thread."""

    @property
    def bad(self) -> bool:
        """Whether it does not repeat under the program's own settings."""
        return self.outcome not in ("repeats", "moves-with-threads")


@dataclass
class Measurement:
    """All signatures of a program, called again."""

    measured: list[Measured] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    """Id of a signature to the reason why it was not called again."""
    seconds: float = 0.0
    processes: int = 0


def ordered(signatures: Sequence[Signature]) -> list[Signature]:
    """Racy families first, then by the number of calls."""
    return sorted(signatures, key=lambda one: (not is_racy(one), -one.calls, one.id))


def is_racy(signature: Signature) -> bool:
    """Whether its family is known to race."""
    return any(part in signature.operator for part in RACY)


def judged(signature: Signature, answer: Mapping[str, Any], fresh: Mapping[str, Any] | None) -> Measured:
    """
    The outcome of one signature's arms.

    With one thread the order of additions is fixed: what differs there from call to call is no race.
    """
    given: dict[str, list[str]] = answer["arms"]
    own, one = given["own"], given.get("one", [])
    facts: dict[str, Any] = {"inputs": answer["inputs"], "outputs": own[0], "one_thread": one[0] if one else ""}
    fills = [told for name, told in given.items() if name.startswith("fill") and told[0] != NOT_REACHED]
    filled = {told[0] for told in fills}
    if len({*one}) > 1:
        kind: Outcome = "reads-unwritten-memory" if len(filled) > 1 else "differs"
        return Measured(signature, kind, len({*one}), len(one), **facts)
    if len(filled) > 1:
        return Measured(signature, "reads-unwritten-memory", len(filled), len(fills), **facts)
    worst = max((own, given.get("many", [])), key=lambda told: len({*told}))
    if len({*worst}) > 1:
        switch = given.get("switch", [])
        cured = len({*switch}) == 1 and not switch[0].startswith(REFUSED)
        return Measured(signature, "races", len({*worst}), len(worst), cured, **facts)
    if fresh and fresh["inputs"] == answer["inputs"] and fresh["arms"]["own"][0] != own[0]:
        return Measured(signature, "differs-between-processes", 2, 2, **facts)
    if one and one[0] != own[0]:
        return Measured(signature, "moves-with-threads", 2, 2, **facts)
    return Measured(signature, "repeats", 1, len(own), **facts)
