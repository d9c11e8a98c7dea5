"""
The subset of YAML in which pixi.lock, conda-lock.yml and environment.yml are written.

Blocks of mappings and sequences, scalars in one or several lines, and flow collections. Every scalar is a text, so that
the version 1.10 stays 1.10. Anchors, aliases, tags, block scalars, complex keys and several documents are refused.
"""

from __future__ import annotations

import re

from .model import Unreadable

_DEPTH_LIMIT = 30
_KEY = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s\-?:,\[\]{}#&*!|>'"%@`][^#]*?|-[^\s#][^#]*?)\s*:(?=\s|$)""")
_REFUSED = "|>&*!%@`?"
"""What a plain scalar cannot begin with, and this subset does not have."""
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "n": "\n", "t": "\t", "0": "\0"}


def load(content):
    """The document: dicts, lists, texts and None. Raises Unreadable for what is outside of the subset."""
    lines = _Lines(content)
    if lines.end():
        return None
    value = _block(lines, lines.indent(), 0)
    if not lines.end():
        raise lines.refused("the indentation fits no block")
    return value


class _Lines:
    """The lines of a document that hold something, with a position."""

    def __init__(self, content):
        self._lines, self._at = [], 0
        for number, line in enumerate(content.split("\n"), 1):
            stripped = line.strip()
            if not stripped or stripped.startswith("#") or (stripped == "---" and not self._lines):
                continue
            if line.startswith(("---", "...", "%", "\ufeff")) or "\t" in line[: len(line) - len(line.lstrip())]:
                raise Unreadable("line %d is outside of the subset of YAML that is read" % number)
            self._lines.append((len(line) - len(line.lstrip(" ")), stripped, number))

    def end(self):
        return self._at >= len(self._lines)

    def indent(self):
        return -1 if self.end() else self._lines[self._at][0]

    def text(self):
        return self._lines[self._at][1]

    def next(self):
        self._at += 1

    def replace(self, indent, text):
        """Put the rest of a line in its place, as if it stood on a line of its own."""
        self._lines[self._at] = (indent, text, self._lines[self._at][2])

    def refused(self, why):
        number = self._lines[min(self._at, len(self._lines) - 1)][2]
        return Unreadable("line %d is outside of the subset of YAML that is read: %s" % (number, why))


def _block(lines, indent, depth):
    if depth > _DEPTH_LIMIT:
        raise lines.refused("nested too deeply")
    if _is_item(lines.text()):
        return _sequence(lines, indent, depth)
    if _KEY.match(lines.text()):
        return _mapping(lines, indent, depth)
    return _scalar_lines(lines, indent - 1)


def _is_item(text):
    return text == "-" or text.startswith("- ")


def _sequence(lines, indent, depth):
    found = []
    while lines.indent() == indent and _is_item(lines.text()):
        text = lines.text()
        rest = text[1:].lstrip()
        if not rest or rest.startswith("#"):
            lines.next()
            found.append(_block(lines, lines.indent(), depth + 1) if lines.indent() > indent else None)
            continue
        lines.replace(indent + len(text) - len(rest), rest)
        found.append(_block(lines, lines.indent(), depth + 1))
    if lines.indent() > indent:
        raise lines.refused("the indentation fits no block")
    return found


def _mapping(lines, indent, depth):
    found = {}
    while lines.indent() == indent and not _is_item(lines.text()):
        match = _KEY.match(lines.text())
        if not match:
            raise lines.refused("no key")
        key = _scalar(lines, match.group(1))
        if key in found:
            raise lines.refused("a key stands twice")
        found[key] = _value(lines, indent, lines.text()[match.end() :].lstrip(), depth)
    if lines.indent() > indent:
        raise lines.refused("the indentation fits no block")
    return found


def _value(lines, indent, rest, depth):
    """What follows a key: on its line, on deeper lines, or as a sequence at the key's own indentation."""
    if rest and not rest.startswith("#"):
        lines.replace(indent, rest)
        return _scalar_lines(lines, indent)
    lines.next()
    if lines.indent() > indent or (lines.indent() == indent and _is_item(lines.text())):
        return _block(lines, lines.indent(), depth + 1)
    return None


def _scalar_lines(lines, indent):
    """A scalar or a flow collection that begins here and continues on deeper lines."""
    first, parts = lines.text(), [_without_comment(lines.text())]
    lines.next()
    flow = first[0] in "[{"
    while lines.indent() > indent or (flow and not lines.end() and lines.text()[0] in "]}"):
        parts.append(_without_comment(lines.text()))
        lines.next()
    return _flow(lines, " ".join(parts)) if flow else _scalar(lines, " ".join(parts))


def _without_comment(text):
    """A line without its comment; a number sign within quotes begins none."""
    quote = ""
    for place, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"" and (place == 0 or text[place - 1] in " [{,:"):
            quote = letter
        elif letter == "#" and place and text[place - 1].isspace():
            return text[:place].rstrip()
    return text


def _scalar(lines, text):
    if text[:1] == '"':
        return _double_quoted(lines, text)
    if text[:1] == "'":
        if len(text) < 2 or text[-1] != "'" or "'" in text[1:-1].replace("''", ""):
            raise lines.refused("a quoted text does not end")
        return text[1:-1].replace("''", "'")
    if text[:1] in _REFUSED or ": " in text or text.endswith(":"):
        raise lines.refused("a scalar begins or goes on with a sign that has a meaning of its own")
    return None if text in ("", "~", "null") else text


def _double_quoted(lines, text):
    if len(text) < 2 or not re.fullmatch(r'"(?:[^"\\]|\\.)*"', text):
        raise lines.refused("a quoted text does not end")
    if any(letter not in _ESCAPES for letter in re.findall(r"\\(.)", text)):
        raise lines.refused("an escape that is not read")
    return re.sub(r"\\(.)", lambda match: _ESCAPES[match.group(1)], text[1:-1])


_TOKEN = re.compile(
    r"""\s*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[\[\]{},]|:(?=\s)|[^\s\[\]{},'"](?:[^\[\]{},:]|:(?!\s))*)"""
)


def _flow(lines, text):
    """A flow collection: `[a, "b", {c: d}]`."""
    tokens, place = [], 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if not match:
            raise lines.refused("a flow collection that is not read")
        tokens.append(match.group(1).strip())
        place = match.end()
    tokens.reverse()
    value = _flow_value(lines, tokens, 0)
    if tokens:
        raise lines.refused("something follows a flow collection")
    return value


def _flow_value(lines, tokens, depth):
    sign = tokens.pop() if tokens else "]"
    if depth > _DEPTH_LIMIT or sign in ("]", "}", ",", ":"):
        raise lines.refused("a flow collection that is not read")
    if sign not in ("[", "{"):
        return _scalar(lines, sign)
    close, items = ("]", []) if sign == "[" else ("}", {})
    while tokens and tokens[-1] != close:
        value = _flow_value(lines, tokens, depth + 1)
        if isinstance(items, list):
            items.append(value)
        elif tokens and tokens.pop() == ":" and isinstance(value, str) and value not in items:
            items[value] = _flow_value(lines, tokens, depth + 1)
        else:
            raise lines.refused("a flow mapping that is not read")
        if tokens and tokens[-1] == ",":
            tokens.pop()
        elif not tokens or tokens[-1] != close:
            raise lines.refused("a flow collection that is not read")
    if not tokens:
        raise lines.refused("a flow collection does not end")
    tokens.pop()
    return items
