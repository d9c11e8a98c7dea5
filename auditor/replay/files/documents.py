"""
Text files as lines: JSON and tables with a line for each value, so that its name stands beside it.

The keys of an object and the columns of a table have no order.
"""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from . import pickled_values, pickles
from .leaves import Leaf, Undecodable, quoted

MOST_BYTES = 16 << 20
"""Longer text is compared by its bytes alone, as longer output is (`texts/pieces.py`)."""
MOST_DEPTH = 100
MOST_COLUMNS = 1000
CELL_CHARACTERS = 1 << 20
LEAST_PACKED = 16
PACKED_BEGINS, PACKED_ENDS = "gA", ("Lg==", "4=", "u")
"""How base64 of a pickle begins and ends: protocols 2 to 5, and the opcode STOP."""
KERAS_OBJECT = "shared_object_id"
"""Beside it stands the address of an object (`id`), which shows only where the same one stands again."""


class Pairs(list[tuple[str, Any]]):
    """An object of JSON, with keys that stand in it twice."""


class Number(str):
    """A number of JSON as it was written."""

    __slots__ = ()


def from_json(text: str) -> Iterator[Leaf]:
    """A leaf for each value. Raises Undecodable if it is no JSON, or too deep."""
    try:
        document = json.loads(
            text, object_pairs_hook=Pairs, parse_float=Number, parse_int=Number, parse_constant=Number
        )
    except (ValueError, RecursionError) as problem:
        raise Undecodable("it is no JSON") from problem
    return iter([*_of(document, "", 0, {})])


def _of(value: Any, place: str, depth: int, objects: dict[str, str]) -> Iterator[Leaf]:
    """The leaves of a value; `objects` numbers the objects that Keras names by their addresses."""
    if depth > MOST_DEPTH:
        raise Undecodable(f"its values lie deeper than {MOST_DEPTH}")
    if isinstance(value, Pairs):
        for key, one in sorted(value, key=itemgetter(0)):
            known = isinstance(one, Number) and key == KERAS_OBJECT
            inner = Number(objects.setdefault(one, str(len(objects)))) if known else one
            yield from _of(inner, f"{place}[{quoted(key)}]", depth + 1, objects)
        yield from () if value else [Leaf(place, "{}")]
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _of(one, f"{place}[{number}]", depth + 1, objects)
        yield from () if value else [Leaf(place, "[]")]
    elif isinstance(value, Number):
        yield Leaf(place, str(value))
    elif isinstance(value, str):
        packed = [Leaf(f"{place}: {one.place}" if one.place else place, one.value) for one in _packed(value)]
        yield from packed or [Leaf(place, quoted(value))]
    else:
        yield Leaf(place, json.dumps(value))


def _packed(text: str) -> list[Leaf]:
    """The leaves of a pickle that stands as base64 in a text, as Stable-Baselines3 writes objects; empty for others."""
    if len(text) < LEAST_PACKED or not text.startswith(PACKED_BEGINS) or not text.rstrip().endswith(PACKED_ENDS):
        return []
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
        return list(pickled_values.leaves(pickles.loaded(data))) if pickles.is_pickle(data) else []
    except (ValueError, Undecodable):
        return []


def from_table(text: str, delimiter: str) -> Iterator[Leaf]:
    """
    A leaf for each row, each cell beside the name of its column; lines before the header that begin with `#` as such.

    The columns stand in the order of their names: loggers write them in that of a set.

    Raises Undecodable if the rows have other numbers of cells than the header, or more than one line each.
    """
    lines = text.splitlines()
    comments = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    csv.field_size_limit(CELL_CHARACTERS)
    try:
        rows = list(csv.reader(io.StringIO("\n".join(lines[comments:])), delimiter=delimiter))
    except csv.Error as problem:
        raise Undecodable("it is no table") from problem
    header = rows[0] if rows else []
    if len(rows) != len(lines) - comments or not 1 < len(header) <= MOST_COLUMNS:
        raise Undecodable("it is no table")
    if any(len(row) != len(header) for row in rows[1:] if row) or any(_is_number(name) for name in header):
        raise Undecodable("it is no table")
    found = [Leaf(f"line {number + 1}", line) for number, line in enumerate(lines[:comments])]
    order = sorted(range(len(header)), key=lambda place: header[place])
    found.append(Leaf(f"line {comments + 1}", ", ".join(header[place] for place in order)))
    for number, row in enumerate(rows[1:], start=comments + 2):
        cells = (f"{header[place]}={row[place]}" for place in order if row)
        found.append(Leaf(f"line {number}", ", ".join(cells)))
    return iter(found)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
