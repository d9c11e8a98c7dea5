"""
`operators.json`: the signatures of a program, for another machine. It holds no data, no weights and no source text.

It is read as untrusted data: what it describes is built by the recorder's own few words, and nothing of it is run.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from pydantic import JsonValue, ValidationError

from ..errors import UsageError
from ..privacy.modes import Privacy
from .tables import Signature, SignatureRow, TableRow, joined

NAME = "operators.json"
FORMAT = "urn:auditor:operators:v1"
LIMIT_BYTES = 1 << 20
"""Largest file that is written and read. Frequent signatures come first; the rest is left out, and counted."""


def document(signatures: Sequence[Signature], privacy: Privacy) -> bytes:
    """The file's bytes: at most `LIMIT_BYTES`, one signature a line; an anonymous one holds no programs of JAX."""
    named = privacy.mode != "anonymous"
    written = [one if named else one.without_names() for one in signatures if named or not one.is_program]
    rows = [json.dumps(privacy.written(_row(one)), sort_keys=True) for one in written]
    head = f'{{"format": "{FORMAT}", "left_out": %d, "signatures": [\n'
    kept: list[str] = []
    size = len(head) + 32
    for row in rows:
        size += len(row) + 2
        if size > LIMIT_BYTES:
            break
        kept.append(row)
    return (head % (len(signatures) - len(kept)) + ",\n".join(kept) + "\n]}\n").encode()


def _row(one: Signature) -> JsonValue:
    places: list[JsonValue] = [
        [f"{place.file}\t{place.line}" if place.line else "", place.module, place.backward, place.calls]
        for place in one.places
    ]
    return {
        "operator": one.operator,
        "arguments": one.arguments,
        "settings": one.settings,
        "interior": one.interior,
        "calls": one.calls,
        "places": places,
        "statistics": list(one.statistics),
    }


def read(path: Path) -> list[Signature]:
    """The signatures of a file. Raises UsageError for any other."""
    try:
        rows = _rows(path)
    except (OSError, ValueError, KeyError, TypeError, RecursionError, ValidationError) as problem:
        raise UsageError(
            f"{path} is no file of operator signatures: {str(problem).splitlines()[0]}",
            f"Nothing was measured. Give the {NAME} in the folder of an audit of a program.",
        ) from problem
    return joined([_table(rows)])


def _rows(path: Path) -> list[SignatureRow]:
    """The rows of a file. Raises ValueError and its kin for any other."""
    if path.stat().st_size > LIMIT_BYTES:
        raise ValueError(f"it has more than {LIMIT_BYTES} bytes")
    held = json.loads(path.read_bytes())
    if not isinstance(held, dict) or held.get("format") != FORMAT:
        raise ValueError(f"it does not say {FORMAT}")
    return [SignatureRow.model_validate(one) for one in held["signatures"]]


def _table(rows: list[SignatureRow]) -> TableRow:
    """The rows as the table of one process."""
    return TableRow(
        pid=0,
        parent="",
        program="",
        rank="",
        python="",
        ended=True,
        operations=0,
        steps=0,
        frameworks=[],
        problems=[],
        notes=[],
        signatures=rows,
        beyond={},
        draws=[],
        seeds=[],
    )
