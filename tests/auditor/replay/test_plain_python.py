"""Programs without a framework: the guilty statement, its cause and proven cure; and nothing changed by recording."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from streams import folder_of, writer
from support import AUDITED

from auditor.replay.cause import by_statement as statements
from auditor.replay.runs.run import Setup, run
from auditor.replay.session import ReplayOptions, Session
from auditor.replay.trace.archive import open_folder

EXPERIMENTS = Path(__file__).parent / "experiments"
TIERS = ("base", "detail", "lines")
ALWAYS_ALIKE = ("clean_python", "crash", "py_completed_clean", "py_imap_clean", "py_queue_clean")


def replayed(name, scratch, **options):
    """
    The result of replaying one of the experiments; those of NumPy by the interpreter that has it.

    The budget leaves nothing to the coin's luck: some of the experiments give equal results in some runs.
    """
    options.setdefault("budget_runs", 60)
    python = AUDITED if name.startswith("np_") else sys.executable
    command = [python, str(EXPERIMENTS / f"{name}.py")]
    return Session(ReplayOptions(command, scratch / "runs", show=False, **options), str).run()


def guilty_line(name):
    """The number of the line that says that it is guilty."""
    lines = (EXPERIMENTS / f"{name}.py").read_text().splitlines()
    return next(number for number, line in enumerate(lines, start=1) if "# guilty" in line)


@pytest.mark.parametrize(
    ("name", "cause", "generator"),
    [
        ("py_random", "unseeded-random", "python"),
        pytest.param("entropy", "unseeded-random", "python", marks=pytest.mark.exhaustive),
        pytest.param("py_secrets", "unseeded-random", None, marks=pytest.mark.exhaustive),
        ("hash_order", "hash-order", None),
        pytest.param("py_junk", "hash-order", None, marks=pytest.mark.exhaustive),
        pytest.param("py_unread_id", "hash-order", None, marks=pytest.mark.exhaustive),
        pytest.param("py_made_seed", "hash-order", None, marks=pytest.mark.exhaustive),
        ("address_order", "address-order", None),
        ("py_clock", "clock", None),
        pytest.param("py_method", "clock", None, marks=pytest.mark.exhaustive),
        pytest.param("py_datetime", "clock", None, marks=pytest.mark.exhaustive),
        pytest.param("py_completed", "thread-order", None, marks=pytest.mark.exhaustive),
        pytest.param("py_wait", "thread-order", None, marks=pytest.mark.exhaustive),
        pytest.param("py_imap", "thread-order", None, marks=pytest.mark.exhaustive),
        pytest.param("py_pool_draw", "unseeded-random", "python", marks=pytest.mark.exhaustive),
    ],
)
@pytest.mark.slow
def test_the_guilty_statement_is_named_and_its_cure_proven(tmp_path, name, cause, generator):
    """The line where it began, not the one that prints it; nor one whose value nobody prints. Here times count."""
    result = replayed(name, tmp_path, exact_output=cause == "clock")

    assert ("diverged", cause) == (result.verdict, result.divergence and result.divergence.cause), result
    assert (guilty_line(name), generator) == (result.divergence.source.line, result.divergence.generator)
    assert result.remedy.proven


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "shows"), [("py_queue", 25), pytest.param("py_workers", 28, marks=pytest.mark.exhaustive)]
)
def test_consumers_of_a_queue_are_in_the_order_of_their_threads(tmp_path, name, shows):
    """Which thread takes what is chance: the cause is proven; the line is one of the consumer's, or where it shows."""
    result = replayed(name, tmp_path)
    line = guilty_line(name)

    assert ("diverged", "thread-order", True) == (result.verdict, result.divergence.cause, result.remedy.proven)
    assert result.divergence.source.line in {*range(line - 3, line + 5), shows}


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="it needs a file system that lists in the order of creation")
def test_the_order_of_a_listing_is_named_where_the_file_system_varies_it(tmp_path):
    """What makes the files is no Python, so that nothing is known of their order but the listing."""
    result = replayed("py_listdir", tmp_path)

    assert ("diverged", "file-order", "os.listdir") == (
        result.verdict, result.divergence.cause, result.divergence.op,
    )  # fmt: skip
    assert guilty_line("py_listdir") == result.divergence.source.line
    assert result.remedy.proven


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("np_global", marks=pytest.mark.exhaustive),
        "np_default_rng",
        pytest.param("np_random_state", marks=pytest.mark.exhaustive),
    ],
)
@pytest.mark.frameworks
@pytest.mark.slow
def test_a_generator_of_numpy_that_took_entropy_is_named(tmp_path, name):
    """The global one, and instances where they are made."""
    result = replayed(name, tmp_path)

    assert ("diverged", "unseeded-random") == (result.verdict, result.divergence.cause)
    assert (guilty_line(name), "numpy") == (result.divergence.source.line, result.divergence.generator)
    assert result.remedy.proven


