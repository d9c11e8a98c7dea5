"""Finds the functions of the product whose code depends on a GPU, so that none is forgotten."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from .steps import ROOT

WORDS = re.compile(r"cuda|gpu|nvml|nvidia|cudnn|cublas|nccl|rocm|\bhip\b|kfd|xpu|default_backend", re.IGNORECASE)
"""In a name, an attribute or a text of a function's body. Docstrings and comments do not count."""
DEVICES = ("devices", "several", "host_devices", "backends", "devices_to_measure")
"""Functions of the payload that give the devices to measure on; who calls one measures on a GPU where there is one."""
SKIPPED = ("checks/_vendored/",)


def functions() -> set[str]:
    """`FILE::FUNCTION` of each function that depends on a GPU."""
    found = set()
    for room in ("auditor", "checks"):
        for path in sorted((ROOT / room).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(SKIPPED):
                found.update(f"{name}::{function}" for function in _of_file(path, name.startswith("checks/")))
    return found


def _of_file(path: Path, payload: bool) -> Iterator[str]:  # noqa: FBT001 - one caller
    text = path.read_text(encoding="utf-8")
    if not WORDS.search(text) and not any(name in text for name in DEVICES):
        return  # parsing every file takes seconds
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            words = [word for part in body for word in _words(part)]
            calls = [name for part in body for name in _calls(part)] if payload else []
            if any(map(WORDS.search, words)) or any(name in DEVICES for name in calls):
                yield node.name


def _words(part: ast.AST) -> Iterator[str]:
    for node in ast.walk(part):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg


def _calls(part: ast.AST) -> Iterator[str]:
    for node in ast.walk(part):
        if isinstance(node, ast.Call):
            function = node.func
            yield function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
