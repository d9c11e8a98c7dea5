"""The recorder and the program: what it leaves behind, and that nothing of it reaches the program, broken or not."""

import shlex
import subprocess
import sys

import pytest
from support import AUDITED

from auditor.replay.runs.run import Setup, run
from auditor.replay.session import ReplayOptions, Session
from auditor.replay.trace.archive import open_folder

TIERS = ("base", "detail", "lines")


def alone(arguments, python=sys.executable):
    """(exit code, stdout) of a program that nobody records."""
    done = subprocess.run([python, *arguments], capture_output=True, check=False, timeout=120)
    return done.returncode, done.stdout


def recorded(arguments, folder, tier="base", python=sys.executable):
    """The same under the recorder; the problems that it tells; the processes and the cut streams of its trace."""
    seen = run([python, *arguments], Setup(folder, tier=tier, show=False, timeout_seconds=120.0))
    with open_folder(seen.folder) as trace:
        problems, lineages, cut = [*seen.problems, *trace.problems], trace.lineages, trace.cut
    return (seen.exit_code, seen.stdout.path.read_bytes()), problems, lineages, cut


# ------------------------------------------------------------------------------------------------ what it leaves behind


@pytest.mark.parametrize(
    ("code", "status"), [("print(1)", 0), ("import os; os._exit(0)", 0), ("import os; os.kill(os.getpid(), 9)", -9)]
)
def test_a_program_that_does_nothing_still_leaves_a_whole_stream(tmp_path, code, status):
    """So that it shows that a Python of the command was recorded, whatever way it ended."""
    seen, problems, lineages, cut = recorded(["-c", code], tmp_path / "run")

    assert (status, [], ["main"], []) == (seen[0], problems, lineages, cut)


def test_a_stream_that_was_killed_in_the_midst_is_cut(tmp_path):
    """The end that stood there for the time being is gone with the first record."""
    code = "import os, random; random.seed(1); os.kill(os.getpid(), 9)"

    assert 1 == len(recorded(["-c", code], tmp_path / "run")[3])


def test_every_python_that_a_shell_starts_is_recorded(tmp_path):
    """Two of one command, one of `os.system`, and one that took the place of another: none is another's trace."""
    script = tmp_path / "script.sh"
    system = (
        "import os, random, sys; random.seed(1); os.system(sys.executable + ' -c \"import random; random.seed(2)\"')"
    )
    replaced = "import os, sys; os.execv(sys.executable, [sys.executable, '-c', 'import random; random.seed(3)'])"
    script.write_text("".join(f"{sys.executable} -c {shlex.quote(code)}\n" for code in (system, replaced)))
    seen, problems, lineages, cut = recorded([str(script)], tmp_path / "run", python="/bin/sh")

    assert ((0, b""), [], []) == (seen, problems, cut)
    assert ["main", "main.1000000", "main-2", "main-2.1000000"] == lineages


def test_the_second_program_of_a_shell_is_compared_too(tmp_path):
    """A draw in it is found where it is, not lost behind the first."""
    script = tmp_path / "script.sh"
    script.write_text(
        f"{sys.executable} -c 'print(1)'\n{sys.executable} -c 'import random; random.random(); print(2)'\n"
    )
    options = ReplayOptions(["/bin/sh", str(script)], tmp_path / "runs", runs=2, show=False, explain=False)

    assert "diverged" == Session(options, str).run().verdict


DESCRIPTORS = """
import os, random
random.seed(1)
print(open(os.devnull).fileno())
os.closerange(3, 50)
kept = [open(%r + str(n), "w+") for n in range(20)]
for one in kept:
    one.write("mine" * 1000)
for _ in range(20000):
    random.random()
for one in kept:
    one.flush()
print([os.fstat(one.fileno()).st_size for one in kept])
"""