@pytest.mark.slow
def test_what_no_factor_explains_is_told_with_its_line(tmp_path):
    """The number of the process: every factor was tried, none is blamed."""
    result = replayed("py_branch", tmp_path)

    assert ("diverged", "outside-input", False) == (result.verdict, result.divergence.cause, result.remedy.proven)
    assert guilty_line("py_branch") == result.divergence.source.line
    assert {"hash-seed", "clock", "entropy"} <= {one.factor for one in result.divergence.ruled_out}


@pytest.mark.slow
def test_workers_that_a_pool_ends_are_no_divergence(tmp_path):
    """Which of them takes which task is chance, and where each is cut off; what they gave is the same."""
    result = replayed("py_spawn_pool_clean", tmp_path, runs=5)

    assert ("identical", []) == (result.verdict, result.problems)


@pytest.mark.parametrize("name", ["py_completed_clean", "py_queue_clean", "py_imap_clean", "py_listing"])
def test_tasks_in_any_order_whose_results_are_sorted_are_no_divergence(tmp_path, name):
    """The clean twins."""
    result = replayed(name, tmp_path)

    assert ("identical", []) == (result.verdict, result.problems)


@pytest.mark.frameworks
def test_seeded_generators_of_numpy_are_no_divergence(tmp_path):
    """Though `RandomState(7)` takes entropy before it is seeded."""
    result = replayed("np_clean", tmp_path)

    assert ("identical", []) == (result.verdict, result.problems)


def test_an_unsorted_listing_is_found_by_perturbing_it(tmp_path):
    """The file system never varies it here, so no repetition shows it."""
    result = replayed("py_listing", tmp_path, runs=2, vary=["file-order"])

    (told,) = result.sensitivity
    assert ("identical", "diverged") == (result.verdict, told.verdict)
    assert f"py_listing.py:{guilty_line('py_listing')}" in told.first


# ------------------------------------------------------------------------------------------- nothing is changed by it


def alone(arguments, **how):
    """(exit code, stdout, stderr) of a program that nobody records."""
    done = subprocess.run([sys.executable, *arguments], capture_output=True, check=False, timeout=60, **how)
    return done.returncode, done.stdout, done.stderr


def recorded(arguments, folder, tier):
    """The same under the recorder, and what it could not record."""
    seen = run([sys.executable, *arguments], Setup(folder, tier=tier, show=False, timeout_seconds=60.0))
    with open_folder(seen.folder) as trace:
        problems = [*seen.problems, *trace.problems]
    return (seen.exit_code, seen.stdout.path.read_bytes(), seen.stderr.path.read_bytes()), problems


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("name", ALWAYS_ALIKE)
def test_a_program_does_as_alone(tmp_path, tier, name):
    """Every script whose output is the same each time."""
    arguments = [str(EXPERIMENTS / f"{name}.py")]

    assert (alone(arguments), []) == recorded(arguments, tmp_path / "run", tier)


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("name", ["hash_order", "py_random", "py_secrets", "py_datetime", "py_completed", "py_wait"])
def test_a_program_that_varies_ends_as_alone(tmp_path, tier, name):
    """Its output is another one each time; its end and its errors are not."""
    arguments = [str(EXPERIMENTS / f"{name}.py")]
    (code, printed, errors), problems = recorded(arguments, tmp_path / "run", tier)

    assert (0, b"", []) == (code, errors, problems)
    assert len(alone(arguments)[1].split()) == len(printed.split())


