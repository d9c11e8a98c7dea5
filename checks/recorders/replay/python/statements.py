"""Names that each statement of a code object reads and writes, from its bytecode and its file's syntax tree."""

from __future__ import annotations

import ast
import dis
import linecache

READS = ("LOAD_FAST", "LOAD_NAME", "LOAD_GLOBAL", "LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR")
WRITES = ("STORE_FAST", "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF")
MOST_LINES = 12
"""Source lines of one statement that its text keeps."""
DECIDES = ("POP_JUMP", "JUMP_IF", "FOR_ITER")


class Statement:
    """One statement of a code object; of a compound statement, its header."""

    def __init__(self, line):
        self.line = line
        self.reads, self.writes = {}, {}
        """Names as keys, in order of first use."""
        self.decides = self.returns = False
        """Whether it contains a conditional jump; whether it is a `return`."""


class StatementTable:
    """The statements of one code object, by line."""

    def __init__(self, code, first_lines, returning=()):
        self.by_line = {}
        self.shares = False
        """Whether it assigns a variable of an enclosing function."""
        count = code.co_argcount + code.co_kwonlyargcount
        count += bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)  # *args, **named
        self.parameters = tuple(name for name in code.co_varnames[:count] if not name.startswith("."))
        statements, starts, current = {}, dict(dis.findlinestarts(code)), None
        for instruction in dis.get_instructions(code):
            line = starts.get(instruction.offset)
            if line is not None:
                first = first_lines.get(line, line)
                current = self.by_line[line] = statements.setdefault(first, Statement(first))
                current.returns = first in returning
            if current is not None:
                self._take(current, code, instruction)

    def _take(self, statement, code, instruction):
        name, argument = instruction.opname, instruction.argval
        names = argument if isinstance(argument, tuple) else (argument,)
        if name.startswith(READS):
            statement.reads.update(dict.fromkeys(names))
        if name.startswith(WRITES):
            (statement.reads if "LOAD" in name else {}).update(dict.fromkeys(names))
            statement.writes.update(dict.fromkeys(names))
            self.shares = self.shares or (name == "STORE_DEREF" and argument in code.co_freevars)
        statement.decides = statement.decides or name.startswith(DECIDES)


class StatementTables:
    """Makes the tables of code objects; parses each file once."""

    def __init__(self):
        self._files = {}

    def of(self, frame):
        """The table of a frame's code object."""
        code = frame.f_code
        lines = self._files.get(code.co_filename)
        if lines is None:
            source = "".join(linecache.getlines(code.co_filename, frame.f_globals))
            lines = self._files[code.co_filename] = _first_lines(source)
        return StatementTable(code, *lines)

    def text(self, frame, line):
        """The source of the statement that begins on this line of a frame's file, on one line."""
        file, first_lines = frame.f_code.co_filename, self._files.get(frame.f_code.co_filename, ({}, ()))[0]
        parts = [linecache.getline(file, line, frame.f_globals).strip()]
        while len(parts) < MOST_LINES and first_lines.get(line + len(parts)) == line:
            parts.append(linecache.getline(file, line + len(parts), frame.f_globals).strip())
        return " ".join(parts).replace("\t", " ")


def _first_lines(source):
    """(line to first line of its statement, first lines of `return` statements); empty if the source is missing."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return {}, frozenset()
    found, returning = {}, set()
    for node in ast.walk(tree):  # outer statements first
        if isinstance(node, (ast.stmt, ast.excepthandler)):
            for line in range(node.lineno, _last_line(node) + 1):
                found[line] = node.lineno
        if isinstance(node, ast.Return):
            returning.add(node.lineno)
    return found, returning


def _last_line(node):
    """The last line of a statement; of a compound one, of its header."""
    body = getattr(node, "body", None) or getattr(node, "cases", None)
    if not isinstance(body, list):
        return getattr(node, "end_lineno", None) or node.lineno
    first = body[0]
    line = getattr(first, "lineno", None) or first.pattern.lineno
    decorated = [one.lineno for one in getattr(first, "decorator_list", ())]
    return max(node.lineno, min([line, *decorated]) - 1)
