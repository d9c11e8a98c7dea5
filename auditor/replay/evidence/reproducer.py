"""
A reproducer: a short script that shows the divergence of one operation alone, for a bug report.

It needs neither the experiment nor this package. We run it once and report how often it diverged.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from ...errors import OutputError, UsageError
from ...shipped import folder
from ..model import Reproducer
from ..provenance.origin_model import Origin
from ..trace.frameworks import framework_of
from . import distances

SCRIPT = "reproduce.py"
OPERATION, CALL = "operation.json", "call.bin"
TENSORFLOW, FUNCTION = "tf.", "tf.function:"
READS = "jax."
"""Prefix of JAX's key functions and reads, which compute nothing."""
KEPT = (
    "operator",
    "overload",
    "arguments",
    "keywords",
    "inputs",
    "outputs",
    "draws",
    "threads",
    "deterministic",
    "torch",
    "unwritten",
    "attributes",
    "tensorflow",
    "call",
    "x64",
    "platform",
    "flags",
    "jax",
)
"""Fields of a dump that go into the reproducer; the interpreter's path is left out of a bug report."""
COUNTED = re.compile(rb"([0-9]{1,6}) of ([0-9]{1,6}) calls differed from the first\s*\Z")
TIMEOUT_SECONDS = 600.0
DRAWS = {
    "numpy": "import numpy; print(numpy.random.random_sample().hex())",
    "numpy generator": "import numpy; print(numpy.random.default_rng().random().hex())",
    "python": "import random; print(random.random().hex())",
}
CAUSES = {
    "hash-order": 'print(list({"adam", "batch", "cell", "dense", "epoch", "flow", "grad", "head"}))',
    "address-order": """class Thing:
    pass

things = [Thing() for _ in range(64)]
print([things.index(one) for one in set(things)])""",
    "file-order": """import os
import random
import sys
import tempfile

names = ["part-%d" % number for number in range(64)]
random.Random(int(sys.argv[1])).shuffle(names)
with tempfile.TemporaryDirectory(dir=".") as folder:
    for name in names:
        open(os.path.join(folder, name), "w").close()
    print(os.listdir(folder))""",
    "clock": "import time; print(time.time())",
}
"""The smallest program that shows a cause that no operation has."""
SHOWS_CAUSE = "it shows the cause in its smallest form, not the experiment's own line"
SAME_HERE = "the cause gives equal results each time on this machine; only the experiment varies it"
UNWRITTEN = (
    "it shows that the operator leaves its memory uninitialised, as documented; the fault is the line that reads it"
    " before writing it"
)
PYTHON = re.compile(r"(?:python|pypy)[0-9.]*")
KEEPABLE = (
    "inputs can be kept of torch's operations, JAX's calls, and TensorFlow's operations that do not read a variable"
    " inside a tf.function"
)
NOT_COMPUTED = {
    "outside": "the differing value came from outside there, and no operation computed it",
    "other-order": "equal values arrive there in another order, and no operation computed a different one",
    "other-branch": "the runs took different branches there, and no operation computed a different value",
}
"""Evidence at an operation that only received the difference: a script of it would show nothing."""
NOTHING = "Nothing was written: "
NOT_ALONE = "alone it gives equal outputs each time; the divergence needs something else from the experiment"


def make(
    target: Path, origin: Origin | None, dump: Path | None, command: Sequence[str], cause: str = "unknown"
) -> Reproducer:
    """
    Write the folder and run its script.

    `dump` is the folder in which a run kept the operation's inputs, `cause` the proven cause. Raises UsageError if the
    folder is not empty, and OutputError if it cannot be written.
    """
    if cause not in CAUSES and origin is None:
        return _none(target, "no recorded operation began the divergence")
    try:
        refuse_full(target)
        target.mkdir(parents=True, exist_ok=True)
        if cause in CAUSES:
            _write_cause(target, cause, origin)
            return _with_note(_run(target, _python_of(command)), SHOWS_CAUSE, SAME_HERE)
        assert origin is not None  # noqa: S101 - as above
        generator = _generator(origin)
        if generator:
            _write_draw(target, generator)
            return _run(target, _python_of(command))
        if origin.evidence in NOT_COMPUTED:
            return _none(target, NOT_COMPUTED[origin.evidence])
        description = distances.described(dump) if dump else None
        if dump is None or description is None:
            return _none(target, f"the inputs of {origin.name} could not be kept ({KEEPABLE})")
        framework = framework_of(origin.name)
        if description.get("operator") != _operator(origin.name):
            return _none(target, f"another operation ran at its place: {description.get('operator')}")
        if description.get("cannot"):
            return _none(target, f"{origin.name} cannot be kept as a script: {str(description['cannot'])[:300]}")
        unwritten = origin.evidence == "reads-unwritten"
        _write_operation(target, dump, {**description, "unwritten": unwritten}, framework)
    except OSError as problem:
        raise OutputError(
            f"the reproducer could not be written to {target}: {problem.strerror or problem}",
            "Give another folder to --emit-repro.",
        ) from problem
    made = _run(target, str(description.get("python") or _python_of(command)))
    return _with_note(made, UNWRITTEN, NOT_ALONE) if unwritten else made