ENDS = {
    "exit": "import sys\nprint('a')\nsys.exit(7)",
    "exit-text": "import sys\nsys.exit('told')",
    "uncaught": "def inner(value):\n    raise ValueError(value)\n\n\nprint('a')\ninner({'k': [1]})",
    "chained": "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise KeyError('x') from error",
    "kill": "import os, signal\nprint('a', flush=True)\nos.kill(os.getpid(), signal.SIGKILL)",
    "term": "import os, signal\nprint('a', flush=True)\nos.kill(os.getpid(), signal.SIGTERM)",
    "os-exit": "import os\nprint('a', flush=True)\nos._exit(5)",
    "atexit": """
import atexit
atexit.register(print, 'first')
atexit.register(print, 'second')
print('end')
""",
    "handler": """
import signal, time


def ring(*_):
    raise TimeoutError('rang')


signal.signal(signal.SIGALRM, ring)
signal.setitimer(signal.ITIMER_REAL, 0.05)
try:
    while True:
        x = 1
except TimeoutError as told:
    print(told)
""",
    "closures": """
def outer():
    count = 0

    def add():
        nonlocal count
        count += 1
        return count

    return [add() for _ in range(5)], count


print(outer())
""",
    "generators": """
def numbers(top):
    for n in range(top):
        got = yield n
        if got:
            yield got


g = numbers(4)
print(next(g), g.send('x'), list(g))
""",
    "foreign": """
class Loud:
    def __repr__(self):
        print('repr')
        return 'Loud'

    def __eq__(self, other):
        print('eq')
        return True

    def __hash__(self):
        print('hash')
        return 1

    def __getattribute__(self, name):
        print('get', name)
        return object.__getattribute__(self, name)


loud = Loud()
loud.part = {loud: [loud]}
print(isinstance(loud, Loud))
""",
    "finalizers": """
class Held:
    def __del__(self):
        print('gone')


def make():
    held = Held()
    return 1


make()
print('after')
""",
    "redirected": """
import contextlib, io
held = io.StringIO()
with contextlib.redirect_stdout(held):
    print('inside')
print(repr(held.getvalue()))
""",
}


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("name", ENDS)
def test_whatever_way_it_ends(tmp_path, tier, name):
    """Output, traceback, exit code and signal."""
    script = tmp_path / "script.py"
    script.write_text(ENDS[name])
    seen, problems = recorded([str(script)], tmp_path / "run", tier)
    allowed = [] if name != "handler" or tier != "lines" else problems  # its handler may ring in our own code

    assert (alone([str(script)]), allowed) == (seen, problems)


