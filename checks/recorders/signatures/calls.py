"""
Calls of one signature in a process whose settings the host chose: threads, memory fill, the determinism switch.

torch's can change between two calls (`torch/again.py`); those of TensorFlow and JAX hold for a process.
"""

from __future__ import annotations

import time

from ...declare import NotApplicable
from ...fingerprint import digest

MOST_SECONDS = 3.0
"""For the calls of one arm; two are made in any case."""


def measured(inputs, call, arms, canaries):
    """
    The digests of the inputs, and of the calls of every arm.

    Raises NotApplicable if the first call is refused.

    Args:
        inputs: the arrays that are given to each call.
        call: takes nothing and returns arrays; raises what the framework raises.
        arms: name to {"calls": number, "fill": byte as text, if the process fills fresh memory}.
        canaries: takes nothing and returns size class to the byte that unwritten memory holds, in hex.
    """
    told, answers = digest(inputs), {}
    for name, wanted in arms.items():
        fill = wanted.get("fill")
        if fill is not None and not _reached(canaries(), fill):
            answers[name] = ["not reached"]
            continue
        answers[name] = _arm(call, wanted.get("calls", 1))
    first = next(iter(answers.values()))
    if first and first[0].startswith("refused"):
        raise NotApplicable("it was not accepted with made inputs: %s" % first[0])
    return {"inputs": told, "arms": answers}


def _arm(call, count):
    found, until = [], time.monotonic() + MOST_SECONDS
    for number in range(count):
        if number > 1 and time.monotonic() > until:
            break
        found.append(_called(call))
    return found


def _called(call):
    try:
        return digest(call())
    except NotApplicable:
        raise
    except Exception as problem:
        first = (str(problem).splitlines() or [""])[0]
        return "refused: %s: %s" % (type(problem).__name__, first[:160])


def _reached(seen, fill):
    """Whether any canary holds what glibc leaves for this fill."""
    return "%02x" % (255 - int(fill)) in seen.values()
