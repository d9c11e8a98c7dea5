"""
What the cure costs this program: it runs with and without the determinism switch in turn, to its end or to a limit.

The two kinds of runs differ in the switch alone, and nothing is recorded in them. Ratios are of neighbouring runs, so
that a machine that becomes slower does not count against one kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from pydantic import JsonValue

from ..errors import UsageError
from ..privacy.modes import Privacy
from . import run
from .run import Limits

PAIRS = 3


def refuse(limits: Limits) -> None:
    """Raise UsageError where a limit in seconds would make all runs equally long."""
    if limits.seconds < float("inf"):
        raise UsageError(
            "--price with --for would compare two times that are equal by force",
            "Nothing was run. End the program by --steps, or let it end itself.",
        )


def price(
    command: Sequence[str], limits: Limits, tell: Callable[[str], None] = lambda _text: None
) -> dict[str, JsonValue]:
    """
    Ratios of the run with the switch to the run without it: `ratios`, `ratio` (median), `lowest`, `highest`.

    Numbers are `float.hex()` strings. A run that fails under the switch ends it, with the reason as `refused`.
    """
    ratios: list[float] = []
    for number in range(1, PAIRS + 1):
        tell(f"--price: pair {number} of {PAIRS}, without and with the switch")
        plain, cured = (
            run.run(command, (), Privacy(), limits, quiet=True, request={"record": False, "deterministic": on})
            for on in (False, True)
        )
        for name, one in (("without the switch", plain), ("under the switch", cured)):
            if one.ended not in ("by-itself", "steps"):
                return {"refused": f"the program failed {name} (exit code {one.exit_code})"}
        ratios.append(cured.seconds / plain.seconds)
    return {
        "ratios": [one.hex() for one in ratios],
        "ratio": median(ratios).hex(),
        "lowest": min(ratios).hex(),
        "highest": max(ratios).hex(),
        "cure": "torch.use_deterministic_algorithms(True)",
    }
