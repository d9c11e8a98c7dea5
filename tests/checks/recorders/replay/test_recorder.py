"""The recorder and the program: what it leaves behind, and what the program sees of it."""

import shlex
import sys

import pytest
from recorded_runs import alone, recorded

from auditor.replay.runs.run import Setup, run
from auditor.replay.session import Options, Session
from auditor.replay.trace.archive import open_folder
from auditor.replay.trace.format import OUTSIDE

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
    options = Options(["/bin/sh", str(script)], tmp_path / "runs", runs=2, show=False, explain=False)

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
                [(stream.source(one).line, one.digest, one.extra) for one in stream.records() if one.kind == OUTSIDE]
            )

    assert [4, 5, 6, 7, 8] == [line for line, _, _ in found[0]]
    assert all(one[1] != other[1] and one[2] == other[2] != 0 for one, other in zip(*found, strict=True))
