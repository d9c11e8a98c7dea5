"""
Audits releases of the frameworks that real users have, in environments of their own, and prints a table of outcomes.

Usage: `make releases`, or `python tools/releases.py [--tier quick] [--only NAME ...] [--make-only] [--again]`.

Each environment of `ENVIRONMENTS` is made once, below `.venv-releases/`. The real command audits it and writes
`.venv-releases/audits/TIER/NAME/`; an audit that is there is not made again without `--again`. The tier `operators` is
the check of every operator alone, whose tables the atlas compares. Exit code 1 if an outcome is `error`, or if an
environment or its audit could not be made. A Python that this machine lacks is reported, and its rows are skipped.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv-releases"
AUDITOR = [sys.executable, "-c", "from auditor.cli import main; main()"]
OUTCOMES = ("pass", "fail", "error", "inconclusive", "not-applicable")
OPERATORS = "operators"
"""The tier of this tool that is no tier of the auditor's."""
STEP_SECONDS = 1800.0
"""For one step: every operator alone took a CUDA build of torch more than 5 minutes on 2 busy cores."""
UNUSABLE_FROM = 3
"""The lowest exit code of an audit that may have written nothing: 0 and 1 tell of findings (docs/decisions/0004)."""


@dataclass(frozen=True)
class Environment:
    """Releases that are audited together."""

    name: str
    python: str
    """Version of Python, as `X.Y`."""
    pins: tuple[str, ...]
    """What pip installs; empty for an environment that another target makes."""
    frameworks: tuple[str, ...]
    """What is audited of it."""
    about: str
    """Why it is here."""
    operators: tuple[str, ...] = ()
    """The frameworks of it whose tables of operators the atlas compares."""
    folder: str = ""
    """The folder of an environment that another target makes; empty for `.venv-releases/NAME`."""

    @property
    def interpreter(self) -> Path:
        """Its Python."""
        return (ROOT / self.folder if self.folder else FOLDER / self.name) / "bin" / "python"

    @property
    def ready(self) -> Path:
        """Says by its text for which pins the environment was made."""
        return FOLDER / f"{self.name}.ready"

    @property
    def is_ready(self) -> bool:
        """Whether it was made for its pins."""
        if self.folder:
            return self.interpreter.exists()
        return self.ready.exists() and self.ready.read_text(encoding="utf-8") == " ".join(self.pins)

    def audit(self, tier: str) -> Path:
        """The folder of its audit."""
        return FOLDER / "audits" / tier / self.name


ENVIRONMENTS = (
    Environment(
        "tensorflow-2.16-jax-0.4.30",
        "3.10",
        ("tensorflow-cpu==2.16.2", "jax==0.4.30", "jaxlib==0.4.30", "numpy==1.26.4"),
        ("tensorflow", "jax"),
        "the oldest supported Python, NumPy 1.26, and a JAX from before most of what checks use was renamed",
        operators=("tensorflow", "jax"),
    ),
    Environment(
        "pinned",
        "3.11",
        (),
        ("tensorflow", "jax"),
        "what every test uses: tensorflow 2.21.0, jax 0.10.2",
        folder=".venv-audited",
        operators=("tensorflow", "jax"),
    ),
    Environment(
        "pinned-torch",
        "3.11",
        (),
        ("torch",),
        "the CPU build of torch 2.13.0 alone",
        operators=("torch",),
        folder=".venv-audited",
    ),
    Environment(
        "jax-0.12.0.1",
        "3.13",
        ("jax==0.12.0.1", "jaxlib==0.12.0.1", "numpy==2.5.5"),
        ("jax",),
        "the newest JAX, NumPy and Python",
        operators=("jax",),
    ),
    Environment(
        "torch-2.14.1",
        "3.12",
        ("torch==2.14.1", "numpy==2.5.5"),
        ("torch",),
        "the newest torch, as a CUDA build on a machine that may have no GPU",
        operators=("torch",),
    ),
)


class SkippedError(Exception):
    """An environment that cannot be made here; the message says why."""


def interpreter_of(version: str) -> str:
    """The path of a Python of this version. Raises SkippedError if there is none on PATH or under pyenv."""
    found = shutil.which(f"python{version}")
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    candidates = [*([found] if found else []), *map(str, sorted(pyenv.glob(f"{version}.*/bin/python")))]
    for path in candidates:
        command = [path, "-c", "import ensurepip, sys; print('%d.%d' % sys.version_info[:2])"]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode == 0 and done.stdout.strip() == version:  # pyenv's shims exist for absent versions too
            return path
    raise SkippedError(f"this machine has no Python {version} with ensurepip (neither on PATH nor under pyenv)")


