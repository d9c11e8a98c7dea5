"""Which line a statement's work is told under, and what is a value that nobody reads."""

import importlib.util
import subprocess
import sys
import zlib
from dataclasses import replace
from types import SimpleNamespace

import pytest
from streams import folder_of
from support import AUDITED, ROOT

from auditor.replay import result
from auditor.replay.cause import by_statement, locate
from auditor.replay.cause.baseline_run import BaselineSearch, DivergenceCount
from auditor.replay.cause.hypotheses import hypotheses
from auditor.replay.model import TriedFactor
from auditor.replay.provenance.origin_model import EarlierValue, Origin, Reach
from auditor.replay.runs.run import Setup, run
from auditor.replay.trace.archive import TaskKey, open_folder
from auditor.replay.trace.format import IN, OP, SourceLine

MAIN = TaskKey("main", 0)


def lines_of(source, tmp_path, tier="lines", python=sys.executable, **settings):
    """(name, line, what it gives) of the records of a program, and what it printed."""
    script = tmp_path / "script.py"
    script.write_text(source)
    made = run([python, str(script)], Setup(tmp_path / "run", tier=tier, show=False, settings=settings))
    with open_folder(made.folder) as trace:
        stream = trace.streams[MAIN]
        told = [
            (stream.name_of(record), stream.source(record).line, stream.meta_of(record))
            for record in stream.records()
            if record.site
        ]
    return told, made.stdout.path.read_text()


def test_what_is_returned_inside_a_block_is_of_the_return(tmp_path):
    """And not of the `with` or the `finally`, which Python goes through last."""
    source = """
def opened(path):
    with open(path) as file:
        return len(file.read()) > 0


def tried():
    try:
        return [1]
    finally:
        done = 1


print(opened(__file__), tried())
"""
    told, _ = lines_of(source, tmp_path)

    assert [4, 9] == [line for _, line, gives in told if gives == "<return>"]


def test_a_statement_of_several_lines_is_told_whole(tmp_path):
    """Its first line alone says little."""
    script = tmp_path / "script.py"
    script.write_text("x = [\n    one\n    for one in (1, 2)\n]\nfor y in (\n    3,\n):\n    z = y\n")
    made = run([sys.executable, str(script)], Setup(tmp_path / "run", tier="lines", show=False))
    with open_folder(made.folder) as trace:
        stream = trace.streams[MAIN]
        told = {stream.source(record)[1::2] for record in stream.records() if record.kind == 2}

    assert {(1, "x = [ one for one in (1, 2) ]"), (5, "for y in ( 3, ):"), (8, "z = y")} == told


def test_code_from_a_text_is_told_at_the_line_that_runs_it(tmp_path):
    """That which `dataclass` writes, and `exec`: `<string>` is no file that a user could open."""
    source = """
import random
from dataclasses import dataclass, field


@dataclass
class Sampler:
    rng: random.Random = field(default_factory=random.Random)


Sampler()
exec("import random\\nrandom.random()")
"""
    told, _ = lines_of(source, tmp_path, tier="base")

    assert [("random.Random", 11), ("random.random", 12)] == [one[:2] for one in told]


def test_a_seed_is_an_input_of_what_draws_after_it(tmp_path):
    """Of each statement that draws; the seed call is a step of its own, that reads what the seed is made of."""
    source = "import random\nseed = 3\nrandom.seed(seed)\nx = random.random()\ny = 1\nz = random.random()\n"
    script = tmp_path / "script.py"
    script.write_text(source)
    made = run([sys.executable, str(script)], Setup(tmp_path / "run", tier="lines", show=False))
    inputs, operation = {}, None
    with open_folder(made.folder) as trace:
        stream = trace.streams[MAIN]
        for record in stream.records():
            if record.kind == 2:
                operation = stream.source(record).line
                inputs[operation] = {**inputs.get(operation, {}), record.at: []}
            elif record.kind == 3 and operation is not None:
                inputs[operation][max(inputs[operation])].append(record.writer)
    (made_at,) = inputs[2]
    (seeded_at,) = inputs[3]

    assert (0, made_at) in inputs[3][seeded_at]
    assert [True, False, True] == [(0, seeded_at) in next(iter(inputs[line].values())) for line in (4, 5, 6)]


@pytest.mark.frameworks
def test_a_fill_reaches_memory_that_numpy_hands_out_again(tmp_path):
    """It keeps small blocks itself, so that the C library does not see them again."""
    source = "import numpy\nold = numpy.ones(7)\ndel old\nprint(numpy.empty(7).tobytes().hex()[:4])\n"

    assert "aaaa\n" == lines_of(source, tmp_path, tier="base", python=AUDITED, **{"memory-fill": "85"})[1]


def origin(evidence="outside", name="os.urandom", line=3, key=MAIN, **known):
    """An origin of a program of Python's."""
    return Origin(key, 5, evidence, name, SourceLine("a.py", line, "f", ""), **known)


@pytest.mark.parametrize(
    ("one", "unread"),
    [
        (origin(), True),
        (origin("draw-unseeded", "random.random", generator="python", seeded=False), True),
        (origin(reach=Reach("read", "item", SourceLine("a.py", 9), MAIN, 9)), False),
        (origin("same-inputs-other-outputs", "line"), False),
        (origin("outside", "aten::lift_fresh"), False),
        (origin("outside", "torch.manual_seed", generator="torch"), True),
    ],
)  # fmt: skip
def test_a_value_of_pythons_that_no_step_reads_says_nothing_yet(one, unread):
    """Nor does a seed say where it was made."""
    assert unread == by_statement.is_unread(one)


