"""
Readings with a table of operators: each entry is compared as a separate value, if its inputs were equal.

A reading's value `operators` maps "operator dtype" to the digests of its samples, joined by "."; `inputs` maps the same
names to a digest of the inputs (`manifest/operator_tables.py`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import TypeGuard

from pydantic import JsonValue

from ..manifest import operator_tables
from ..manifest.models import Reading
from .readings import compared, conditions

ENTRY = re.compile(r"(?:[0-9a-f]{1,8}|![\w.]+)(?:\.(?:[0-9a-f]{1,8}|![\w.]+))*")
"""Digests of samples, or `!` and an exception class, joined by dots."""


def flattened(readings: Sequence[Reading]) -> tuple[list[Reading], list[str]]:
    """
    The readings with each table entry as a separate value, and the names whose inputs differ between readings.

    Those names are removed from every reading, since their outputs cannot be compared.
    """
    apart = operator_tables.with_other_inputs(readings)
    return [_without(operator_tables.flattened(reading), apart) for reading in readings], sorted(apart)


def _without(reading: Reading, apart: Collection[str]) -> Reading:
    if not apart:
        return reading
    values = {name: value for name, value in reading.values.items() if name not in apart}
    return reading.model_copy(update={"values": values})


def differing_samples(readings: Sequence[Reading], names: Collection[str]) -> dict[str, list[int]]:
    """Name of a table entry to the positions of samples whose digests differ between readings."""
    found = {}
    for name in names:
        texts = [value for reading in readings if _is_entry(value := compared(reading).get(name))]
        columns = [text.split(".") for text in dict.fromkeys(texts)]
        if len(columns) > 1 and len({len(column) for column in columns}) == 1:
            found[name] = [place for place, digests in enumerate(zip(*columns, strict=True)) if len(set(digests)) > 1]
    return found


def _is_entry(value: JsonValue) -> TypeGuard[str]:
    """Whether a value is a table entry; the digest of an ordinary value is longer than a sample's."""
    return isinstance(value, str) and ENTRY.fullmatch(value) is not None


def samples_text(readings: Sequence[Reading], samples: Mapping[str, Sequence[int]]) -> dict[str, JsonValue]:
    """Name to its differing samples as text: their positions, and their shapes where a reading has them."""
    told: dict[str, JsonValue] = {}
    for name, places in samples.items():
        shapes = next((found for reading in readings if (found := _shapes(reading, name))), [])
        told[name] = [
            f"sample {place}: {shapes[place]}" if place < len(shapes) else f"sample {place}" for place in places
        ]
    return told


def _shapes(reading: Reading, name: str) -> list[str]:
    shapes = conditions(reading).get("shapes")
    found = shapes.get(name) if isinstance(shapes, dict) else None
    return [str(shape) for shape in found] if isinstance(found, list) else []
