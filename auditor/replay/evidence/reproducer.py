"""
A short script that shows the guilty operation's divergence without the experiment and without us, for a bug report.

It is run before it is handed over, and says how often it diverged.
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
"""JAX's keys and reads: what was computed is an operation of another name."""
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
"""Of a dump; its interpreter's path is nobody's business in a bug report."""
COUNTED = re.compile(rb"([0-9]{1,6}) of ([0-9]{1,6}) calls gave other bits than the first\s*\Z")
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
"""What shows a proven cause that is no operation's, in the smallest form."""
SHOWS_CAUSE = "it shows the cause in its smallest form, not the experiment's own line"
SAME_HERE = "what the result hangs on is the same each time on this machine; the experiment meets it where it is not"
UNWRITTEN = (
    "it shows that the memory is not written, which that operator says itself; the fault is the line that reads it"
    " before it is written"
)
PYTHON = re.compile(r"(?:python|pypy)[0-9.]*")
KEEPABLE = (
    "those of torch's operations can, of JAX's calls, and of TensorFlow's operations unless they read a variable inside"
    " a tf.function"
)
NOT_COMPUTED = {
    "outside": "what differs came in from outside there, and no operation computed it",
    "other-order": "equal values come in there in another order, and no operation computed another one",
    "other-branch": "the runs took different branches there, and no operation computed another value",
}
"""Where the operation only received what differs, and a script of it would show nothing."""
NOTHING = "Nothing was written: "
NOT_ALONE = "by itself it gives the same bits each time; the divergence needs something of the experiment besides"


def make(
    target: Path, origin: Origin | None, dump: Path | None, command: Sequence[str], cause: str = "unknown"
) -> Reproducer:
    """
    Write the folder, and run what is in it.

    `dump` is the folder in which a run kept the operation's inputs, `cause` the proven one. Raises UsageError if the
    folder is not empty, and OutputError if it cannot be written.
    """
    if cause not in CAUSES and origin is None:
        return _none(target, "no recorded operation began the divergence")
    try:
        refuse_full(target)
        target.mkdir(parents=True, exist_ok=True)
        if cause in CAUSES:
            _write_cause(target, cause, origin)
            return _said(_run(target, _python_of(command)), SHOWS_CAUSE, SAME_HERE)
        assert origin is not None  # noqa: S101 - as above
        generator = _generator(origin)
        if generator:
            _write_draw(target, generator)
            return _run(target, _python_of(command))
        if origin.evidence in NOT_COMPUTED:
            return _none(target, NOT_COMPUTED[origin.evidence])
        told = distances.described(dump) if dump else None
        if dump is None or told is None:
            return _none(target, f"the inputs of {origin.name} could not be kept ({KEEPABLE})")
        framework = framework_of(origin.name)
        if told.get("operator") != _operator(origin.name):
            return _none(target, f"another operation stood at its place: {told.get('operator')}")
        if told.get("cannot"):
            return _none(target, f"{origin.name} cannot be kept as a script: {str(told['cannot'])[:300]}")
        unwritten = origin.evidence == "reads-unwritten"
        _write_operation(target, dump, {**told, "unwritten": unwritten}, framework)
    except OSError as problem:
        raise OutputError(
            f"the reproducer could not be written to {target}: {problem.strerror or problem}",
            "Give another folder to --emit-repro.",
        ) from problem
    made = _run(target, str(told.get("python") or _python_of(command)))
    return _said(made, UNWRITTEN, NOT_ALONE) if unwritten else made


def _said(made: Reproducer, shown: str, alike: str) -> Reproducer:
    """With what must be read beside its count."""
    if not made.calls:
        return made
    return made.model_copy(update={"note": shown if made.diverged else alike})


def can_be_kept(name: str) -> bool:
    """Whether the recorder can keep the inputs of an operation of this name."""
    if name.startswith(TENSORFLOW):
        return not name.startswith(FUNCTION)
    return "::" in name or (framework_of(name) == "jax" and not name.startswith(READS))


def _operator(name: str) -> str:
    """As its framework calls it: torch's without its overload."""
    return name.partition(".")[0] if "::" in name else name.removeprefix(TENSORFLOW)


def _none(target: Path, why: str) -> Reproducer:
    return Reproducer(folder=str(target), diverged=0, calls=0, note=NOTHING + why)


def _generator(origin: Origin) -> str:
    """Which of the generators outside the frameworks drew; empty where a framework's did, or none."""
    if origin.evidence != "draw-unseeded" or can_be_kept(origin.name):
        return ""
    if origin.name.startswith("numpy.random.Generator"):
        return "numpy generator"
    return "numpy" if origin.name.startswith("numpy.") else "python"


def refuse_full(target: Path) -> None:
    """Raise UsageError for a folder that holds something: nothing of the user's is overwritten."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target} is there already and not empty", "Give a new folder to --emit-repro.")


def _write_cause(target: Path, cause: str, origin: Origin | None) -> None:
    """The line is anybody's text, and stands in the script as a literal."""
    source = origin.source if origin else None
    line = f"{Path(source.file).name}:{source.line}: {source.code}" if source and source.known else "not known"
    text = (folder("reports") / "templates" / "reproduce_cause.py").read_text(encoding="utf-8")
    for name, value in (("cause", cause), ("shown", CAUSES[cause]), ("line", line)):
        text = text.replace(f'"{{{name}}}"', f"{value!a}", 1)
    (target / SCRIPT).write_text(text, encoding="utf-8")


def _write_draw(target: Path, generator: str) -> None:
    template = (folder("reports") / "templates" / "reproduce_draw.py").read_text(encoding="utf-8")
    (target / SCRIPT).write_text(template.replace("{draw}", DRAWS[generator]), encoding="utf-8")


def _write_operation(target: Path, dump: Path, told: dict[str, object], framework: str) -> None:
    shutil.copyfile(folder("reports") / "templates" / f"reproduce_{framework}.py", target / SCRIPT)
    text = json.dumps({name: told[name] for name in KEPT if name in told}, indent=1)
    (target / OPERATION).write_text(text + "\n", encoding="utf-8")
    for path in sorted([*dump.glob("input-*.bin"), dump / CALL]):
        kept = path.name == CALL or distances.FILE.fullmatch(path.name)
        if kept and path.is_file() and not path.is_symlink():
            shutil.copyfile(path, target / path.name)


def _run(target: Path, python: str) -> Reproducer:
    """What came of running it."""
    try:
        code, out, err = _ended(target, python)
    except KeyboardInterrupt:  # what was not run is not handed over
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
    """(exit code, stdout, stderr); whatever ends the wait, ends the script and all that it started."""
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
    """The command's own Python, if it begins with one, from whatever folder it is started; else the first on PATH."""
    if not PYTHON.fullmatch(Path(command[0]).name):
        return "python3"
    return os.path.abspath(command[0]) if os.sep in command[0] else command[0]  # noqa: PTH100 - a link stays one
