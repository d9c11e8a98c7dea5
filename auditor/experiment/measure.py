"""
Calls every signature of a program again, in fresh processes of its Python, and says of each whether it repeats.

torch: one process measures all arms of all signatures; a second one, fresh, makes a single call of each. TensorFlow and
JAX have their threads and their fresh memory for a whole process: one for each arm. The most frequent signatures and
those of families that are known to race come first, as the time is limited.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .asking import Asking
from .outcome import Measurement, is_racy, judged, ordered
from .tables import Signature

FRAMEWORKS = ("torch", "tensorflow", "jax")
MANY_THREADS = 8
"""More than the cores: a race that shows in none of 60 calls with 2 threads showed in 59 with 8 (2 cores)."""
RACY_CALLS, CALLS = 20, 3
FILLS = ("85", "170", "255")
PROCESS_SHARE = 0.75
"""Share of the time for the first process."""
NO_TIME = "the time for operators was over (--operators-budget)"
UNANSWERED = "no answer, or one about other inputs, from: {}"
INTERIOR = "inside a compiled region, where other kernels run"
SWITCHED = {"framework-switch": "on"}


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
    outside = [one for one in ordered(signatures) if not one.interior]
    by_framework = {name: [one for one in outside if one.framework == name] for name in FRAMEWORKS}
    left = [name for name, wanted in by_framework.items() if wanted]
    while left:
        framework = left.pop(0)
        wanted = by_framework[framework]
        tell(f"{len(wanted)} operator signatures of {framework} are called again")
        seconds = (began + budget_seconds - time.time()) / (1 + len(left))
        asking = Asking(python, framework, time.time(), seconds, stop, found)
        (_in_one_process if framework == "torch" else _in_a_process_each)(asking, wanted)
    found.left_out.update({one.id: INTERIOR for one in signatures if one.interior and not one.is_part})
    found.seconds = time.time() - began
    return found


def _in_one_process(asking: Asking, wanted: Sequence[Signature]) -> None:
    """All arms of all signatures in one process, and a call of each in a fresh one."""
    first = asking.asked(wanted, arms, {}, PROCESS_SHARE, told=True)
    again = [one for one in wanted if one.id in first]
    fresh = asking.asked(again, lambda _one: {"own": {"calls": 1}}, {})
    asking.found.measured += [judged(one, first[one.id], fresh.get(one.id)) for one in again]


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


def _in_a_process_each(asking: Asking, wanted: Sequence[Signature]) -> None:
    """Each arm in a process of its own; the switch only where a race was seen, as it is there that it may cure."""
    own = _own(wanted)
    answers = asking.asked(wanted, _calls("own"), own, PROCESS_SHARE, told=True)
    again = [one for one in wanted if one.id in answers]
    one_thread = {**own, "threads": "1"}
    processes: list[tuple[str, Mapping[str, str]]] = [("one", one_thread)]
    if own.get("threads") != "1":
        processes.insert(0, ("many", {**own, "threads": str(MANY_THREADS)}))
    processes += [(f"fill {fill}", {**one_thread, "memory-fill": fill}) for fill in FILLS]
    fresh = asking.asked(again, _calls("own"), own)
    for arm, settings in processes:
        if asking.has_time:
            _join(answers, asking.asked(again, _calls(arm, settings), settings))
    racing = [one for one in again if judged(one, answers[one.id], None).outcome == "races"]
    if racing and asking.framework == "tensorflow" and asking.has_time:
        switched = {**own, "threads": str(MANY_THREADS), **SWITCHED}
        _join(answers, asking.asked(racing, _calls("switch"), switched))
    for one in again:
        found = judged(one, answers[one.id], fresh.get(one.id))
        lacking = [arm for arm, _ in processes if arm not in answers[one.id]["arms"]]
        lacking += ["a fresh process"] * (one.id not in fresh)
        if lacking and not found.bad:  # what was not looked for may be there
            asking.found.left_out[one.id] = UNANSWERED.format(", ".join(lacking)) if asking.has_time else NO_TIME
        else:
            asking.found.measured.append(found)


def _own(wanted: Sequence[Signature]) -> dict[str, str]:
    """The settings of a process in which the program's own hold: those of its most frequent signature."""
    most = max(wanted, key=lambda one: one.calls).settings
    threads = most.get("threads")
    own = {"threads": str(threads)} if isinstance(threads, int) and threads else {}
    return {**own, **(SWITCHED if most.get("deterministic") else {})}


def _calls(arm: str, settings: Mapping[str, str] | None = None) -> Callable[[Signature], dict[str, dict[str, Any]]]:
    """Function of a signature that returns the one arm of a process."""
    fill = (settings or {}).get("memory-fill")

    def of(one: Signature) -> dict[str, dict[str, Any]]:
        racy = is_racy(one)
        calls = {"own": RACY_CALLS // 2 if racy else CALLS, "one": 2}.get(arm, RACY_CALLS if racy else CALLS)
        return {arm: {"calls": 1, "fill": fill} if fill else {"calls": calls}}

    return of


def _join(answers: dict[str, dict[str, Any]], more: Mapping[str, Mapping[str, Any]]) -> None:
    """Add the arms of another process, where its inputs were the same."""
    for key, told in more.items():
        if told["inputs"] == answers[key]["inputs"]:
            answers[key]["arms"].update(told["arms"])
