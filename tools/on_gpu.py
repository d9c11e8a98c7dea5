"""
Runs every path for GPUs once, within eight minutes, on a machine that has torch with CUDA and JAX and no network.

Where there is a network: `python tools/on_gpu.py --pack .on-gpu`. On the machine with the GPU, in the checkout's root:
`python3 tools/on_gpu.py --wheels .on-gpu --output $OUT`.

The output folder holds `summary.md`, `summary.json`, the signed manifests, and `results.tar.gz` with the command,
streams and files of every step. All are written after each step. Exit codes: 0 every step that ran ended as expected;
1 one did not; 2 the command line or the wheels cannot be used; 3 a step was stopped at its limit, or the script was
interrupted.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import tempfile
import time
from pathlib import Path

from gpu import limits, packing
from gpu.results import Output, exit_code
from gpu.run import Run
from gpu.steps import BUDGET_SECONDS, ROOT, STEPS, Context

FRAMEWORKS = ("torch", "jax")
NEEDED = ("click", "cryptography", "filelock", "jinja2", "psutil", "pydantic", "rfc8785", "rich")
USAGE = 2


def main() -> int:
    """Pack, or run the steps."""
    given = _arguments()
    try:
        if given.pack:
            print("\n".join(packing.pack(given.pack)))
            return 0
        return _run(given)
    except packing.PackError as problem:
        print(f"on_gpu: {problem}. No step was run.", file=sys.stderr)
        return USAGE


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--pack", type=Path, metavar="FOLDER", help="only download the wheels of auditor's dependencies"
    )
    parser.add_argument("--wheels", type=Path, metavar="FOLDER", help="run auditor from the wheels in this folder")
    parser.add_argument("--python", default=sys.executable, help="the Python with the frameworks [default: this one]")
    parser.add_argument("--frameworks", nargs="+", choices=FRAMEWORKS, default=list(FRAMEWORKS))
    parser.add_argument("--steps", nargs="+", choices=[step.name for step in STEPS], metavar="NAME", help="only these")
    parser.add_argument("--output", type=Path, default=os.environ.get("OUT"), help="[default: $OUT]")
    parser.add_argument("--budget", type=float, default=BUDGET_SECONDS, metavar="SECONDS", help="for all steps")
    given = parser.parse_args()
    if not given.pack and not given.output:
        parser.error("--output is needed where $OUT is not set")
    return given


def _run(given: argparse.Namespace) -> int:
    started = time.monotonic()
    limits.adopt_orphans()
    output = Path(given.output).absolute()
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="on-gpu-", ignore_cleanup_errors=True) as scratch:
        context = Context(
            host=_host(given.wheels, Path(scratch) / "host"),
            python=given.python,
            frameworks=tuple(given.frameworks),
            work=Path(scratch) / "steps",
        )
        context.work.mkdir()
        limits.end_on_signals()
        run = Run(
            context,
            Output(output, context.work),
            obstacle=_obstacle(),
            budget_seconds=given.budget,
            tell=lambda text: print(text, flush=True),
        )
        steps = [step for step in STEPS if not given.steps or step.name in given.steps]
        results = run.all(steps, time.monotonic() - started)
        print(f"{output / 'summary.md'}: {sum(one.status == 'as expected' for one in results)} steps as expected")
        return exit_code(results) or (3 if run.interrupted else 0)


def _host(wheels: Path | None, target: Path) -> str:
    """The Python that runs auditor: an environment made from the wheels, else this one if it has what is needed."""
    if wheels:
        return str(packing.unpack(wheels.absolute(), target))
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise packing.PackError(f"this Python has no {', '.join(missing)}: name a folder of wheels with --wheels")
    return sys.executable


def _obstacle() -> str:
    """Why no NVIDIA GPU can be used; empty if one can. The payload asks the driver, as its lints do."""
    sys.path.append(str(ROOT))
    from checks.environment import _gpu  # noqa: PLC0415 - found only now

    return str(_gpu.nvidia_obstacle())


if __name__ == "__main__":
    sys.exit(main())