@pytest.mark.parametrize(("line", "at", "same"), [(3, 3, True), (3, 2, True), (3, 4, False)])
def test_a_value_came_in_while_a_statement_ran(line, at, same):
    """At its line, or at a later one of it; one before it is another's."""
    source = SourceLine("a.py", line, "f", "")
    prior = EarlierValue("os.urandom", source, differs=True, volatile=False, generator=None, seeded=None)

    assert same == by_statement._is_same(
        origin(line=line), origin("same-inputs-other-outputs", "line", at, before=(prior,))
    )


def test_what_a_child_gave_back_is_followed_no_further():
    """A draw in a worker, and the statement that received its result."""
    statement = origin("same-inputs-other-outputs", "line", 9)

    assert [True, False] == [
        by_statement._is_same(origin(key=TaskKey(name, 0)), statement) for name in ("main.1", "main")
    ]


def test_the_place_is_what_the_cure_takes_away(tmp_path):
    """The first step differs under it as well: nobody reads that."""
    made = []

    def once(settings, _purpose):
        number = len(made) + 1
        made.append(number)
        cured = 1 if settings else number

        def program(written):
            written.op("line", 10 + number, 1, meta="run")
            written.op("line", 20 + cured, 2, meta="kept")

        folder_of(tmp_path / str(number), ("aten::add", 1, 1), program, detail=True)
        return SimpleNamespace(folder=tmp_path / str(number))

    base = once({}, "")
    first = replace(
        origin("same-inputs-other-outputs", "line"), source=SourceLine("train.py", 1, "<module>", "code of line 1")
    )

    assert 2 == locate.placed(once, BaselineSearch(base, first, DivergenceCount()), hypotheses(None)[0]).source.line


def test_the_number_of_the_process_comes_from_outside():
    """No factor gives the same again: that it was taken at this line is what is known. Elsewhere it says nothing."""
    taken = EarlierValue("os.getpid", SourceLine("a.py", 3), differs=False, volatile=True, generator=None, seeded=None)
    at, away = taken, taken._replace(source=SourceLine("a.py", 4))
    told = [origin("same-inputs-other-outputs", "line", before=(one,)) for one in (at, away)]

    assert ["outside-input", "unknown"] == [result._cause(one, None, "") for one in told]
    assert result.OTHER_PROCESS == result.remedy(None, told[0], None, ()).text


def test_the_number_of_the_process_is_recorded_where_the_program_takes_it(tmp_path):
    """Not which it is."""
    told, _ = lines_of("import os\nprint(os.getpid() > 0)\n", tmp_path)

    assert ("os.getpid", 2, "") in told


def test_what_was_tried_in_vain_is_no_cure(tmp_path):
    """The next one is told; where none is left, what else there may be."""
    folder_of(tmp_path / "run", ("line", 1, 1))
    one, base = origin("same-inputs-other-outputs", "line"), SimpleNamespace(folder=tmp_path / "run")
    known = hypotheses(one)
    tried = [TriedFactor(factor=each.factor, settings=each.settings, runs=2, diverged=True, note="") for each in known]
    texts = [result.remedy(None, one, base, (), tried[:count]).text for count in (0, 1, len(tried))]

    assert [known[0].text, known[1].text, result.NOTHING_LEFT] == texts


def test_a_bag_of_the_standard_library_is_seen_into():
    """What another program printed belongs to what `subprocess.run` gave."""
    spec = importlib.util.spec_from_file_location("_replay_values", ROOT / "checks/recorders/replay/trace/values.py")
    values = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(values)
    known = values.ValueDigester(zlib.crc32, lambda _file: False)
    (one, seen), (other, _) = (known.of(subprocess.CompletedProcess(["date"], 0, text)) for text in ("a", "b"))

    assert (False, True) == (seen, one != other)


@pytest.mark.parametrize(
    ("code", "factor"),
    [
        ("self.stamp = datetime.now()", "clock"),
        ("path = tempfile.mkstemp()[1]", "entropy"),
        ("for done in as_completed(tasks):", "task-order"),
        ("buffer = np.empty(9)", "memory-fill"),
        ("items.sort(key=lambda one: id(one))", "hash-seed"),
        ("known = list(names)", "hash-seed"),
    ],
)
def test_what_a_statement_calls_is_tried_first(code, factor):
    """A guess at the order alone: all is tried."""
    one = replace(origin("same-inputs-other-outputs", "line"), source=SourceLine("a.py", 3, "f", code))
    tried = [each.factor for each in hypotheses(one)]

    assert factor == tried[0]
    assert ("id(" in code) == (tried[1] == "address-layout")
    assert sorted(tried) == sorted(each.factor for each in hypotheses(origin("other-branch", "line")))


@pytest.mark.parametrize("made", ["[float(a) for a in x]", "sum(float(a) for a in x)", "{a: 1 for a in x}"])
def test_what_a_comprehension_iterates_over_is_its_input(tmp_path, made):
    """Its code is given an iterator without a name; without it, what differs in `x` seems to begin there."""
    (tmp_path / "script.py").write_text(f"x = (1.5, 2.5)\ny = {made}\n")
    seen = run([sys.executable, str(tmp_path / "script.py")], Setup(tmp_path / "run", tier="lines", show=False))
    with open_folder(seen.folder) as trace:
        stream = trace.streams[MAIN]
        first = next(one.at for one in stream.records() if one.kind == OP)
        given, inside = [], 0
        for record in stream.records(first + 1):
            inside = stream.source(record).line if record.kind == OP else inside
            if record.kind == IN and inside == 2:
                given.append(record.writer)

    assert (0, first) in given
