"""
`auditor compare` on two synthetic traces of many operations: wall seconds, CPU seconds, peak memory.

Usage: `python benchmarks/trace_compare.py [--operations 10000000] [--tier base|detail] [--folder DIR]`. Each case runs
in its own process, so that peak memory is measured per case. Limit: 20 s and 1 GiB for 10 million operations (base).
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from auditor.replay import compare_traces
from auditor.replay.alignment import first_differences
from auditor.replay.provenance import origin
from auditor.replay.trace import archive

RECORD = struct.Struct("<BBHIIIQQ")
DEF, OP, IN, ARG, END, PROCESS = 1, 2, 3, 4, 9, 10
PERIOD = 200
"""Operations per step of the simulated training loop, each with its own name and line."""
STEPS_PER_WRITE = 500


def definition(table: int, number: int, text: str) -> bytes:
    """A DEF record and its text."""
    data = text.encode()
    return RECORD.pack(DEF, table, len(data), number, 0, 0, 0, 0) + data.ljust(-(-len(data) // 32) * 32, b"\0")


def beginning(python: str, folder: str, *, detail: bool) -> bytes:
    """Header and definitions."""
    header = struct.pack("<8sII16sI28x", b"AUDTRC1\0", 1, 32, b"xxh3-64", int(detail))
    texts = definition(4, 1, "main") + definition(4, 2, json.dumps({"python": python}))
    texts += RECORD.pack(PROCESS, 0, 0, 1, 0, 2, 0, 0) + definition(3, 1, "f32[16,128]@cpu") + definition(4, 3, "T, T")
    for number in range(1, PERIOD + 1):
        texts += definition(1, number, f"aten::operation_{number}")
        texts += definition(2, number, f"{folder}/train.py\t{number}\tstep\tcode of line {number}")
    return header + texts


def write(
    path: Path, operations: int, *, differ_at: int, python: str = "3.11.7", lay_in: str = "/here", detail: bool = False
) -> None:
    """A trace whose digests differ from one operation on."""
    (path / "streams").mkdir(parents=True)
    start = beginning(python, lay_in, detail=detail)
    place = (len(start) - 64) // 32
    with (path / "streams" / "main.0.trc").open("wb") as out:
        out.write(start)
        waiting = []
        for number in range(operations):
            digest = number * 0x9E3779B97F4A7C15 % 2**64 ^ (number >= differ_at)
            which = number % PERIOD + 1
            waiting.append(RECORD.pack(OP, 0, 0, which, which, 1, digest, 0))
            if detail:
                before = (number - 1) * 0x9E3779B97F4A7C15 % 2**64 ^ (number - 1 >= differ_at)
                writer = place - 2 if number else 0
                waiting += [RECORD.pack(IN, 0, 0, number, 0, 1, before, writer), RECORD.pack(ARG, 0, 0, 3, 0, 0, 0, 0)]
                place += 3
            if len(waiting) >= PERIOD * STEPS_PER_WRITE:
                out.write(b"".join(waiting))
                waiting = []
        out.write(b"".join(waiting))
        out.write(RECORD.pack(END, 0, 0, 0, 0, 0, 0, (out.tell() - 64) // 32))


def one(first: str, second: str, what: str) -> None:
    """Compare (or find the origin), and print seconds, peak memory and what was found."""
    began = time.perf_counter()
    if what == "command":
        found: object = compare_traces.compare_files(Path(first), Path(second)).differences
    else:
        pair = archive.open_trace(Path(first)), archive.open_trace(Path(second))
        found = first_differences.compare(*pair).differences if what == "compare" else origin.find(*pair).origin
    seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    mebibytes, processor = used.ru_maxrss / 1024, used.ru_utime + used.ru_stime
    print(f"{seconds:8.2f} s {processor:8.2f} s {mebibytes:8.0f} MiB   {str(found)[:100]}")


def main() -> None:
    """Write the traces, and measure every case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=10_000_000)
    parser.add_argument("--tier", choices=("base", "detail"), default="base")
    parser.add_argument("--folder", help="where the traces are written (about 1 GB); else a temporary folder")
    parser.add_argument("--one", nargs=3, metavar=("FIRST", "SECOND", "WHAT"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        one(*given.one)
        return
    count, detail = given.operations, given.tier == "detail"
    cases = {
        "identical": {"differ_at": count},
        "differs at the end": {"differ_at": count - 10},
        "differs early": {"differ_at": 1000},
        "another Python, differs at the end": {"differ_at": count - 10, "python": "3.11.10 of another machine"},
        "another folder, differs at the end": {"differ_at": count - 10, "lay_in": "/somewhere/else/altogether"},
    }
    folder = Path(tempfile.mkdtemp(prefix="traces-", dir=given.folder))
    try:
        write(folder / "base", count, differ_at=count, detail=detail)
        for name, how in cases.items():
            write(folder / "other", count, detail=detail, **how)
            for what in ("compare", "command", "origin"):
                print(f"{name:<36} {what:<8}", end="", flush=True)
                command = [sys.executable, __file__, "--one", str(folder / "base"), str(folder / "other"), what]
                subprocess.run(command, check=True)
            shutil.rmtree(folder / "other")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
