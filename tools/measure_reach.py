"""
Measures which operators the cases of torch's checks call, and which of them is guilty where runs differ.

`tools/measure_reach.py PYTHON` writes `checks/reach.json`, by which an audit of a program says whether the program
reaches a finding. A test measures a part of it again.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "checks" / "reach.json"
CHECKS = ("uninitialised", "thread_race")
"""Modules of `checks/torch` whose cases are named by `_cases.outcome`, and whose failures are of the release."""
FUNCTION = "recorders.signatures.torch.exercised.of_checks"


def measured(python: str, checks: tuple[str, ...] = CHECKS) -> dict[str, Any]:
    """Check id to case to row, measured with this interpreter's torch."""
    with tempfile.TemporaryDirectory() as name:
        request, reply = Path(name) / "request.json", Path(name) / "reply.jsonl"
        asked = {"framework": "torch", "function": FUNCTION, "arguments": {"checks": list(checks)}}
        request.write_text(json.dumps(asked))
        door = ROOT / "checks" / "__main__.py"
        subprocess.run([python, "-B", door, "child", request, reply], check=True, stdout=subprocess.DEVNULL)
        answer = json.loads(reply.read_text().splitlines()[-1])
    if answer["tag"] != "ok":
        raise SystemExit(answer)
    return {f"torch-{name.replace('_', '-')}": rows for name, rows in answer["value"].items()}


def main() -> None:
    """Measure and write the file."""
    found = measured(sys.argv[1])
    DATA.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    guilty = {check: sum("guilty" in row for row in rows.values()) for check, rows in found.items()}
    print(
        f"{DATA.name}: cases { ({check: len(rows) for check, rows in found.items()}) }, with a guilty operator {guilty}"
    )


if __name__ == "__main__":
    main()