@pytest.mark.parametrize("tier", TIERS)
def test_however_it_is_started(tmp_path, tier, monkeypatch):
    """By its module's name, as a text, and with a sitecustomize of its own."""
    (tmp_path / "sitecustomize.py").write_text("print('custom')")
    (tmp_path / "mine.py").write_text("import sys\nprint(__name__, sys.argv[1:], 'mine' in sys.modules)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    for number, arguments in enumerate((["-m", "mine", "a"], ["-c", "x = [1]\nx.append(2)\nprint(x, __name__)"])):
        seen, problems = recorded(arguments, tmp_path / f"run-{number}", tier)

        assert (alone(arguments), []) == (seen, problems)
        assert b"custom" in seen[1]


CHILD = """
import multiprocessing, sys


def work(queue, number):
    queue.put(number * 2)
    sys.exit(number)


if __name__ == "__main__":
    context = multiprocessing.get_context(%r)
    queue = context.Queue()
    one = context.Process(target=work, args=(queue, 3))
    one.start()
    print(queue.get())
    one.join()
    print(one.exitcode)
"""


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_its_children_do_as_alone(tmp_path, tier, how):
    """Processes of multiprocessing, with a value back and an exit code."""
    script = tmp_path / "script.py"
    script.write_text(CHILD % how)

    assert (alone([str(script)]), []) == recorded([str(script)], tmp_path / "run", tier)


def test_a_script_that_reads_its_input_gets_it(tmp_path):
    """In every tier, all of it."""
    script = "import sys\nlines = sys.stdin.read().split()\nprint(len(lines), lines[-1])"
    for tier in TIERS:
        code = (
            "import sys; from pathlib import Path; from auditor.replay.runs.run import Setup, run\n"
            f"run([sys.executable, '-c', {script!r}], Setup(Path({str(tmp_path / tier)!r}), tier={tier!r}))"
        )
        done = subprocess.run([sys.executable, "-c", code], input=b"a b c\n" * 9, capture_output=True, check=True)

        assert b"27 c\n" == done.stdout


def test_a_program_with_a_trace_of_its_own_is_left_to_it(tmp_path):
    """It sees none before, gets its events, and the recorder says that it gave up."""
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\nprint(sys.gettrace())\nseen = []\nsys.settrace(lambda frame, event, arg: seen.append(event))\n\n\n"
        "def f():\n    return 1\n\n\nf()\nsys.settrace(None)\nprint(seen)"
    )
    seen, problems = recorded([str(script)], tmp_path / "run", "lines")

    assert alone([str(script)]) == seen
    assert "trace function of its own" in problems[0][1]


def test_a_signal_from_outside_ends_it_as_alone(tmp_path):
    """SIGTERM while statements are followed; the code is the signal's."""
    code = "import os, signal\nfor n in range(1000):\n    if n == 500:\n        os.kill(os.getpid(), signal.SIGTERM)\n"

    assert -signal.SIGTERM == recorded(["-c", code], tmp_path / "run", "lines")[0][0]


# -------------------------------------------------------------------------------------------------- inconclusive ones


def test_a_program_that_crashes_in_every_run_is_inconclusive(tmp_path):
    """Equal failures prove nothing."""
    assert "inconclusive" == replayed("crash", tmp_path).verdict


def test_one_that_never_ends_is_inconclusive(tmp_path):
    """The time limit ends it, with what it started."""
    command = [sys.executable, "-c", "while True:\n    x = 1"]
    result = Session(ReplayOptions(command, tmp_path / "runs", show=False, timeout_seconds=1.0), str).run()

    assert "inconclusive" == result.verdict


@pytest.mark.exhaustive
def test_statements_of_a_long_run_end_somewhere(tmp_path):
    """The tier is bounded: a loop of a million statements is not followed to its end, and the trace says where."""
    code = "total = 0\nfor n in range(400000):\n    total += n\nprint(total)"
    seen, problems = recorded(["-c", code], tmp_path / "run", "lines")
    recorded_bytes = sum(path.stat().st_size for path in (tmp_path / "run" / "streams").iterdir())
    with open_folder(tmp_path / "run") as trace:
        (stream,) = trace.streams.values()
        told = [record for record in stream.records() if stream.name_of(record) == "auditor.statements-end"]
        lines = [stream.source(record).line for record in told]

    assert (0, b"79999800000\n", []) == (seen[0], seen[1], problems)
    assert recorded_bytes < 200 * 1024 * 1024
    assert [(500_000, 1)] == [(record.extra, record.flags) for record in told]
    assert lines in ([2], [3])


def test_that_statements_were_not_recorded_to_the_end_is_told(tmp_path):
    """Of the run in which the origin was looked for, by the process."""
    folder_of(tmp_path / "run", ("line", 3, 1), _ends, detail=True)
    folder_of(tmp_path / "whole", ("line", 3, 1), detail=True)
    told = [list(statements._ends(SimpleNamespace(folder=tmp_path / name))) for name in ("run", "whole")]

    assert [["statements of process main were recorded up to 500 steps: a later origin has no line"], []] == told


def _ends(written):
    written.other(writer.OUTSIDE, "auditor.statements-end", flags=1, extra=500)
    assert os.environ.get("AUDITOR_REPLAY") is None