def test_it_holds_no_descriptor(tmp_path):
    """The program has the numbers that it has alone; one that closes all others does not lend its own to us."""
    code = DESCRIPTORS % str(tmp_path / "file-")
    seen, problems, _, cut = recorded(["-c", code], tmp_path / "run")

    assert (alone(["-c", code]), [], []) == (seen, problems, cut)
    assert {4000} == {(tmp_path / f"file-{n}").stat().st_size for n in range(20)}


def test_a_pool_of_many_calls_leaves_nothing_open(tmp_path):
    """Each call has a stream, which is closed with it."""
    code = (
        "import random, resource; from concurrent.futures import ThreadPoolExecutor\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)); random.seed(1)\n"
        "with ThreadPoolExecutor(2) as pool:\n    print(len(list(pool.map(lambda _: random.random(), range(300)))))\n"
        "print(sum('.trc' in line for line in open('/proc/self/maps')) < 8)"
    )
    seen, problems, _, cut = recorded(["-c", code], tmp_path / "run")

    assert ((0, b"300\nTrue\n"), [], []) == (seen, problems, cut)


# --------------------------------------------------------------------------------------------- what the program sees

LOOKS = """
import copy, inspect, os, pathlib, pickle, random, sys, time


class Loud:
    def __repr__(self):
        print("repr")
        return "Loud"

    def __eq__(self, other):
        print("eq")
        return True


class Timer:
    now = time.perf_counter
    draw = random.random
    entropy = os.urandom

    def start(self):
        return type(self.now()).__name__, type(self.draw()).__name__, len(self.entropy(3))


random.seed(0)
print(Timer().start(), time.time, inspect.signature(time.sleep))
print(pickle.loads(pickle.dumps(time.time)) is time.time, copy.deepcopy(os.urandom) is os.urandom)
print(type(pickle.loads(pickle.dumps(random.choice))([1])).__name__)
print([pickle.loads(pickle.dumps(call)).__name__ for call in (os.listdir, os.scandir, os.urandom)])
one = random.Random(3)
one.seed(4, version=2)
one.seed(a=5, version=1)
print(one.random(), type(random.choice([Loud(), Loud()])).__name__)
print(sorted(path.name for path in pathlib.Path(sys.argv[1]).iterdir()), len(list(pathlib.Path(sys.argv[1]).glob("*"))))
with os.scandir(sys.argv[1]) as entries:
    print(type(entries).__name__, sorted(entry.name for entry in entries), next(entries, None))
print(sum(len(files) for _, _, files in os.walk(sys.argv[1])), len(os.listdir(os.open(sys.argv[1], os.O_RDONLY))))
for call in (time.time, os.listdir, random.choice, random.seed, os.scandir):
    try:
        call(1, 2, 3, 4)
    except TypeError as error:
        print(type(error).__name__)
"""


@pytest.mark.parametrize("tier", ["base", "lines"])
def test_functions_of_ours_do_as_those_for_which_they_stand(tmp_path, tier):
    """In classes, pickled, printed, called wrongly; and no code of the program's is called that it does not call."""
    folder = tmp_path / "listed"
    folder.mkdir()
    (folder / "a").touch()
    script = tmp_path / "script.py"
    script.write_text(LOOKS)
    arguments = [str(script), str(folder)]
    seen, problems, _, _ = recorded(arguments, tmp_path / "run", tier)

    assert (alone(arguments), []) == (seen, problems)


COUNTS = """
import os, pickle, random, sys, time


class Timer:
    now, day, entropy, listing = time.perf_counter, time.strftime, os.urandom, os.listdir

    def start(self):
        return type(self.now()).__name__, self.day("%d", (0,) * 9), len(self.entropy(3)), len(self.listing(sys.argv[1]))


print(Timer().start(), time.time, pickle.loads(pickle.dumps(time.time)) is time.time)
"""


