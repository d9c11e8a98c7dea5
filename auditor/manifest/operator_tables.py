"""
Compact tables of operators: a reading stores only the differences from an earlier reading's table.

A table takes 0.4 MB, and an audit has a dozen readings of it that are equal or differ in a few entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic import JsonValue

from .models import Reading

TABLE, INPUTS = "operators", "inputs"
TABLES = (TABLE, INPUTS)
SAME_AS, EXCEPT, WITHOUT = "sameAs", "except", "without"
"""Fields of a compact table: the reading with the whole table (`PROCESS REPEAT`), changed entries, missing names."""


def flattened(reading: Reading, prefix: str = "") -> Reading:
    """The reading with each table entry as a separate value, named with the prefix; without the inputs."""
    table = reading.values.get(TABLE)
    if not isinstance(table, dict):
        return reading
    values = {name: value for name, value in reading.values.items() if name not in TABLES}
    values |= {prefix + name: value for name, value in table.items()}
    return reading.model_copy(update={"values": values})


def with_other_inputs(readings: Iterable[Reading]) -> set[str]:
    """
    Names of the entries whose inputs differ between readings, or are recorded in some readings only.

    Inputs can depend on more than the seed. An output that differs together with its inputs is not a deviation.
    """
    first: dict[str, JsonValue] = {}
    apart: set[str] = set()
    asked: list[set[str]] = []
    for reading in readings:
        table, inputs = reading.values.get(TABLE), reading.values.get(INPUTS)
        if not isinstance(table, dict):
            continue
        told = inputs if isinstance(inputs, dict) else {}
        apart |= {name for name, value in told.items() if first.setdefault(name, value) != value}
        asked.append({*table} - {*told})
    return apart | {name for names in asked for name in names if name in first}


def compacted(readings: Sequence[Reading]) -> list[Reading]:
    """The readings; each table after a check's first one is stored as differences from it."""
    first: dict[tuple[str, str], tuple[str, Mapping[str, JsonValue]]] = {}
    done = []
    for reading in readings:
        changed = {}
        for name in TABLES:
            table = reading.values.get(name)
            if not isinstance(table, dict) or is_compact(table):
                continue
            known = first.setdefault((reading.check, name), (_place(reading), table))
            if known[0] != _place(reading):
                changed[name] = _differences(known[0], known[1], table)
        done.append(reading.model_copy(update={"values": {**reading.values, **changed}}) if changed else reading)
    return done


def expanded(readings: Sequence[Reading]) -> list[Reading]:
    """The readings with whole tables. A table that refers to a missing reading stays compact."""
    places = {(reading.check, _place(reading)): reading for reading in readings}
    return [_expanded(reading, places) for reading in readings]


def is_compact(table: Mapping[str, JsonValue]) -> bool:
    """Whether the table refers to another reading's table."""
    return isinstance(table.get(SAME_AS), str)


def _expanded(reading: Reading, places: Mapping[tuple[str, str], Reading]) -> Reading:
    changed: dict[str, JsonValue] = {}
    for name in TABLES:
        table = reading.values.get(name)
        if not isinstance(table, dict) or not is_compact(table):
            continue
        source = places.get((reading.check, str(table[SAME_AS])))
        whole = source.values.get(name) if source else None
        if isinstance(whole, dict) and not is_compact(whole):
            changed[name] = _merged(whole, table)
    return reading.model_copy(update={"values": {**reading.values, **changed}}) if changed else reading


def _merged(whole: Mapping[str, JsonValue], table: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    without, others = table.get(WITHOUT), table.get(EXCEPT)
    gone = {str(name) for name in without} if isinstance(without, list) else set()
    kept = {name: value for name, value in whole.items() if name not in gone}
    return kept | (others if isinstance(others, dict) else {})


def _differences(place: str, whole: Mapping[str, JsonValue], table: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    changed: dict[str, JsonValue] = {
        name: value for name, value in table.items() if name not in whole or whole[name] != value
    }
    told: dict[str, JsonValue] = {SAME_AS: place}
    if changed:
        told[EXCEPT] = changed
    if gone := _missing(whole, table):
        told[WITHOUT] = [*gone]
    return told


def _missing(whole: Iterable[str], table: Mapping[str, JsonValue]) -> list[str]:
    return [name for name in whole if name not in table]


def _place(reading: Reading) -> str:
    return f"{reading.process} {reading.repeat}"
