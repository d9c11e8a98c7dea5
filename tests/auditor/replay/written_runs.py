"""Runs that wrote files: made from contents, with digests as a real run takes them."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from auditor.replay.files.written import Place, digests
from auditor.replay.runs.output import Printed
from auditor.replay.runs.run import Run

START, SECONDS = 1_795_000_000.0, 8.0


def run_of(scratch, number, files, *, python=sys.executable, ignore=(), pids=()):
    """The n-th run, which wrote these files (name to bytes or text) in this order; each run begins 10 s later."""
    folder, working = Path(scratch) / f"run-{number}", Path(scratch) / f"working-{number}"
    folder.mkdir()
    for name, content in files.items():
        path = working / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    written = digests([working / name for name in files], Place(working, folder / "written", python, ignore))
    stream = folder / "stdout"
    stream.write_bytes(b"")
    printed = Printed(stream, hashlib.sha256(b"").hexdigest(), 0)
    return Run(
        folder,
        0,
        SECONDS,
        printed,
        printed,
        files=written.files,
        not_compared=written.left_out,
        started=START + 10 * number,
        pids=frozenset(pids or {4000 + number}),
        names=frozenset({f"{number}a3f9c1b-0000-4000-8000-000000000000"}),
    )


def runs_of(scratch, make, count=2, **more):
    """Runs that wrote what `make(n)` says."""
    return [run_of(scratch, number, make(number), **more) for number in range(count)]
