"""Asks a fresh process of the audited Python to call signatures again, within the time that is left."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from ..interpreter.conversation import Limits, Request, ask
from ..interpreter.launcher import Here
from ..interpreter.replies import Crashed, Failed, NotApplicable, Ok
from ..manifest import program
from .outcome import Measurement
from .tables import Signature

CHECK = program.OPERATORS
STEP_SECONDS = 60.0
PATIENT = (("OMP_WAIT_POLICY", "PASSIVE"), ("KMP_BLOCKTIME", "0"))
"""Threads that wait by sleeping: 8 that spin on 2 cores took 60 s for what takes 1 s, and compute the same."""
Arms = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Asking:
    """Where the signatures of one framework are called again, and until when."""

    python: str
    framework: str
    began: float
    seconds: float
    stop: threading.Event | None
    found: Measurement

    def asked(
        self,
        wanted: Sequence[Signature],
        arms_of: Callable[[Signature], Arms],
        settings: Mapping[str, str],
        share: float = 1.0,
        *,
        told: bool = False,
    ) -> dict[str, dict[str, Any]]:
        """
        Id to the answer of each signature that was called in one process (more, where one crashes).

        Args:
            wanted: the signatures, in order.
            arms_of: the arms in which one is called.
            settings: of the process.
            share: of the time, at whose end no further signature is called.
            told: whether a signature that was not called is left out, with the reason.
        """
        steps = [
            {"check": CHECK, "signature": _document(one), "arms": {k: dict(v) for k, v in arms_of(one).items()}}
            for one in wanted
        ]
        until = self.began + self.seconds * share
        request = Request("measure", self.framework, steps, {"hash-seed": "0", **settings}, context={"until": until})
        self.found.processes += 1
        answers: dict[str, dict[str, Any]] = {}
        left_out: dict[str, str] = {}
        waiting: Iterator[Signature] = iter(wanted)
        for reply in ask(Here(self.python, also=PATIENT), request, Limits(STEP_SECONDS), self.stop):
            match reply:
                case Ok(check=check) if check == CHECK:
                    answers[next(waiting).id] = reply.repeats[0]
                case NotApplicable(reason=reason):
                    left_out[next(waiting).id] = reason
                case Failed(check=check) if check == CHECK:
                    left_out[next(waiting).id] = f"{reply.error}: {reply.message}"
                case Crashed(problem=problem):
                    lost = [next(waiting)] if reply.step else [*waiting]
                    left_out.update({one.id: f"calling it again ended the process: {problem}" for one in lost})
        if told:
            self.found.left_out.update(left_out)
        return answers

    @property
    def has_time(self) -> bool:
        """Whether another process may start."""
        return time.time() < self.began + self.seconds and not (self.stop is not None and self.stop.is_set())


def _document(signature: Signature) -> dict[str, JsonValue]:
    return {
        "operator": signature.operator,
        "arguments": signature.arguments,
        "settings": signature.settings,
        "statistics": list(signature.statistics),
    }
