"""Whether an image rebuilds a manifest: rows for the report, lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..manifest.models import Pair, Rebuild
from ..quoting.inert import MOST_CHARACTERS, shortened, visible
from .brief import whole_items

WORDS = {
    "rebuilt": "REBUILT: the same software environment and the same bits.",
    "rebuilt-differs": "REBUILT ON ANOTHER MACHINE: the same software environment; the machine differs as listed.",
    "not-rebuilt": "NOT REBUILT: the software or the results differ.",
    "inconclusive": "INCONCLUSIVE: too little could be compared.",
}
SHOWN = 20
NAMES_SHOWN = 6


def rows(one: Rebuild) -> list[tuple[str, str]]:
    """Rows of title and text: what was compared, and what differs."""
    found = [("Manifest to rebuild", f"sha256:{one.manifest_sha256}"), ("Compared", _compared(one))]
    found += [("Software", text) for text in _pairs(one.software)]
    found += [("Machine", text) for text in _pairs(one.machine)]
    found += [("Setting or library", text) for text in _pairs(one.settings)]
    found += [("Different results", text) for text in _bits(one.readings)]
    found += [("Cured by the image's settings", ", ".join(one.cured))] if one.cured else []
    limitations = [("Not compared", whole_items(problem, "manifest", MOST_CHARACTERS)) for problem in one.problems]
    return [(title, shortened(text)) for title, text in found] + limitations


def terminal(one: Rebuild) -> str:
    """The verdict, then one line for each row."""
    lines = [WORDS[one.verdict], *(f"  {title + ':':<30} {visible(text)}" for title, text in rows(one))]
    return "\n".join(lines)


def _compared(one: Rebuild) -> str:
    if not one.values:
        return "nothing: no value was measured on both sides"
    values = "1 value" if one.values == 1 else f"{one.values} values"
    return f"{values} of {one.checks} check{'' if one.checks == 1 else 's'}, bit for bit"


def _pairs(pairs: Mapping[str, Pair]) -> Iterator[str]:
    for name, pair in list(pairs.items())[:SHOWN]:
        yield f"{name}: {pair.manifest} in the manifest, {pair.image} in the image"
    if len(pairs) > SHOWN:
        yield f"and {len(pairs) - SHOWN} more"


def _bits(readings: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for check, names in readings.items():
        more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
        yield f"{check}: {', '.join(names[:NAMES_SHOWN])}{more}"
