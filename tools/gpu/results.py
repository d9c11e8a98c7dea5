"""Writes the results after every step, so that an interruption loses only the step that runs."""

from __future__ import annotations

import json
import os
import platform
import shutil
import tarfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

LARGEST_FILE_BYTES = 4 << 20
"""Larger files of a step are left out of the archive and named: at most 16 MiB come back in one file."""
STATUSES = ("as expected", "unexpected", "stopped", "not run")


@dataclass(frozen=True)
class Result:
    """What one step did."""

    name: str
    what: str
    status: str
    """One of STATUSES."""
    why: str = ""
    command: tuple[str, ...] = ()
    exit_code: int | None = None
    seconds: float = 0.0
    limit_seconds: float = 0.0
    files: tuple[str, ...] = ()


@dataclass
class Output:
    """The folder of results: few files in one folder, which is what comes back from a lent machine."""

    folder: Path
    work: Path

    def write(self, results: Sequence[Result], paths: Sequence[dict[str, Any]], about: dict[str, Any]) -> None:
        """Write the summaries and the archive of all steps anew; each file is complete or the previous one."""
        left_out = self._archive()
        document = {
            "about": {**about, "machine": platform.uname()._asdict(), "cpus": os.cpu_count()},
            "steps": [asdict(one) for one in results],
            "paths": list(paths),
            "leftOut": left_out,
        }
        self._replace("summary.json", json.dumps(document, indent=2) + "\n")
        self._replace("summary.md", markdown(document))

    def keep(self, manifest: Path, step: str) -> None:
        """Copy a signed manifest beside the summary."""
        shutil.copyfile(manifest, self.folder / f"{step}.dsse.json")

    def _archive(self) -> list[str]:
        left_out: list[str] = []

        def chosen(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
            if entry.isfile() and entry.size > LARGEST_FILE_BYTES:
                left_out.append(f"{entry.name} ({entry.size} bytes)")
                return None
            return entry if entry.isfile() or entry.isdir() else None

        partial = self.folder / ".results.tar.gz"
        with tarfile.open(partial, "w:gz", compresslevel=6) as archive:
            archive.add(self.work, "steps", filter=chosen)
        partial.replace(self.folder / "results.tar.gz")
        return left_out

    def _replace(self, name: str, text: str) -> None:
        partial = self.folder / f".{name}"
        partial.write_text(text, encoding="utf-8")
        partial.replace(self.folder / name)


def exit_code(results: Sequence[Result]) -> int:
    """0: every step that ran ended as expected; 1: one did not; 3: one was stopped at its limit."""
    statuses = {one.status for one in results}
    return 1 if "unexpected" in statuses else 3 if "stopped" in statuses else 0


def markdown(document: dict[str, Any]) -> str:
    """The summary for people."""
    about = document["about"]
    lines = [
        "# The paths for GPUs, run once",
        "",
        f"GPU: {about['gpu']}. Python {about['python']}. {about['seconds']:.0f} s of {about['budget_seconds']:.0f} s.",
        *([f"**{about['interrupted']}**"] if about["interrupted"] else []),
        "",
        "| step | status | exit code | seconds | limit | |",
        "|---|---|---|---|---|---|",
    ]
    for one in document["steps"]:
        code = "" if one["exit_code"] is None else one["exit_code"]
        lines.append(
            f"| {one['name']} | {one['status']} | {code} | {one['seconds']:.1f} | {one['limit_seconds']:.0f} "
            f"| {one['why'] or one['what']} |"
        )
    lines += ["", "| code that depends on a GPU | | shown by |", "|---|---|---|"]
    for one in document["paths"]:
        lines.append(f"| {', '.join(one['places'])} | {one['state']} | {one['evidence'] or one['why']} |")
    lines += ["", "`results.tar.gz` holds each step's command, streams and files."]
    lines += [f"Left out of it: {name}" for name in document["leftOut"]]
    return "\n".join(lines) + "\n"
