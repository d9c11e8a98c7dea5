"""A small reader of Dockerfiles and of requirements files, written from their references and not from the code."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from packaging.requirements import Requirement

OWN_PATH = "VIRTUAL_ENV=/opt/audited PATH=/opt/audited/bin:$PATH"
"""The one line in which Docker is meant to substitute."""
DIRECTIVE = re.compile(r"#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*")


@dataclass
class Dockerfile:
    """What Docker would see."""

    directives: dict[str, str] = field(default_factory=dict)
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def names(self) -> list[str]:
        """The instructions' words, in order."""
        return [word for word, _ in self.instructions]

    def pairs(self, word: str) -> dict[str, str]:
        """What all ENV or LABEL instructions set, after Docker's quoting and substitution."""
        found: dict[str, str] = {}
        for name, rest in self.instructions:
            if name == word and not (name == "ENV" and rest == OWN_PATH):
                found |= dict(assignments(rest))
        return found

    def all(self, word: str) -> list[str]:
        """What stands behind every instruction of that word."""
        return [rest for name, rest in self.instructions if name == word]


def dockerfile(text: str) -> Dockerfile:
    """Read a Dockerfile: directives in the first comments, comments, continuation lines, heredocs refused."""
    found, pending, early = Dockerfile(), "", True
    for line in re.split(r"\r?\n", text):
        stripped = line.strip(" \t\v\f\r\x85\xa0")
        if stripped.startswith("#"):
            directive = DIRECTIVE.fullmatch(stripped) if early else None
            early = directive is not None
            if directive:
                found.directives[directive[1].lower()] = directive[2]
            continue
        early = False
        continued = re.search(r"\\[ \t]*$", line)
        pending += line[: continued.start()] if continued else line
        if continued or not pending.strip():
            continue
        word, _, rest = pending.strip().partition(" ")
        assert not (word.upper() in ("RUN", "COPY", "ADD") and "<<" in rest), "a heredoc"
        found.instructions.append((word.upper(), rest.strip()))
        pending = ""
    assert not pending.strip(), "the file ends in the middle of an instruction"
    return found


def assignments(rest: str) -> list[tuple[str, str]]:
    """Name and value of each `name=value` word; a `$` that Docker would substitute is an error here."""
    words, word, quote, position = [], "", "", 0
    while position < len(rest):
        character = rest[position]
        if character == "\\" and quote != "'":
            following = rest[position + 1]
            word += following if quote == "" or following in '"$\\' else character + following
            position += 2
            continue
        if quote and character == quote:
            quote = ""
        elif not quote and character in "'\"":
            quote = character
        elif not quote and character.isspace():
            words.append(word)
            word = ""
        else:
            assert character != "$" or quote == "'", f"Docker would substitute in {rest!r}"
            word += character
        position += 1
    assert not quote, "a quote that is not closed"
    pairs = [one.partition("=") for one in (*words, word) if one]
    assert all(equals for _, equals, _ in pairs), f"an assignment without a value in {rest!r}"
    return [(name, value) for name, _, value in pairs]


def requirements(text: str) -> list[Requirement]:
    """Read a requirements file as pip does: universal line ends, continuation lines, comments; options are refused."""
    assert text.isascii()
    assert not re.search(r"coding[:=]", "\n".join(text.splitlines()[:2]))
    found = []
    for line in re.sub(r"(?m)^((?!\s*#).*)\\\n", r"\1", text).splitlines():
        plain = re.sub(r"(^|\s+)#.*$", "", line).strip()
        if plain:
            assert not plain.startswith("-"), f"an option: {plain!r}"
            found.append(Requirement(plain))
    return found
