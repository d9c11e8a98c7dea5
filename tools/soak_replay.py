"""
Replays every clean experiment of the tests with twenty runs; any divergence is a false alarm.

Usage: `make soak`, or `python tools/soak_replay.py --python PYTHON [--runs 20] [--only NAME]`. Exit 1 on a false alarm.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from auditor.replay.session import Options, Session

EXPERIMENTS = Path(__file__).parent.parent / "tests" / "auditor" / "replay" / "experiments"


def main() -> int:
    """Replay and print a line for each; see the module's docstring."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", required=True)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    alarms = 0
    for path in sorted(EXPERIMENTS.glob("*clean*.py")):
        if options.only not in path.stem:
            continue
        with tempfile.TemporaryDirectory() as scratch:
            command = [options.python, str(path)]
            chosen = Options(command, Path(scratch) / "runs", runs=options.runs, explain=False, show=False)
            result = Session(chosen, str).run()
        alarms += result.verdict != "identical"
        told = "; ".join(result.problems)
        print(f"{path.stem:<24} {result.verdict:<12} {result.runs} runs, {result.ops} operations  {told}", flush=True)
    print(f"{alarms} false alarms")
    return 1 if alarms else 0


if __name__ == "__main__":
    sys.exit(main())
