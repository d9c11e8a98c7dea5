"""
Mutation testing: which of a seeded sample of small faults in a room do its fast tests notice?

The mutants are made by cosmic-ray's operators. The runner is our own, because cosmic-ray starts an interpreter for
each mutant and writes into the checkout: here every worker has a copy of the tree, imports the libraries once, and
forks a process that imports the mutated room and runs its tests.

    tools/mutants.py [--room rules] [--sample 100] [--seed 0]
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import difflib
import json
import math
import multiprocessing
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.provider import OperatorProvider

ROOT = Path(__file__).resolve().parent.parent
REPLAY = "tests/auditor/replay"
ROOMS = {
    "rules": ("auditor/rules", ("tests/auditor/rules",)),
    "signing": ("auditor/signing", ("tests/auditor/signing",)),
    "privacy": ("auditor/privacy", ("tests/auditor/privacy",)),
    "provenance": ("auditor/replay/provenance", (f"{REPLAY}/provenance",)),
    "cause": ("auditor/replay/cause", (f"{REPLAY}/cause",)),
}
"""Each room: the folder that is mutated, and the tests that must notice."""
FAST = "not slow and not frameworks and not engine"
WITH_ARGUMENTS = ("VariableReplacer", "VariableInserter")
"""Operators that need a variable's name, and so a configuration for each file."""
EQUIVALENT = ("_Is_Eq", "_Eq_Is", "_IsNot_NotEq", "_NotEq_IsNot")
"""Operators whose mutants behave alike for None, small numbers and short strings: no test can tell them."""
SLOWER = 4
"""A mutant that takes so many times the processor time of the baseline run hangs."""
LEAST_CPU_SECONDS = 10
MOST_SECONDS = 600
"""Of wall time: for a mutant that waits for ever, and takes no processor time. The machine may be busy."""


class Mutant(NamedTuple):
    """One small fault."""

    file: str
    line: int
    operator: str
    occurrence: int

    def source(self) -> str:
        """The file's text with the fault."""
        text = (ROOT / self.file).read_text(encoding="utf-8")
        changed = mutate_code(text, OperatorProvider()[self.operator](), self.occurrence)
        assert changed is not None, self
        return changed

    def diff(self) -> str:
        """The changed lines."""
        before, after = (ROOT / self.file).read_text(encoding="utf-8").splitlines(), self.source().splitlines()
        changed = difflib.unified_diff(before, after, lineterm="", n=0)
        return "\n".join(line for line in changed if not line.startswith(("---", "+++", "@@")))


def mutants(folder: str) -> list[Mutant]:
    """All mutants of a folder; type annotations are left alone, since nothing evaluates them."""
    return [mutant for path in sorted((ROOT / folder).rglob("*.py")) for mutant in _of_file(path)]


def _of_file(path: Path) -> Iterator[Mutant]:
    text = path.read_text(encoding="utf-8")
    annotations = [
        ((one.lineno, one.col_offset), (one.end_lineno or 0, one.end_col_offset or 0))
        for node in ast.walk(ast.parse(text))
        for one in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if isinstance(one, ast.expr)
    ]
    nodes = list(ast_nodes(get_ast(text)))
    for name in OperatorProvider():
        if name in WITH_ARGUMENTS or name.endswith(EQUIVALENT):
            continue
        operator = OperatorProvider()[name]()
        places = [place for node in nodes for place in operator.mutation_positions(node)]
        for occurrence, (start, end) in enumerate(places):
            mutant = Mutant(str(path.relative_to(ROOT)), start[0], name, occurrence)
            annotates = any(first <= start and end <= last for first, last in annotations)
            if not annotates and (name != "ExceptionReplacer" or _can_be_made(mutant)):
                yield mutant


def _can_be_made(mutant: Mutant) -> bool:
    """cosmic-ray cannot replace an exception with a dotted name."""
    try:
        mutant.source()
    except AttributeError:
        return False
    return True


