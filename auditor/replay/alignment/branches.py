"""
Finds the statement that sent two runs down different branches: the innermost one that contains only one path.

A trace names the lines that ran. The user's source, if it is present and unchanged, shows which statement decides
whether they run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..trace.format import SourceLine
from ..trace.stream import Stream

if TYPE_CHECKING:
    from .events import Event
    from .two_streams import Gap

SOURCE_LIMIT_BYTES = 2 * 1024 * 1024
PATH_LINES = 512
"""Limit of the steps of a path that are examined: the deciding statement is near its beginning."""
LEVELS = 5
"""How many calls above the line that ran the deciding statement is searched."""

Block = tuple[ast.AST, Sequence[ast.AST]]
"""A deciding statement, and one of the blocks that it chooses from."""


@dataclass(frozen=True)
class Branch:
    """A branch at which two runs diverged."""

    source: SourceLine
    """The statement that decided, if found; else the first line that only one run reached."""
    only_first: tuple[SourceLine, ...]
    """Lines that only the first run reached there, in order, each once."""
    only_second: tuple[SourceLine, ...]
    decided: bool = False
    """Whether `source` is that statement, found in the user's file."""


def blame(first: Stream, second: Stream, gap: Gap) -> Branch:
    """The statement at which two runs diverged."""
    paths = _path(first, gap.only_first), _path(second, gap.only_second)
    onward = [
        stream.source(event.record)
        for stream, event in ((first, gap.next_first), (second, gap.next_second))
        if event is not None
    ]
    before = [first.source(gap.previous[0].record)] if gap.previous else []
    others = onward[1:] + before, onward[:1] + before
    for path, other in zip(paths, others, strict=True):
        found = _decides(path, other) if path else None
        if found:
            return Branch(found, *paths, decided=True)
    reached = next((source for source in (*paths[0], *paths[1], *onward) if source.known), SourceLine("?", 0))
    return Branch(reached, *paths)


def _path(stream: Stream, events: Sequence[Event]) -> tuple[SourceLine, ...]:
    lines = (stream.source(event.record) for event in events[:PATH_LINES])
    return tuple(dict.fromkeys(source for source in lines if source.known))


def _decides(path: Sequence[SourceLine], others: Sequence[SourceLine]) -> SourceLine | None:
    """The statement that has a block with this path, but without the other run's line."""
    start = path[0]
    here = [source for source in path if source.file == start.file and source.function == start.function]
    other = others[0] if others else None
    for lines in ([source.line for source in here], [start.line]):
        found = _innermost(start, lines, other)
        if found:
            return found
    return _at_call(start, others, LEVELS)


def _innermost(start: SourceLine, lines: Sequence[int], other: SourceLine | None) -> SourceLine | None:
    tree = _tree(start)
    if tree is None:
        return None
    best: ast.AST | None = None
    for node, block in _blocks(tree):
        holds = all(_holds(block, line) for line in lines)
        elsewhere = other is not None and other.file == start.file and _holds(block, other.line)
        if holds and not elsewhere and (best is None or _lines(node)[0] >= _lines(best)[0]):
            best = node
    return _line_like(start, _lines(best)[0]) if best is not None else None


def _at_call(start: SourceLine, others: Sequence[SourceLine], levels: int) -> SourceLine | None:
    """The same at the call of the path's function, if that call is in the function of the other path."""
    for other in others:
        tree = _tree(other)
        if tree is None or other.function == start.function:
            continue
        for line, function in _calls(tree, start.function):
            call = _line_like(other, line)._replace(function=function)
            found = _innermost(call, [line], other)
            if found is None and levels:
                found = _at_call(call, [one for one in others if one.function != function], levels - 1)
            if found:
                return found
    return None


# ------------------------------------------------------------------------------------------------------------ source


@lru_cache(32)
def _text(file: str) -> str | None:
    path = Path(file)
    try:
        if not path.is_file() or path.stat().st_size > SOURCE_LIMIT_BYTES:
            return None
        return path.read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return None


@lru_cache(32)
def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # of another Python, or no Python at all
        return None


def _tree(source: SourceLine) -> ast.Module | None:
    """The syntax tree of the user's file; None if the file is missing or its line has changed."""
    text = _text(source.file)
    if text is None:
        return None
    lines = text.splitlines()
    if not 0 < source.line <= len(lines) or not lines[source.line - 1].strip().replace("\t", " ").startswith(
        source.code
    ):
        return None
    return _parsed(text)


def _line_like(like: SourceLine, line: int) -> SourceLine:
    lines = (_text(like.file) or "").splitlines()
    return SourceLine(like.file, line, like.function, lines[line - 1].strip()[:200] if 0 < line <= len(lines) else "")


def _blocks(tree: ast.AST) -> Iterator[Block]:
    """Every statement and expression that chooses between blocks, with each of its blocks."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try)):
            for block in (node.body, node.orelse, getattr(node, "finalbody", [])):
                yield node, block
            for handler in getattr(node, "handlers", []):
                yield node, handler.body
        elif isinstance(node, ast.IfExp):
            yield node, [node.body]
            yield node, [node.orelse]
        elif isinstance(node, ast.Match):
            for case in node.cases:
                yield node, case.body


def _lines(node: ast.AST) -> tuple[int, int]:
    start = int(getattr(node, "lineno", 0))
    return start, int(getattr(node, "end_lineno", None) or start)


def _holds(block: Sequence[ast.AST], line: int) -> bool:
    return bool(block) and _lines(block[0])[0] <= line <= _lines(block[-1])[1]


def _calls(tree: ast.AST, function: str) -> list[tuple[int, str]]:
    """(line, enclosing function) of every call of a function of that name."""
    found: list[tuple[int, str]] = []
    for around in ast.walk(tree):
        if not isinstance(around, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        name = getattr(around, "name", "<module>")
        calls = (node for node in _own(around) if isinstance(node, ast.Call) and _called(node) == function)
        found += [(node.lineno, name) for node in calls]
    return found


def _own(around: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function without those of nested functions."""
    waiting = list(ast.iter_child_nodes(around))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            waiting += ast.iter_child_nodes(node)


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Name):
        return node.func.id
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""
