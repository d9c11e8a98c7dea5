"""An `operators.json`: the operators of a program, the most called first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import ManifestError, UsageError
from ..experiment import portable
from ..experiment.tables import Signature
from ..quoting.inert import shortened, visible
from .kinds import NOTHING_SHOWN, Recognised

MOST_SHOWN, NAME_CHARACTERS = 60, 60
TENSORS_SHOWN = 4


def text(read: Recognised) -> Iterator[str]:
    """Lines: how many signatures and calls; each with its tensors and its place. Raises ManifestError if damaged."""
    try:
        found = portable.read(read.path)
    except UsageError as problem:
        raise ManifestError(problem.message, NOTHING_SHOWN) from problem
    yield "OPERATORS of a program. It is not signed: anyone could have written it."
    yield f"  {len(found)} distinct signatures, {sum(one.calls for one in found)} calls{_left_out(read.document)}"
    yield "  To measure them here: auditor audit --operators-of FILE"
    yield ""
    for one in sorted(found, key=lambda one: (-one.calls, one.operator))[:MOST_SHOWN]:
        yield _line(one)
    if len(found) > MOST_SHOWN:
        yield f"  and {len(found) - MOST_SHOWN} more"


def _left_out(document: dict[str, Any]) -> str:
    number = document.get("left_out")
    return f"; {number} more were left out for their size" if isinstance(number, int) and number > 0 else ""


def _line(one: Signature) -> str:
    tensors = [_tensor(tensor) for tensor in one.tensors()]
    more = f", {len(tensors) - TENSORS_SHOWN} more" if len(tensors) > TENSORS_SHOWN else ""
    place = f", at {_cut(one.first.text)}" if one.first.text else ""
    calls = f"{one.calls} call{'' if one.calls == 1 else 's'}"
    return f"  {_cut(one.operator)}({', '.join(tensors[:TENSORS_SHOWN])}{more}): {calls}{place}"


def _tensor(tensor: dict[str, Any]) -> str:
    shape = tensor.get("shape")
    sizes = ",".join(_cut(str(size)) for size in shape) if isinstance(shape, list) else "?"
    return f"{_cut(str(tensor.get('tensor')))}[{sizes}]"


def _cut(value: str) -> str:
    return visible(shortened(value, NAME_CHARACTERS))
