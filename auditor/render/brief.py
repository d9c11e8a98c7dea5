"""Prose of a manifest in few words: whole sentences and whole items, never cut inside one that fits."""

from __future__ import annotations

import re
from collections.abc import Iterator

SENTENCE_CHARACTERS = 320
"""A longer sentence is cut; the longest first sentence among the remedies of our own checks has 293."""
ITEMS_CHARACTERS = 160
"""Items are added while the text stays within this; the first item is shown whole up to `SENTENCE_CHARACTERS`."""
LOOKED_AT_CHARACTERS = 4000
"""Ends of sentences and items are searched only in this many characters, since a text may have millions."""
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`\"'(])")
JSON = "--json"
"""Where the whole text stands when a command wrote no report."""
COUNTED = re.compile(r"and (\d{1,6}) more\b")
"""How our own messages count what they leave out."""


def first_sentence(text: str, whole: str) -> str:
    """The first sentence; one beyond the limit is cut at a word, and `whole` says where all of it stands."""
    end = SENTENCE_END.search(text[:LOOKED_AT_CHARACTERS])
    return _bounded(text[: end.start()] if end else text, whole)


def whole_items(text: str, whole: str, most: int = ITEMS_CHARACTERS) -> str:
    """
    The first items of a message, whole, with the number of those left out; `whole` says where they are.

    An item ends at a semicolon outside of brackets, or at the end of a sentence. A text within the limit is unchanged.
    """
    if len(text) <= most:
        return text
    ends = [*_ends(text[:LOOKED_AT_CHARACTERS])]
    fitting = [place for place, _ in ends if place <= most] or [place for place, _ in ends[:1]]
    if not fitting or fitting[-1] > SENTENCE_CHARACTERS:
        return _bounded(text, whole)
    rest = [text[start:] for end, start in ends if end >= fitting[-1]]
    left_out = sum(int(found[1]) if (found := COUNTED.match(item)) else 1 for item in rest)
    return f"{text[: fitting[-1]].rstrip('.;')} (and {left_out} more: {whole})"


def _ends(text: str) -> Iterator[tuple[int, int]]:
    """Where each item but the last ends, and where the next one begins."""
    sentences = {found.start(): found.end() for found in SENTENCE_END.finditer(text)}
    depth = 0
    for place, character in enumerate(text):
        depth = max(0, depth + (character in "([{") - (character in ")]}"))
        if depth == 0 and text.startswith("; ", place):
            yield place, place + 2
        elif depth == 0 and place in sentences:
            yield place, sentences[place]


def _bounded(text: str, whole: str) -> str:
    """The text, cut between two words where it is too long."""
    if len(text) <= SENTENCE_CHARACTERS:
        return text
    beginning = text[:SENTENCE_CHARACTERS]
    return f"{beginning.rpartition(' ')[0] or beginning}… (whole text: {whole})"
