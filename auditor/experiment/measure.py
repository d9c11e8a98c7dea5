"""
Calls every signature of a program again, in fresh processes of its Python, and says of each whether it repeats.

One process measures all arms of all signatures; a second one, fresh, makes a single call of each. The most frequent
signatures and those of families that are known to race come first, as the time is limited.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import JsonValue

from ..interpreter.conversation import Limits, Request, ask
from ..interpreter.launcher import Here
from ..interpreter.replies import Crashed, Failed, NotApplicable, Ok
from ..manifest import program
from .tables import Signature

CHECK = program.OPERATORS
Outcome = Literal[
    "repeats", "moves-with-threads", "races", "reads-unwritten-memory", "differs-between-processes", "differs"
]
RACY = ("index_put", "put_", "::put", "index_add", "index_copy", "scatter", "embedding", "bincount", "histc", "segment")
"""Parts of the names of operators whose threads may write to one place: they are called more often, and first."""
MANY_THREADS = 8
"""More than the cores: a race that shows in none of 60 calls with 2 threads showed in 59 with 8 (2 cores)."""
RACY_CALLS, CALLS = 20, 3
STEP_SECONDS = 60.0
FILLS = ("85", "170", "255")
PROCESS_SHARE = 0.75
"""Share of the time for the first process."""
PATIENT = (("OMP_WAIT_POLICY", "PASSIVE"), ("KMP_BLOCKTIME", "0"))
"""Threads that wait by sleeping: 8 that spin on 2 cores took 60 s for what takes 1 s, and compute the same."""
NO_TIME = "the time for operators was over (--operators-budget)"
INTERIOR = "inside a compiled region, where other kernels run"


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


def measure(
    python: str,
    signatures: Sequence[Signature],
    budget_seconds: float,
    tell: Callable[[str], None] = lambda _text: None,
    stop: threading.Event | None = None,
) -> Measurement:
    """Call the signatures again within the time; what was left out has its reason."""
    found = Measurement()
    began = time.time()
    for framework in ("torch",):
        wanted = [one for one in ordered(signatures) if "::" in one.operator and not one.interior]
        if not wanted:
            continue
        tell(f"{len(wanted)} operator signatures of {framework} are called again")
        until = began + budget_seconds
        first = _asked(python, framework, wanted, arms, began + budget_seconds * PROCESS_SHARE, stop, found.left_out)
        again = [one for one in wanted if one.id in first]
        fresh = _asked(python, framework, again, lambda _one: {"own": {"calls": 1}}, until, stop, {})
        found.measured += [judged(one, first[one.id], fresh.get(one.id)) for one in again]
        found.processes += 2
    for one in signatures:
        if one.interior:
            found.left_out[one.id] = INTERIOR
        elif "::" not in one.operator:
            found.left_out[one.id] = "operators of this framework are not called again yet"
    found.seconds = time.time() - began
    return found


def ordered(signatures: Sequence[Signature]) -> list[Signature]:
    """Racy families first, then by the number of calls."""
    return sorted(signatures, key=lambda one: (not is_racy(one), -one.calls, one.id))


def is_racy(signature: Signature) -> bool:
    """Whether its family is known to race."""
    return any(part in signature.operator for part in RACY)


def arms(signature: Signature) -> dict[str, dict[str, Any]]:
    """The arms in which a signature is called. A program with one thread has no race."""
    own = signature.settings.get("threads")
    many = 1 if own == 1 else MANY_THREADS
    racy = is_racy(signature)
    found: dict[str, dict[str, Any]] = {
        "own": {"calls": RACY_CALLS // 2 if racy else CALLS},
        "one": {"calls": 2, "threads": 1},
    }
    if many > 1:
        found["many"] = {"calls": RACY_CALLS if racy else CALLS, "threads": many}
    found |= {f"fill {fill}": {"calls": 1, "threads": 1, "fill": fill} for fill in FILLS}
    if racy and many > 1:
        found["switch"] = {"calls": RACY_CALLS, "threads": many, "deterministic": True}
    return found


def _asked(  # noqa: PLR0917 - called twice, in one function
    python: str,
    framework: str,
    wanted: Sequence[Signature],
    arms_of: Callable[[Signature], Mapping[str, Any]],
    until: float,
    stop: threading.Event | None,
    left_out: dict[str, str],
) -> dict[str, dict[str, Any]]:
    """Id to the answer of each signature that was called in one process (more, where one crashes)."""
    steps = [{"check": CHECK, "signature": _document(one), "arms": dict(arms_of(one))} for one in wanted]
    request = Request("measure", framework, steps, {"hash-seed": "0"}, context={"until": until})
    found: dict[str, dict[str, Any]] = {}
    waiting: Iterator[Signature] = iter(wanted)
    for reply in ask(Here(python, also=PATIENT), request, Limits(STEP_SECONDS), stop):
        match reply:
            case Ok(check=check) if check == CHECK:
                found[next(waiting).id] = reply.repeats[0]
            case NotApplicable(reason=reason):
                left_out[next(waiting).id] = reason
            case Failed(check=check) if check == CHECK:
                left_out[next(waiting).id] = f"{reply.error}: {reply.message}"
            case Crashed(problem=problem):
                lost = [next(waiting)] if reply.step else [*waiting]
                left_out.update({one.id: f"calling it again ended the process: {problem}" for one in lost})
    return found


def _document(signature: Signature) -> dict[str, JsonValue]:
    return {
        "operator": signature.operator,
        "arguments": signature.arguments,
        "settings": signature.settings,
        "statistics": list(signature.statistics),
    }


def judged(signature: Signature, answer: Mapping[str, Any], fresh: Mapping[str, Any] | None) -> Measured:
    """
    The outcome of one signature's arms.

    With one thread the order of additions is fixed: what differs there from call to call is no race.
    """
    given: dict[str, list[str]] = answer["arms"]
    own, one = given["own"], given.get("one", [])
    facts: dict[str, Any] = {"inputs": answer["inputs"], "outputs": own[0], "one_thread": one[0] if one else ""}
    fills = [told for name, told in given.items() if name.startswith("fill") and told[0] != "not reached"]
    filled = {told[0] for told in fills}
    if len({*one}) > 1:
        kind: Outcome = "reads-unwritten-memory" if len(filled) > 1 else "differs"
        return Measured(signature, kind, len({*one}), len(one), **facts)
    if len(filled) > 1:
        return Measured(signature, "reads-unwritten-memory", len(filled), len(fills), **facts)
    worst = max((own, given.get("many", [])), key=lambda told: len({*told}))
    if len({*worst}) > 1:
        switch = given.get("switch", [])
        cured = len({*switch}) == 1 and not switch[0].startswith("refused")
        return Measured(signature, "races", len({*worst}), len(worst), cured, **facts)
    if fresh and fresh["inputs"] == answer["inputs"] and fresh["arms"]["own"][0] != own[0]:
        return Measured(signature, "differs-between-processes", 2, 2, **facts)
    if one and one[0] != own[0]:
        return Measured(signature, "moves-with-threads", 2, 2, **facts)
    return Measured(signature, "repeats", 1, len(own), **facts)