def copied(target: Path) -> Path:
    """A copy of the working tree, with links to the environments beside it."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0"):
        if name and (ROOT / name).is_file() and not (ROOT / name).is_symlink():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    for environment in (".venv", ".venv-audited", ".venv-layers"):
        if (ROOT / environment).exists():
            (target / environment).symlink_to((ROOT / environment).resolve())
    return target


class FastestFirst:
    """A plugin of pytest: tests run in the order of what they took in the baseline run, so that `-x` ends early."""

    def __init__(self, baseline: Path) -> None:
        self._baseline = baseline
        self._known = json.loads(baseline.read_text(encoding="utf-8")) if baseline.exists() else {}
        self._took: Counter[str] = Counter()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Sort the tests."""
        items.sort(key=lambda item: self._known.get(item.nodeid, 0))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how long a part of a test took."""
        self._took[report.nodeid] += report.duration

    def pytest_sessionfinish(self) -> None:
        """The first run is the baseline."""
        if not self._known:
            self._baseline.write_text(json.dumps(self._took), encoding="utf-8")


class Worker:
    """A copy of the tree, in which mutants are tried one after the other."""

    def __init__(self, tree: Path, tests: Sequence[str]) -> None:
        self._tree, self._tests = tree, tests
        self._stamp = 1_000_000_000
        self._cpu_s = MOST_SECONDS
        os.chdir(tree)
        os.environ["PYTHONPATH"] = str(tree)  # stands before the editable install, for processes that tests start too
        sys.path.insert(0, str(tree))
        self._import_libraries()

    def _import_libraries(self) -> None:
        """What the tests import stays loaded, except our own modules: a forked process imports those anew."""
        with _silence():
            pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", *self._tests])
        assert sys.modules["auditor"].__file__ == str(self._tree / "auditor" / "__init__.py")
        for name, module in list(sys.modules.items()):
            if (getattr(module, "__file__", None) or "").startswith(f"{self._tree}/") and name != "__main__":
                del sys.modules[name]

    def outcome(self, mutant: Mutant) -> str:
        """`killed`, `survived` or `timeout`."""
        file = self._tree / mutant.file
        original = file.read_text(encoding="utf-8")
        self._write(file, mutant.source())
        try:
            code = self.run()
        finally:
            self._write(file, original)
        return {0: "survived", -signal.SIGXCPU: "timeout", -signal.SIGKILL: "timeout"}.get(code, "killed")

    def _write(self, file: Path, text: str) -> None:
        file.write_text(text, encoding="utf-8")
        self._stamp += 1  # a compiled file is stale by the time and the size of its source
        os.utime(file, (self._stamp, self._stamp))

    def run(self) -> int:
        """The exit code of the tests, as of a process; the first run sets the limit of processor time for all."""
        child = os.fork()
        if not child:
            os.setsid()
            resource.setrlimit(resource.RLIMIT_CPU, (self._cpu_s, self._cpu_s + 1))
            with _silence():
                options = ["-x", "-q", "-p", "no:cacheprovider", "-m", FAST]
                os._exit(pytest.main([*options, *self._tests], plugins=[FastestFirst(self._tree / "durations.json")]))
        end = time.monotonic() + MOST_SECONDS
        while True:
            done, status, used = os.wait4(child, os.WNOHANG)
            if done:
                break
            if time.monotonic() > end:
                os.killpg(child, signal.SIGKILL)
            time.sleep(0.02)
        if self._cpu_s == MOST_SECONDS:
            self._cpu_s = max(LEAST_CPU_SECONDS, math.ceil(SLOWER * used.ru_utime))
        return os.waitstatus_to_exitcode(status)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Standard output and error go nowhere meanwhile."""
    kept = os.dup(1), os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for number in (1, 2):
            os.dup2(nowhere, number)
        yield
    finally:
        for number, old in zip((1, 2), kept, strict=True):
            os.dup2(old, number)


def _work(folder: str, tests: Sequence[str], chosen: Sequence[Mutant], results: multiprocessing.Queue) -> None:
    worker = Worker(copied(Path(folder)), tests)
    if code := worker.run():
        results.put(f"the tests fail without any mutant (exit code {code}): {' '.join(tests)}")
        return
    for mutant in chosen:
        try:
            results.put((mutant, worker.outcome(mutant)))
        except Exception as problem:  # noqa: BLE001 - else the others would wait for its answer
            results.put(f"{mutant} could not be tried: {problem!r}")
            return


def tried(tests: Sequence[str], chosen: Sequence[Mutant], jobs: int) -> dict[Mutant, str]:
    """Each mutant's outcome."""
    found: dict[Mutant, str] = {}
    with tempfile.TemporaryDirectory() as scratch:
        results: multiprocessing.Queue = multiprocessing.get_context("fork").Queue()
        processes = [
            multiprocessing.get_context("fork").Process(
                target=_work, args=(f"{scratch}/{number}", tests, chosen[number::jobs], results), daemon=True
            )
            for number in range(jobs)
        ]
        for process in processes:
            process.start()
        while len(found) < len(chosen):
            answer = results.get(timeout=2 * MOST_SECONDS)
            if isinstance(answer, str):
                raise SystemExit(f"mutants: {answer}")
            mutant, found[answer[0]] = answer
            if answer[1] == "survived":
                print(f"{mutant.file}:{mutant.line} {mutant.operator}\n{mutant.diff()}\n", flush=True)
        for process in processes:
            process.join()
    return found


def main() -> int:
    """Exit code 1 where fewer than the wanted share of a room's mutants die."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--room", choices=[*ROOMS, ""], default="", help="one of them; all without")
    parser.add_argument("--sample", type=int, default=100, help="mutants of each room")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2, help="processes that try mutants")
    parser.add_argument("--least", type=int, default=85, help="per cent that must die in each room")
    options = parser.parse_args()
    good = True
    rows = [f"{'room':12} {'mutants':>7} {'of':>6} {'killed':>6} {'survived':>8} {'timeouts':>8}"]
    for room in [options.room] if options.room else ROOMS:
        folder, tests = ROOMS[room]
        everything = mutants(folder)
        # A generator of its own for each room: the sample of one does not depend on which others are tried.
        drawn = random.Random(f"{room} {options.seed}").sample(everything, min(options.sample, len(everything)))
        found = tried(tests, drawn, options.jobs)
        counted = Counter(found.values())
        rows.append(
            f"{room:12} {len(found):7} {len(everything):6} {counted['killed']:6} {counted['survived']:8}"
            f" {counted['timeout']:8}"
        )
        good = good and counted["survived"] * 100 <= (100 - options.least) * len(found)
    print("\n".join(rows))
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
