"""The verdict in one sentence, as soon as it is known: before the search for a cause, which takes minutes."""

from __future__ import annotations

from collections.abc import Sequence

from ..quoting.inert import shortened, visible
from .cause.baseline_run import first_seen
from .cause.run_pair import RunPair, outputs_differ
from .cause.timed_operations import may_be_times
from .provenance.origin_model import Origin
from .runs.run import Run
from .so_far import SoFar

CODE_CHARACTERS = 60


def early(base: Sequence[Run], pairs: Sequence[RunPair], wanted: int) -> str:
    """After two of `wanted` baseline runs: that recorded steps differ already; empty if they do not."""
    if not any(one.usable and one.steps_differ for one in pairs) or may_be_times(base):
        return ""
    found = first_seen(base)
    return f"DIVERGED after {len(base)} runs: {place(found.origin, base)}; {wanted - len(base)} more to tell how often"


def sentence(known: SoFar) -> str:
    """The verdict, after how many runs, and where a divergence is seen first."""
    said = f"{known.verdict.upper()} after {len(known.base)} runs"
    return f"{said}: {place(known.first.origin, known.base)}" if known.first else said


def place(origin: Origin | None, base: Sequence[Run]) -> str:
    """Where runs differ first: the operation and its line, or the outputs."""
    if origin is None:
        names = dict.fromkeys(name for other in base[1:] for name in outputs_differ(base[0], other))
        return f"{', '.join(visible(shortened(name, CODE_CHARACTERS)) for name in list(names)[:3]) or 'output'} differs"
    line = origin.source
    where = f" ({visible(line.file)}:{line.line})" if line.known else ""
    return f"first at {visible(shortened(origin.name, CODE_CHARACTERS))}{where}"