@pytest.mark.parametrize("tier", ["base", "detail"])
def test_functions_of_the_factors_do_as_those_for_which_they_stand(tmp_path, tier):
    """A ticking clock, fixed entropy and another order of files change what a program is given, not what it can do."""
    script = tmp_path / "script.py"
    script.write_text(COUNTS)
    settings = {"clock": "ticking", "entropy": "fixed", "file-order": "reversed"}
    seen = run([sys.executable, str(script), "/"], Setup(tmp_path / "run", settings=settings, tier=tier, show=False))

    assert alone([str(script), "/"]) == (seen.exit_code, seen.stdout.path.read_bytes())


LISTS = """
import glob, os, pathlib, sys
folder = sys.argv[1]
os.listdir(folder)
list(os.scandir(folder))
glob.glob(os.path.join(folder, "*"))
list(pathlib.Path(folder).iterdir())
list(os.walk(folder))
"""


def test_the_order_of_a_listing_is_told_apart_from_what_it_lists(tmp_path):
    """The same files in another order: another digest, the same digest of the set; each at the user's line."""
    (tmp_path / "listed").mkdir()
    for name in "abcdef":
        (tmp_path / "listed" / name).touch()
    (tmp_path / "script.py").write_text(LISTS)
    found = []
    for order in ("reversed", "shuffled"):
        setup = Setup(tmp_path / order, settings={"file-order": order}, show=False)
        seen = run([sys.executable, str(tmp_path / "script.py"), str(tmp_path / "listed")], setup)
        with open_folder(seen.folder) as trace:
            (stream,) = trace.streams.values()
            found.append(
                [(stream.source(one).line, one.digest, one.extra) for one in stream.records() if one.kind == 7]
            )

    assert [4, 5, 6, 7, 8] == [line for line, _, _ in found[0]]
    assert all(one[1] != other[1] and one[2] == other[2] != 0 for one, other in zip(*found, strict=True))


# ------------------------------------------------------------------------------------------------ a recorder that fails

PLANT = """
import sys


def broken(*_arguments, **_named):
    raise RuntimeError("planted")


def plant(module, *path):
    ours = {name.partition(".recorders.replay.")[2]: one for name, one in sys.modules.items()}
    if module in ours:
        owner = ours[module]
        for name in path[:-1]:
            owner = getattr(owner, name)
        setattr(owner, path[-1], broken)


"""
PLAIN = """
import os, random, threading, time
from concurrent.futures import ThreadPoolExecutor

plant(%s)
random.seed(1)
random.Random()
values = [random.random(), random.choice([1, 2]), time.time() > 0, len(os.urandom(2)), sorted(os.listdir(%r))]
values.append(sorted(entry.name for entry in os.scandir(%r)))
thread = threading.Thread(target=lambda: values.append(random.random()))
thread.start()
thread.join()
with ThreadPoolExecutor(1) as pool:
    values += pool.map(lambda n: n + random.random(), range(3))
print(values)
"""
PLACES = [
    '"trace.writer", "Stream", "append"',
    '"trace.writer", "Stream", "define"',
    '"trace.sites", "Sites", "frame"',
    '"trace.sites", "Sites", "is_users"',
    '"trace.sites", "Sites", "text"',
    '"trace.values", "Values", "of"',
    '"trace.digests", "mixed"',
    '"trace.digests", "of_bytes"',
    '"python.tasks", "Process", "open"',
    '"python.tasks", "Process", "new_task"',
    '"python.tasks", "Process", "work_on"',
    '"python.tasks", "Process", "leave_task"',
    '"python.tasks", "Task", "finish"',
]


@pytest.mark.parametrize("place", PLACES)
def test_a_failure_in_a_hook_is_a_problem_and_never_the_programs(tmp_path, place):
    """Whatever of ours raises, the program prints the same, and the trace says that something is missing."""
    folder = tmp_path / "listed"
    folder.mkdir()
    script = tmp_path / "script.py"
    script.write_text(PLANT + PLAIN % (place, str(folder), str(folder)))
    seen, problems, _, _ = recorded([str(script)], tmp_path / "run")

    assert alone([str(script)]) == seen
    assert any("planted" in str(told) for told in problems)


