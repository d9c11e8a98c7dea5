"""The line to click: of the program, else of the package in a lock or project file, else of the policy."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from ..policy.source import Source, reader_of
from ..rules.evidence import DISTRIBUTIONS
from ..rules.result import Place, Result

MANIFESTS = ("pyproject.toml", "requirements.txt", "environment.yml", "pixi.toml", "setup.cfg")
LOCKS = ("uv.lock", "poetry.lock", "pylock.toml", "pixi.lock", "requirements.lock")
PACKAGE_OF = {"tensorflow": ("tensorflow", "tensorflow-cpu"), "jax": ("jax", "jaxlib"), "torch": ("torch",)}
LONGEST_LINE = 2000
"""Longer lines, of generated files, name no package that a person would look for."""
SEPARATORS = re.compile(r"[-_.]+")


class Places:
    """Finds places in the files of a checkout, each of which is read once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._read = reader_of(source.folder)
        self._lines: dict[str, list[str]] = {}

    def of(self, result: Result) -> Place:
        """The best place that is a file of the checkout; there is always one: code hosts show no alert without."""
        for place in self._candidates(result):
            inside = self._inside(place.file)
            if inside:
                return Place(file=inside, line=place.line)
        return Place(file=self._source.name or "pyproject.toml")

    def _candidates(self, result: Result) -> Iterator[Place]:
        if result.where:
            named = self._line_of(result.where.file, _packages(result)) if result.rule == "lock" else 0
            yield Place(file=result.where.file, line=named or result.where.line)
        lock = self._source.policy.lock
        for name in dict.fromkeys(((lock.file,) if lock else ()) + LOCKS + MANIFESTS):
            line = self._line_of(name, _packages(result))
            if line:
                yield Place(file=name, line=line)
        if self._source.name:
            yield Place(file=self._source.name, line=self._line_of(self._source.name, [result.name]) or 1)

    def _inside(self, file: str) -> str:
        """The file relative to the policy's folder if it is one of the checkout, else empty."""
        try:
            path = Path(os.path.normpath(self._source.folder / file))
            if not path.is_relative_to(self._source.folder) or not path.is_file():
                return ""
        except (OSError, ValueError):  # a name that no file can have
            return ""
        return path.relative_to(self._source.folder).as_posix()

    def _line_of(self, name: str, words: list[str]) -> int:
        """The 1-based line that names one of the words; 0 if there is none."""
        if not words or not self._inside(name):
            return 0
        if name not in self._lines:
            self._lines[name] = (self._read(name) or b"").decode("utf-8", "replace").splitlines()
        for word in words:
            for number, line in enumerate(self._lines[name], start=1):
                if len(line) <= LONGEST_LINE and _names(line, word):
                    return number
        return 0


def _names(line: str, word: str) -> bool:
    """Whether the line names the word as a whole: `torch` is not in `pytorch-lightning`."""
    text, wanted = (SEPARATORS.sub("-", part.lower()) for part in (line, word))
    at = text.find(wanted)
    while wanted and at >= 0:
        before, after = text[at - 1 : at], text[at + len(wanted) : at + len(wanted) + 1]
        if not (before.isalnum() or before == "-" or after.isalnum() or after == "-"):
            return True
        at = text.find(wanted, at + 1)
    return False


def _packages(result: Result) -> list[str]:
    """The packages that a result is about."""
    if result.rule == "package":
        return [result.name.removeprefix(f"{DISTRIBUTIONS}/")]
    if result.rule == "version":
        return [result.name]
    if result.rule == "lock":
        return [name.split(" ")[-1] for name in result.names]
    name = result.framework or result.name.partition(".")[0]
    return [*PACKAGE_OF.get(name, ())]


def uri(place: Place, source: Source) -> str:
    """The place as a relative URI from the top of the checkout, which is what code hosts resolve."""
    top = _top(source.folder)
    relative = PurePosixPath(source.folder.resolve().relative_to(top).as_posix(), place.file)
    return quote(str(relative), safe="/")


def _top(folder: Path) -> Path:
    folder = folder.resolve()
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), folder)
