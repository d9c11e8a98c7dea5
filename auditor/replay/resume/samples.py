"""Which samples a resumed run uses, against those that the whole run used after the checkpoint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .steps import Step

Kind = Literal["moved", "order", "content", "others"]


@dataclass(frozen=True)
class Samples:
    """How the samples of a resumed run differ from the first step on at which they do."""

    kind: Kind
    """`moved`: it goes on at another place; `order`: the same samples in another order; `content`: the same samples
    with other values; `others`: other samples."""
    moved: int = 0
    """Steps by which the place is behind (samples are repeated) or, below 0, ahead (samples are lost)."""
    lost: int = 0
    """Samples that the whole run used after the checkpoint more often than the resumed one."""
    repeated: int = 0
    """Samples that the resumed run used more often than the whole run did."""
    fresh: bool = False
    """Whether the whole run began a new pass over its loader with that step."""


def compared(whole: Sequence[Step], resumed: Sequence[Step], begin: int, at: int) -> Samples:
    """`at` is the first step of the resumed run (from 0) whose rows differ; `begin` the place of its first step."""
    one, other = whole[begin + at], resumed[at]
    if one.batch == other.batch:  # by their indices: the rows differ
        return Samples("content")
    rest = _counted(whole[begin + at :]), _counted(resumed[at:])
    lost, repeated = (rest[0] - rest[1]).total(), (rest[1] - rest[0]).total()
    fresh = begin + at == 0 or whole[begin + at - 1].passes < one.passes
    places = [place for place, step in enumerate(whole) if step.batch == other.batch and place != begin + at]
    if places:
        nearest = min(places, key=lambda place: abs(place - begin - at))
        return Samples("moved", begin + at - nearest, lost, repeated, fresh)
    return Samples("others" if lost or repeated else "order", 0, lost, repeated, fresh)


def _counted(steps: Sequence[Step]) -> Counter[object]:
    return Counter(sample for step in steps for sample in step.batch)