def test_runs_whose_recorder_fails_are_inconclusive(tmp_path):
    """Though what they print is the same."""
    script = tmp_path / "script.py"
    script.write_text(PLANT + PLAIN % (PLACES[0], str(tmp_path), str(tmp_path)))
    result = Session(ReplayOptions([sys.executable, str(script)], tmp_path / "runs", runs=2, show=False), str).run()

    assert "inconclusive" == result.verdict
    assert "planted" in " ".join(result.problems)


NUMPY = """
import random
plant("randomness", "follow_numpy")
import numpy
numpy.random.seed(1)
print(numpy.random.rand(3))
"""
TORCH = """
import threading, torch
plant(%s)
torch.manual_seed(1)
layer = torch.nn.Linear(3, 3)
layer(torch.randn(2, 3)).sum().backward()
print(layer.weight.grad.numpy(), layer.weight.tolist(), torch.randn(2).sum().item())
thread = threading.Thread(target=lambda: print(torch.ones(2).sum()))
thread.start()
thread.join()
"""
JAX = """
import jax, numpy
plant(%s)
key = jax.random.key(1)
print(jax.random.normal(key, (3,)), float(jax.numpy.ones(2).sum()), numpy.asarray(jax.numpy.ones(2)))
shape = jax.ShapeDtypeStruct((2,), "float32")
print(jax.jit(lambda x: jax.pure_callback(lambda y: y * 2, shape, x))(jax.numpy.ones(2)))
"""
TENSORFLOW = """
import tensorflow as tf
plant(%s)
tf.random.set_seed(1)
weights = tf.Variable(tf.random.normal([3, 3]))


@tf.function
def f(x):
    for _ in tf.range(2):
        x = tf.tanh(tf.matmul(x, weights))
    return x


with tf.GradientTape() as tape:
    loss = tf.reduce_sum(f(tf.ones([2, 3])))
print(loss.numpy(), tape.gradient(loss, weights).numpy())
print([int(one) for one in tf.data.Dataset.range(3).shuffle(3)])
"""
IN_FRAMEWORKS = {
    "torch": (
        TORCH,
        [
            PLACES[0],
            '"torch.content", "Content", "digest"',
            '"torch.inputs", "Inputs", "taken"',
            '"torch.kinds", "Kind", "values"',
        ],
    ),
    "jax": (JAX, [PLACES[0], '"jax.arrays", "Arrays", "digest"', '"jax.callbacks", "Launches", "launch"']),
    "tensorflow": (
        TENSORFLOW,
        [PLACES[0], '"tensorflow.tensors", "Tensors", "meta"', '"tensorflow.graphs", "Graphs", "made"'],
    ),
}


@pytest.mark.frameworks
def test_a_hook_that_cannot_be_installed_does_not_end_an_import(tmp_path):
    """The program imports what it imports; the trace has the problem."""
    script = tmp_path / "script.py"
    script.write_text(PLANT + NUMPY)
    seen, problems, _, _ = recorded([str(script)], tmp_path / "run", python=AUDITED)

    assert alone([str(script)], AUDITED) == seen
    assert any("planted" in str(told) for told in problems)


@pytest.mark.frameworks
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "place", "tier"),
    [
        *((name, at, "detail") for name, (_, places) in IN_FRAMEWORKS.items() for at in places),
        *((name, PLACES[0], "base") for name in IN_FRAMEWORKS),
    ],
)
def test_a_failure_in_a_frameworks_hook_is_a_problem_too(tmp_path, name, place, tier):
    """In the detail tier every hook is at work; the base tier has short cuts of its own."""
    script = tmp_path / "script.py"
    script.write_text(PLANT + IN_FRAMEWORKS[name][0] % place)
    seen, problems, _, _ = recorded([str(script)], tmp_path / "run", tier, AUDITED)

    assert alone([str(script)], AUDITED) == seen
    assert any("planted" in str(told) for told in problems)
