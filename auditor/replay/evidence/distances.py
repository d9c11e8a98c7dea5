"""
How far the outputs of one operation differ between two runs, from the dumps that the recorder wrote.

A dump is a folder with `dump.json` and raw bytes. The experiment's own process writes it: it is hostile data.
"""

from __future__ import annotations

import re
import struct
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import ManifestError
from ...manifest.strict_json import parse

FOLDER, DESCRIPTION = "dump", "dump.json"
DESCRIPTION_LIMIT_BYTES = 1 << 20
FILE = re.compile(r"(?:input|output)-[0-9]{1,6}\.bin")
MOST_BYTES = 1 << 28
"""Limit of the bytes of one output that are compared."""
CHUNK_BYTES = 1 << 16
BYTES = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "complex64": 4, "complex128": 8}
"""Size of one real number."""
WIDTHS = {1: "B", 2: "H", 4: "I", 8: "Q"}
MANTISSA = {"float64": 52, "float32": 23, "float16": 10, "bfloat16": 7, "complex64": 23, "complex128": 52}
INTEGERS = {"int8": 1, "uint8": 1, "bool": 1, "int16": 2, "int32": 4, "int64": 8}


@dataclass(frozen=True)
class OutputDistances:
    """How far the outputs of one operation differ between two runs."""

    differs: bool
    outputs: tuple[str, ...]
    """One sentence for each output."""
    max_ulp: int | None
    """The largest distance in units in the last place; None if no comparable output differs."""


def dump_of(run: Path) -> Path | None:
    """The dump in a run's folder; None if the operation did not run, or could not be kept."""
    folder = run / FOLDER
    return folder if "problem" not in (described(folder) or {"problem": ""}) else None


def described(folder: Path) -> dict[str, Any] | None:
    """The description in a dump; None if there is no readable one."""
    try:
        with (folder / DESCRIPTION).open("rb") as handle:
            document = parse(handle.read(DESCRIPTION_LIMIT_BYTES + 1), DESCRIPTION, limit_bytes=DESCRIPTION_LIMIT_BYTES)
    except (OSError, ManifestError):
        return None
    return document if isinstance(document, dict) else None


def measure(first: Path, second: Path) -> OutputDistances | None:
    """Compare the outputs of two dumps; None where they cannot be compared."""
    sides = [_outputs(folder) for folder in (first, second)]
    if len(sides[0]) != len(sides[1]) or not sides[0]:
        return None
    found: list[tuple[str, int | None]] = []
    for (one, path), (other, other_path) in zip(*sides, strict=True):
        if (one["dtype"], one["shape"]) != (other["dtype"], other["shape"]):
            found.append((f"{_shape(one)} in one run, {_shape(other)} in the other", None))
            continue
        difference, ulp = _compared(str(one["dtype"]), path, other_path)
        if difference:
            found.append((f"{_shape(one)}: {difference}", ulp))
    distances = [ulp for _, ulp in found if ulp is not None]
    return OutputDistances(bool(found), tuple(text for text, _ in found), max(distances, default=None))


def _outputs(folder: Path) -> list[tuple[dict[str, Any], Path]]:
    found = []
    outputs = (described(folder) or {}).get("outputs")
    for one in outputs if isinstance(outputs, list) else []:
        if not isinstance(one, dict) or not FILE.fullmatch(str(one.get("file"))):
            return []
        path = folder / str(one["file"])
        if not path.is_file():
            return []
        found.append((one, path))
    return found


def _shape(output: dict[str, Any]) -> str:
    shape = output["shape"] if isinstance(output["shape"], list) else []
    return f"{output['dtype']}[{','.join(map(str, shape))}]"


def _compared(dtype: str, first: Path, second: Path) -> tuple[str, int | None]:
    """The difference between two files of that dtype in words, and the largest distance; empty if they are equal."""
    width = BYTES.get(dtype) or INTEGERS.get(dtype) or 1
    numbers = different = odd = 0
    far = 0.0
    ulp: int | None = None
    with first.open("rb") as one, second.open("rb") as other:
        while (numbers * width) < MOST_BYTES:
            data, against = one.read(CHUNK_BYTES), other.read(CHUNK_BYTES)
            numbers += min(len(data), len(against)) // width
            if not data or not against:
                break
            if data == against:
                continue
            pairs = _pairs(width, data, against)
            different += len(pairs)
            if dtype in BYTES:
                distances = [_distance(dtype, *pair) for pair in pairs]
                known = [one for one in distances if one is not None]
                odd += len(distances) - len(known)
                ulp = max([ulp or 0, *known]) if known or ulp is not None else None
                far = max([far, *(_apart(dtype, *pair) for pair in pairs)])
    if not different:
        return "", None
    parts = [f"{different} of {numbers} {'numbers' if dtype in BYTES else 'elements'} differ"]
    if ulp is not None:
        parts.append(f"by at most {ulp} ULP ({far:.3g})")
    if odd:
        parts.append(f"{odd} are NaN in one run")
    return ", ".join(parts), ulp


def _pairs(width: int, data: bytes, against: bytes) -> list[tuple[int, int]]:
    """The bits of each pair of numbers that differ."""
    size = min(len(data), len(against)) // width * width
    one, other = array(WIDTHS[width], data[:size]), array(WIDTHS[width], against[:size])
    return [(left, right) for left, right in zip(one, other, strict=True) if left != right]


def _distance(dtype: str, one: int, other: int) -> int | None:
    """Distance of two numbers in units in the last place; None if one is NaN."""
    sign = 1 << (8 * BYTES[dtype] - 1)
    infinity = (sign - 1) >> MANTISSA[dtype] << MANTISSA[dtype]
    if (one & (sign - 1)) > infinity or (other & (sign - 1)) > infinity:
        return None
    left, right = (bits if bits < sign else sign - bits for bits in (one, other))
    return abs(left - right)


def _apart(dtype: str, one: int, other: int) -> float:
    """The absolute difference; 0 if it is NaN."""
    values = _floats(dtype, (one, other))
    difference = abs(values[0] - values[1])
    return difference if difference == difference else 0.0  # noqa: PLR0124 - NaN is not itself


def _floats(dtype: str, bits: Sequence[int]) -> list[float]:
    width = BYTES[dtype]
    if dtype == "bfloat16":
        return array("f", array("I", [one << 16 for one in bits]).tobytes()).tolist()
    if dtype == "float16":
        return list(struct.unpack(f"{len(bits)}e", array("H", bits).tobytes()))
    return array("f" if width == 4 else "d", array(WIDTHS[width], bits).tobytes()).tolist()