def _with_note(made: Reproducer, shown: str, equal: str) -> Reproducer:
    """The reproducer with the note that fits its count."""
    if not made.calls:
        return made
    return made.model_copy(update={"note": shown if made.diverged else equal})


def can_be_kept(name: str) -> bool:
    """Whether the recorder can keep the inputs of an operation of this name."""
    if name.startswith(TENSORFLOW):
        return not name.startswith(FUNCTION)
    return "::" in name or (framework_of(name) == "jax" and not name.startswith(READS))


def _operator(name: str) -> str:
    """The framework's own name of an operator; for torch without the overload."""
    return name.partition(".")[0] if "::" in name else name.removeprefix(TENSORFLOW)


def _none(target: Path, why: str) -> Reproducer:
    return Reproducer(folder=str(target), diverged=0, calls=0, note=NOTHING + why)


def _generator(origin: Origin) -> str:
    """The generator of Python's or NumPy's that drew; empty if a framework's did, or none."""
    if origin.evidence != "draw-unseeded" or can_be_kept(origin.name) or framework_of(origin.name) != "python":
        return ""
    if origin.name.startswith("numpy.random.Generator"):
        return "numpy generator"
    return "numpy" if origin.name.startswith("numpy.") else "python"


def refuse_full(target: Path) -> None:
    """Raise UsageError for a folder that is not empty: no file of the user's is overwritten."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target} exists and is not empty", "Give a new folder to --emit-repro.")


def _write_cause(target: Path, cause: str, origin: Origin | None) -> None:
    """The line is hostile text; the script holds it as a string literal."""
    source = origin.source if origin else None
    line = f"{Path(source.file).name}:{source.line}: {source.code}" if source and source.known else "not known"
    text = (folder("reports") / "templates" / "reproduce_cause.py").read_text(encoding="utf-8")
    for name, value in (("cause", cause), ("shown", CAUSES[cause]), ("line", line)):
        text = text.replace(f'"{{{name}}}"', f"{value!a}", 1)
    (target / SCRIPT).write_text(text, encoding="utf-8")


def _write_draw(target: Path, generator: str) -> None:
    template = (folder("reports") / "templates" / "reproduce_draw.py").read_text(encoding="utf-8")
    (target / SCRIPT).write_text(template.replace("{draw}", DRAWS[generator]), encoding="utf-8")


def _write_operation(target: Path, dump: Path, description: dict[str, object], framework: str) -> None:
    shutil.copyfile(folder("reports") / "templates" / f"reproduce_{framework}.py", target / SCRIPT)
    text = json.dumps({name: description[name] for name in KEPT if name in description}, indent=1)
    (target / OPERATION).write_text(text + "\n", encoding="utf-8")
    for path in sorted([*dump.glob("input-*.bin"), dump / CALL]):
        kept = path.name == CALL or distances.FILE.fullmatch(path.name)
        if kept and path.is_file() and not path.is_symlink():
            shutil.copyfile(path, target / path.name)


def _run(target: Path, python: str) -> Reproducer:
    """Run the script and report its count."""
    try:
        code, out, err = _ended(target, python)
    except KeyboardInterrupt:  # a reproducer that was not run is not kept
        shutil.rmtree(target, ignore_errors=True)
        raise
    except (OSError, subprocess.TimeoutExpired) as problem:
        return Reproducer(folder=str(target), diverged=0, calls=0, note=f"it could not be run: {problem}")
    counted = COUNTED.search(out)
    if counted is None:
        last = (err.decode("utf-8", "replace").strip().splitlines() or [f"exit code {code}, and nothing printed"])[-1]
        return Reproducer(folder=str(target), diverged=0, calls=0, note=f"it failed: {last[:300]}")
    diverged, calls = map(int, counted.groups())
    return Reproducer(folder=str(target), diverged=diverged, calls=calls, note="" if diverged else NOT_ALONE)


def _ended(target: Path, python: str) -> tuple[int, bytes, bytes]:
    """(exit code, stdout, stderr). If the wait is interrupted or times out, the script and its children are killed."""
    with subprocess.Popen(
        [python, SCRIPT],
        cwd=target,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=TIMEOUT_SECONDS)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return process.returncode, out, err


def _python_of(command: Sequence[str]) -> str:
    """The command's own Python as an absolute path, if it starts with one; else the first on PATH."""
    if not PYTHON.fullmatch(Path(command[0]).name):
        return "python3"
    return os.path.abspath(command[0]) if os.sep in command[0] else command[0]  # noqa: PTH100 - a link stays one