def make(environment: Environment) -> None:
    """Make the environment if it is not there. Raises SkippedError, or CalledProcessError if pip fails."""
    if environment.is_ready:
        return
    if environment.folder:
        raise SkippedError(f"{environment.folder} does not exist; `make {environment.folder}/.ready` makes it")
    python = interpreter_of(environment.python)
    home = FOLDER / environment.name
    subprocess.run([python, "-m", "venv", "--clear", str(home)], check=True)
    quietly = ["--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [str(environment.interpreter), "-m", "pip", "install", *quietly, *environment.pins],
        check=True,
        stdout=sys.stderr,
    )
    environment.ready.write_text(" ".join(environment.pins), encoding="utf-8")


def selection(environment: Environment, tier: str) -> list[str]:
    """The options that select what is audited."""
    if tier == OPERATORS:
        return [part for name in environment.operators for part in ("--check", f"{name}-every-operator")]
    return [*(part for name in environment.frameworks for part in ("--framework", name)), "--tier", tier]


def audit(environment: Environment, tier: str, *, again: bool) -> None:
    """Audit the environment, unless that was done. Raises CalledProcessError if the command could not audit."""
    output = environment.audit(tier)
    if output.exists() and not again:
        return
    shutil.rmtree(output, ignore_errors=True)
    output.parent.mkdir(parents=True, exist_ok=True)
    audit_into(environment, tier, output)


def audit_into(environment: Environment, tier: str, output: Path) -> None:
    """Audit the environment into a new folder. Raises CalledProcessError if the command could not audit."""
    limits = ["--timeout", f"{STEP_SECONDS:.0f}"]
    chosen = [*selection(environment, tier), *limits, "--no-sign"]
    command = [*AUDITOR, "audit", "--python", str(environment.interpreter), *chosen]
    done = subprocess.run(
        [*command, "--output", str(output)], check=False, stdout=subprocess.DEVNULL, stderr=sys.stderr
    )
    if done.returncode >= UNUSABLE_FROM and not output.exists():
        raise subprocess.CalledProcessError(done.returncode, command)


def predicate(audited: Path) -> Mapping[str, Any]:
    """What an audit's folder records. Raises FileNotFoundError without an audit."""
    told: Mapping[str, Any] = json.loads((audited / "manifest.json").read_text(encoding="utf-8"))["predicate"]
    return told


def findings(audited: Path) -> list[Mapping[str, Any]]:
    """The findings of an audit's folder."""
    return list(predicate(audited)["findings"])


def table(environment: Environment, found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The outcomes of one environment, counted; each failure and each error by name."""
    counts = Counter(one["outcome"] for one in found)
    told = ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES)
    yield f"{environment.name} (Python {environment.python}; {environment.about})"
    yield f"  {len(found)} checks: {told}"
    for one in found:
        if one["outcome"] in ("fail", "error", "inconclusive"):
            yield f"    {one['outcome']:12s} {one['check']}: {one['message'][:200]}"


def work(environment: Environment, options: argparse.Namespace) -> bool:
    """Make and audit one environment, print its table; returns whether it is free of errors."""
    try:
        make(environment)
        if options.make_only:
            print(f"{environment.name}: ready", flush=True)
            return True
        audit(environment, options.tier, again=options.again)
    except SkippedError as reason:
        print(f"{environment.name}: SKIPPED: {reason}", flush=True)
        return True
    except subprocess.CalledProcessError as problem:
        print(f"{environment.name}: FAILED: {problem}; nothing is known of this environment", flush=True)
        return False
    found = findings(environment.audit(options.tier))
    print("\n".join(table(environment, found)), flush=True)
    return not any(one["outcome"] == "error" for one in found)


def main() -> int:
    """Make and audit the environments, one after the other."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--tier", default="quick", choices=("quick", "full", OPERATORS))
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="only these environments")
    parser.add_argument("--make-only", action="store_true", help="make the environments, and audit nothing")
    parser.add_argument("--again", action="store_true", help="repeat audits that are there")
    options = parser.parse_args()
    if unknown := set(options.only) - {one.name for one in ENVIRONMENTS}:
        parser.error(f"no such environment: {', '.join(sorted(unknown))}")
    chosen = [one for one in ENVIRONMENTS if not options.only or one.name in options.only]
    FOLDER.mkdir(exist_ok=True)
    worked = [work(one, options) for one in chosen]  # all of them, also after one that failed
    return 0 if all(worked) else 1


if __name__ == "__main__":
    sys.exit(main())
