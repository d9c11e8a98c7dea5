"""A small reader of Apptainer definitions, written after deffile.go of Apptainer and not from our code."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field


@dataclass
class Definition:
    """What Apptainer would see."""

    header: dict[str, str] = field(default_factory=dict)
    sections: dict[str, str] = field(default_factory=dict)

    @property
    def labels(self) -> dict[str, str]:
        """Key and value of each line of %labels."""
        lines = [line.strip() for line in self.sections["labels"].splitlines() if line.strip()]
        return {key: value for key, _, value in (line.partition(" ") for line in lines if not line.startswith("#"))}

    @property
    def files(self) -> list[list[str]]:
        """Source and target of each line of %files."""
        return [line.split() for line in self.sections["files"].splitlines() if line.strip()]

    def environment(self) -> dict[str, str]:
        """What %environment sets, as a real shell runs it in an empty environment."""
        script = self.sections["environment"] + "\nexec /usr/bin/env -0\n"
        done = subprocess.run(
            ["/bin/sh", "-eu", "-c", script], env={"PATH": "/nothing"}, capture_output=True, check=True
        )
        assert done.stderr == b""
        pairs = (one.partition("=") for one in done.stdout.decode().split("\0") if one)
        return {name: value for name, _, value in pairs if name not in ("PWD", "OLDPWD", "_", "SHLVL")}


def definition(text: str) -> Definition:
    """Read a definition of one stage, without arguments to fill in and without comments that continue."""
    assert not re.search(r"\{\{", text), "Apptainer would fill something in"
    assert len(re.findall(r"(?mi)^bootstrap:", text)) == 1, "another stage"
    found, name = Definition(), ""
    for line in text.split("\n"):
        words = line.split()
        if words and words[0].startswith("%"):
            name = words[0].lstrip("%").lower()
            assert len(words) == 1, f"a section with arguments: {line!r}"
            assert name not in found.sections, f"the section {name} twice"
            found.sections[name] = ""
        elif name:
            found.sections[name] += line + "\n"
        elif words and not words[0].startswith("#"):
            key, colon, value = line.split("#")[0].partition(":")
            assert colon, f"a header without a value: {line!r}"
            assert not value.endswith("\\")
            found.header[key.strip().lower()] = value.strip()
    return found
