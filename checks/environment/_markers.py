"""Environment markers of PEP 508: whether a requirement applies in this interpreter."""

from __future__ import annotations

import os
import platform
import re
import sys

from ._versions import NotJudged, contains

_TOKEN = re.compile(r"""\s*(?:(?P<text>'[^']*'|"[^"]*")|(?P<sign>===|~=|==|!=|<=|>=|<|>|\(|\))|(?P<word>\w+))""")
VERSIONS = ("python_version", "python_full_version", "implementation_version")
"""Variables that are compared as versions; the others are text."""


def environment():
    """The variables of markers and their values here; no extra was asked for."""
    implementation = sys.implementation
    release = "%d.%d.%d" % implementation.version[:3]
    level = implementation.version[3]
    if level != "final":
        release += level[0] + str(implementation.version[4])
    return {
        "python_version": "%d.%d" % sys.version_info[:2],
        "python_full_version": platform.python_version(),
        "os_name": os.name,
        "sys_platform": sys.platform,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "implementation_name": implementation.name,
        "implementation_version": release,
        "extra": "",
    }


def applies(marker, values=None):
    """Whether a marker holds (an empty one does); raises NotJudged for what is not understood."""
    if not marker:
        return True
    tokens = _tokens(marker)
    result = _either(tokens, environment() if values is None else values)
    if tokens:
        raise NotJudged("the marker %r" % marker)
    return result


def _tokens(marker):
    tokens, place = [], 0
    while marker[place:].strip():
        match = _TOKEN.match(marker, place)
        if match is None:
            raise NotJudged("the marker %r" % marker)
        tokens.append((match.lastgroup, match.group(match.lastgroup)))
        place = match.end()
    return tokens


def _either(tokens, values):
    result = _both(tokens, values)
    while tokens and tokens[0] == ("word", "or"):
        tokens.pop(0)
        result = _both(tokens, values) or result
    return result


def _both(tokens, values):
    result = _single(tokens, values)
    while tokens and tokens[0] == ("word", "and"):
        tokens.pop(0)
        result = _single(tokens, values) and result
    return result


def _single(tokens, values):
    if tokens and tokens[0] == ("sign", "("):
        tokens.pop(0)
        result = _either(tokens, values)
        if _next(tokens) != ("sign", ")"):
            raise NotJudged("a marker with an open parenthesis")
        return result
    left = _next(tokens)
    operator = _next(tokens)[1]
    if operator == "not" and tokens and tokens[0] == ("word", "in"):
        operator = "not " + _next(tokens)[1]
    return _compare(left, operator, _next(tokens), values)


def _next(tokens):
    if not tokens:
        raise NotJudged("an incomplete marker")
    return tokens.pop(0)


def _compare(left, operator, right, values):
    first, second = _value(left, values), _value(right, values)
    if operator == "in":
        return first in second
    if operator == "not in":
        return first not in second
    if left[1] in VERSIONS or right[1] in VERSIONS:
        if left[0] == "text":
            first, second, operator = second, first, _mirrored(operator)
        return contains(operator + second, first)
    if operator in ("==", "!="):
        return (first == second) == (operator == "==")
    raise NotJudged("a marker that orders text (%s)" % operator)


def _mirrored(operator):
    """`'3.8' <= python_version` says `python_version >= '3.8'`."""
    return {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(operator, operator)


def _value(token, values):
    kind, text = token
    if kind == "text":
        return text[1:-1]
    if kind == "word" and text in values:
        return values[text]
    raise NotJudged("the marker's variable %r" % text)
