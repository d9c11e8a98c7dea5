"""Generators that a program makes for itself: where each was made, what it is, and where its values enter."""

import pytest
from streams import Written, writer

from auditor.replay.cause import interventions
from auditor.replay.cause.hypotheses import hypotheses
from auditor.replay.provenance import origin
from auditor.replay.provenance.origin_model import EarlierValue, Origin
from auditor.replay.refined import with_generator
from auditor.replay.result import divergence
from auditor.replay.trace.archive import TaskKey, open_folder
from auditor.replay.trace.format import SourceLine

ENTERS = 64


@pytest.fixture
def told(tmp_path):
    """The divergence of a program that is given the number of its run."""

    class Recorded:
        folder = tmp_path / "a"

    def of(program):
        for number, name in enumerate("ab"):
            written = Written(tmp_path / name, "main.0", detail=True)
            program(written, number)
            written.end()
        found = origin.find(open_folder(tmp_path / "a"), open_folder(tmp_path / "b")).origin
        return divergence(Recorded, found, None, ())

    return of


def entering(run, digest, line):
    """A value from Python that becomes a tensor."""
    run.op("aten::lift_fresh", digest, line, flags=ENTERS)
    run.input(digest)


def test_a_generator_without_a_seed_is_told_with_the_operation_that_takes_its_values(told):
    """The first one that differs; not one before it, nor a statement."""

    def program(run, number):
        run.other(writer.DRAW, "numpy.random.default_rng", 3 + number, 2)
        entering(run, 7, 3)
        run.op("line", 8 + number, 4)
        entering(run, 9 + number, 5)
        entering(run, 11 + number, 6)

    found = told(program)

    assert (2, "numpy", False, 5) == (found.source.line, found.generator, found.seeded, found.enters.line)


@pytest.mark.parametrize("line", [2, None])
def test_without_another_line_nothing_is_said_of_where_it_enters(told, line):
    """The same line says nothing new; and perhaps no operation took it."""

    def program(run, number):
        run.other(writer.SEED, "jax.random.key", line=2, text=str(number))
        if line:
            entering(run, 9 + number, line)

    found = told(program)

    assert (2, None) == (found.source.line, found.enters)


def made(code, name="numpy.random.SeedSequence", line=2, **known):
    """A value that was taken before an origin."""
    known = {"differs": False, "volatile": False, "generator": "numpy", "seeded": False, **known}
    return EarlierValue(name, SourceLine("train.py", line, "", code), **known)


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("rng = np.random.RandomState()", "numpy.random.RandomState(0)"),
        ("rng = np.random.Generator(np.random.PCG64())", "numpy.random.PCG64(0)"),
        ("rng = np.random.Generator(np.random.PCG64DXSM(None))", "numpy.random.PCG64DXSM(0)"),
        ("rng = RandomState(MT19937())", "numpy.random.MT19937(0)"),
        ("sequence = SeedSequence()", "numpy.random.SeedSequence(0)"),
        ("rng.seed()", "generator.seed(0)"),
        ("rng = make()", "numpy.random.RandomState(0)"),
    ],
)
def test_the_cure_is_that_of_the_class_at_the_line(code, line):
    """Of several calls the innermost takes the entropy."""
    entered = SourceLine("train.py", 9, "", "torch.tensor(x)")
    one = Origin(TaskKey("main", 0), 5, "outside", "aten::lift_fresh", entered, before=(made(code),))

    assert line == hypotheses(one)[0].code


LIBRARYS = {"generator": None, "seeded": None, "volatile": True, "inside": "gymnasium.utils.seeding.np_random"}


@pytest.mark.parametrize(
    ("before", "proven", "expected"),
    [
        (made("RandomState()"), interventions.entropy("numpy"), ("numpy", False)),
        (made("env.reset()", **LIBRARYS), interventions.from_system(), ("numpy", False)),
        (made("Random()", "random.Random", generator="python"), interventions.entropy("python"), ("python", False)),
        (made("RandomState()", line=3), interventions.entropy("numpy"), (None, None)),
        (made("np.random.rand()", "numpy.random.rand", seeded=True), interventions.entropy("numpy"), (None, None)),
        (made("uuid4()", "os.urandom", generator=None, seeded=None), interventions.from_system(), (None, None)),
        (made("RandomState()"), interventions.clock(), (None, None)),
        (made("RandomState()"), None, (None, None)),
    ],
    ids=["own", "a library's", "Python's", "elsewhere", "a global one", "none", "another factor", "nothing proven"],
)
def test_a_generator_that_was_made_at_the_line_is_named(told, before, proven, expected):
    """Where fixed entropy is proven to be the cure."""
    found = told(lambda run, number: entering(run, 9 + number, 2))
    found = found.model_copy(update={"source": found.source.model_copy(update={"file": "train.py"})})
    begun = Origin(TaskKey("main", 0), 1, "outside", "aten::lift_fresh", before.source, before=(before,))
    named = with_generator(found, begun, proven)

    assert expected == (named.generator, named.seeded)
