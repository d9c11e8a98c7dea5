"""
Measures the project's performance limits as ratios, each against a reference command in the same run.

Usage: `make bench`, or `python benchmarks/bars.py --python .venv-audited/bin/python [--rounds 5] [--only NAME]`.
Commands alternate (A B A B ...) and medians are compared, so that a change in machine load affects both. The script
reports ratios and never fails.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from auditor.interpreter.conversation import Request, ask
from auditor.interpreter.launcher import Here
from auditor.interpreter.replies import Ok

AUDITOR = str(Path(sys.executable).with_name("auditor"))
FRAMEWORKS = ("torch", "tensorflow", "jax")


def seconds(command: list[str], **environment: str) -> float:
    """Wall seconds of one run; its output is thrown away."""
    started = time.perf_counter()
    subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | environment,
    )
    return time.perf_counter() - started


def medians(rounds: int, *runs: Callable[[], float]) -> list[float]:
    """The median of each, over alternating rounds, after one warm-up round."""
    for run in runs:
        run()
    taken = [[run() for run in runs] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*taken, strict=True)]


def row(name: str, figure: float, yardstick: float, bar: str) -> None:
    """One line of the table."""
    print(f"{name:<44} {figure:8.3f} s {yardstick:8.3f} s   {figure / yardstick:6.2f}   {bar}", flush=True)


def help_(rounds: int, _python: str) -> None:
    """`auditor --help` against importing click."""
    ours, click = medians(
        rounds * 3, lambda: seconds([AUDITOR, "--help"]), lambda: seconds([sys.executable, "-c", "import click"])
    )
    row("auditor --help / import click", ours, click, "within 1.5")


def shallow(rounds: int, python: str) -> None:
    """`auditor probe --shallow` against torch's collect_env, with the number of fields of each."""
    ours, torch = medians(
        rounds,
        lambda: seconds([AUDITOR, "probe", "--shallow", "-q", "--json", "--python", python]),
        lambda: seconds([python, "-m", "torch.utils.collect_env"]),
    )
    row("auditor probe --shallow / collect_env", ours, torch, "within 0.25")
    done = subprocess.run(
        [AUDITOR, "probe", "--shallow", "-q", "--json", "--python", python], capture_output=True, check=True
    )
    count = "from torch.utils.collect_env import SystemEnv; print(len(SystemEnv._fields))"
    told = subprocess.run([python, "-c", count], capture_output=True, check=True, text=True).stdout
    fields, theirs = len(json.loads(done.stdout)["facts"]), int(told)
    print(
        f"{'  fields: ours / those of its record':<44} {fields:8d}   {theirs:8d}     {fields / theirs:6.2f}   3 or more"
    )


def probe(rounds: int, python: str) -> None:
    """`auditor probe` with all frameworks against importing the slowest."""
    imports = {
        name: medians(rounds, lambda name=name: seconds([python, "-c", f"import {name}"]))[0] for name in FRAMEWORKS
    }
    slowest = max(imports, key=lambda name: imports[name])
    ours, theirs = medians(
        rounds,
        lambda: seconds([AUDITOR, "probe", "-q", "--json", "--python", python]),
        lambda: seconds([python, "-c", f"import {slowest}"]),
    )
    row(f"auditor probe / import {slowest}", ours, theirs, "within 1.3")


def audit(rounds: int, python: str) -> None:
    """The quick audit, compile cache warm and cold, against the sum of the three imports."""
    total = sum(medians(rounds, lambda name=name: seconds([python, "-c", f"import {name}"]))[0] for name in FRAMEWORKS)
    with tempfile.TemporaryDirectory() as folder:

        def run(cache: str) -> tuple[float, float]:
            """Seconds without the processes that confirm suspects, and the seconds of those."""
            output = f"{folder}/audit"
            shutil.rmtree(output, ignore_errors=True)
            command = [AUDITOR, "audit", "--python", python, "--output", output]
            started = time.perf_counter()
            done = subprocess.run(
                command, check=False, capture_output=True, text=True, env=os.environ | {"XDG_CACHE_HOME": cache}
            )
            whole = time.perf_counter() - started
            told = re.search(r"processes confirmed suspects, in (\d+) s", done.stderr)
            confirming = float(told[1]) if told else 0.0
            return whole - confirming, confirming

        cold, confirming = run(f"{folder}/cache")
        row("auditor audit, cold / sum of imports", cold, total, "printed beside the warm figure")
        found = [run(f"{folder}/cache") for _ in range(max(1, rounds // 2))]
        warm, confirming = (statistics.median(column) for column in zip(*found, strict=True))
        row("auditor audit, warm / sum of imports", warm, total, "within 6")
        row("  and the processes that confirm suspects", confirming, total, "printed apart")


def verify(rounds: int, python: str) -> None:
    """`auditor verify` beyond importing its libraries."""
    with tempfile.TemporaryDirectory() as folder:
        seconds([AUDITOR, "audit", "-q", "--python", python, "--output", f"{folder}/audit"])
        envelope = f"{folder}/audit/manifest.dsse.json"
        ours, libraries = medians(
            rounds * 3,
            lambda: seconds([AUDITOR, "verify", envelope]),
            lambda: seconds([sys.executable, "-c", "import click, pydantic, cryptography"]),
        )
    print(f"{'auditor verify - import of its libraries':<44} {1000 * (ours - libraries):8.1f} ms{'':24} within 50 ms")


def operators(_rounds: int, python: str) -> None:
    """
    Every operator of torch's own catalogue, 3 repeats, in 2 processes side by side: one run, imports included.

    CPU seconds are printed as well, since on a busy machine wall time does not show what the check costs.
    """
    step = {"check": "torch-every-operator", "repeats": 3}
    request = Request("measure", framework="torch", steps=[step], settings={"hash-seed": "0"})
    started, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(lambda: list(ask(Here(python), request))[-1]) for _ in range(2)]
        replies = [run.result() for run in runs]
    taken, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    told = [reply.repeats[0]["conditions"] for reply in replies if isinstance(reply, Ok)]
    if len(told) < 2:
        sys.exit(f"a process did not answer: {replies}")
    print(f"{'torch op_db, 3 repeats, 2 processes':<44} {taken:8.1f} s{'':23} within 60 s")
    print(f"{'  processor seconds of each':<44} {processor / 2:8.1f} s")
    print(f"{'  entries, samples in each':<44} {told[0]['entries']:8d}   {told[0]['samples']:8d}")


BARS = {
    "help": help_,
    "shallow": shallow,
    "probe": probe,
    "audit": audit,
    "verify": verify,
    "operators": operators,
}


def main() -> None:
    """Measure the selected limits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", required=True, help="the audited interpreter, with the three frameworks")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=sorted(BARS), action="append")
    given = parser.parse_args()
    print(f"{'what / yardstick':<44} {'figure':>10} {'yardstick':>10}   {'ratio':>6}   bar")
    for name in given.only or BARS:
        BARS[name](given.rounds, given.python)


if __name__ == "__main__":
    main()
