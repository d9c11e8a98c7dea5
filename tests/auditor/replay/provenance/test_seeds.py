"""What is said of a generator's seed: by a call, seen in the generator alone, another one, or too late."""

import pytest
from streams import Written, writer

from auditor.replay.cause import interventions
from auditor.replay.cause.hypotheses import hypotheses
from auditor.replay.model import Divergence, Line
from auditor.replay.provenance import origin
from auditor.replay.provenance.origin_model import EarlierValue, Origin
from auditor.replay.refined import taken_inside
from auditor.replay.result import divergence
from auditor.replay.trace.archive import TaskKey, open_folder
from auditor.replay.trace.format import SourceLine

DRAWS, READS_OUT, VOLATILE = 1, 32, 1
UNSEEN, OWN = "torch.default_generator", "torch.Generator"


@pytest.fixture
def found(tmp_path):
    """The origin of a program that is given the number of its run."""

    def search(program, *, detail=True):
        for number, name in enumerate("ab"):
            written = Written(tmp_path / name, "main.0", detail=detail)
            program(written, number)
            written.end()
        return origin.find(open_folder(tmp_path / "a"), open_folder(tmp_path / "b")).origin

    return search


def drawn(run, number, line, *, own=0, name="aten::rand", seeded_draw=False):
    """A framework's draw that differs, and its read."""
    state = 50 + number if seeded_draw else 3 + number
    stream = run.stream
    ids = stream.define(writer.NAMES, name), stream.define(writer.SITES, f"train.py\t{line}\t<module>\tdraw")
    place = stream.append(writer.OP, DRAWS, own, *ids, stream.define(writer.METAS, "f32[2]@cpu"), 3 + number, state)
    run.op("aten::_local_scalar_dense", 0, 99, flags=READS_OUT)
    run.input(3 + number, writer.writer_of(run.task, place))


def seeded(run, text, line, name="torch.manual_seed", own=0):
    """A seed record."""
    run.other(writer.SEED, name, line=line, text=text, count=own)


def of_seed(one):
    """What is said of the seed: evidence, name, line, generator, whether it was seeded, line of the later seed."""
    return (
        one.evidence,
        one.name,
        one.source.line,
        one.generator,
        one.seeded,
        one.seeded_later and one.seeded_later.line,
    )


# ---------------------------------------------------------------------------------------------------------- too late


@pytest.mark.parametrize("name", ["torch.manual_seed", UNSEEN])
def test_a_seed_after_the_draw_is_told_with_both_lines(found, name):
    """By a call, or seen in the generator's state at a later draw."""

    def program(run, number):
        drawn(run, number, 2)
        seeded(run, "7", 5, name)

    one = found(program)
    first = hypotheses(one)[0]

    assert ("draw-unseeded", "aten::rand", 2, "torch", False, 5) == of_seed(one)
    assert ("seeded-too-late", {"seed": "0"}, "torch.manual_seed(0)") == (first.cause, first.settings, first.code)
    assert "before line 2" in first.text
    assert "line 5" in first.text


@pytest.mark.parametrize(
    ("name", "seed"), [("random.random", "random.seed"), ("numpy.random.rand", "numpy.random.seed")]
)
def test_so_it_is_for_a_draw_of_pythons_and_numpys(found, name, seed):
    """Which the system's entropy, made equal, removes."""

    def program(run, number):
        run.other(writer.DRAW, name, 3 + number, 2)
        seeded(run, "7", 5, seed)

    one = found(program)

    assert ("draw-unseeded", name, 2, name.partition(".")[0].replace("random", "python"), False, 5) == of_seed(one)
    assert ["seeded-too-late"] == [each.cause for each in hypotheses(one) if each.factor == "entropy"]


@pytest.mark.parametrize(
    "later",
    [
        [],
        [("7", "numpy.random.seed")],
        [("7", "torch.Generator")],
        [("None", "torch.seed")],
        [("44", UNSEEN), ("None", UNSEEN)],
        [("differs", "torch.manual_seed")],
    ],
    ids=["none", "another library's", "another generator's", "entropy", "fork_rng", "from a clock"],
)
def test_what_would_be_no_cure_before_the_draw_came_not_too_late(found, later):
    """Nothing, another generator, entropy, a seed within `fork_rng` that is taken back, a seed that differs."""

    def program(run, number):
        drawn(run, number, 2)
        for line, (text, name) in enumerate(later, start=5):
            seeded(run, str(number) if text == "differs" else text, line, name)

    one = found(program)

    assert (None, "unseeded-random") == (one.seeded_later, hypotheses(one)[0].cause)


def test_a_seed_on_both_sides_of_the_draw_came_in_time(found):
    """A program that seeds again for its evaluation; what differs is that one run drew more before."""

    def program(run, number):
        seeded(run, "7", 1)
        drawn(run, number, 2)
        seeded(run, "7", 5)

    one = found(program)

    assert (True, None) == (one.seeded, one.seeded_later)


def test_a_draw_that_came_before_an_origin_is_told_as_too_late_as_well(found):
    """The corpus is drawn, then seeded, then it enters torch."""

    def program(run, number):
        run.other(writer.DRAW, "random.random", 3 + number, 2)
        seeded(run, "7", 5, "random.seed")
        run.op("aten::lift_fresh", 8 + number, 6, flags=64)
        run.input(8 + number)

    one = found(program)

    assert [5] == [each.seeded_later.line for each in one.before if each.seeded_later] or of_seed(one)[5] == 5


# --------------------------------------------------------------------------------- seeds that no recorded call gave


def test_an_unseen_seed_that_is_equal_is_a_seed(found):
    """It is not said that nothing seeds the generator."""

    def program(run, number):
        seeded(run, "7", 2, UNSEEN)
        drawn(run, number, 2)

    assert found(program).seeded is True


@pytest.mark.parametrize(("name", "own"), [(UNSEEN, 0), (OWN, 1)])
def test_an_unseen_seed_that_differs_came_from_outside(found, name, own):
    """From a clock, for instance: such a generator is not unseeded."""

    def program(run, number):
        run.other(writer.OUTSIDE, "time.time", line=1, flags=VOLATILE)
        seeded(run, str(1785000000 + number), 2, name, own)
        drawn(run, number, 2, own=own)

    one = found(program)

    assert ("outside", name, 2, "torch", None, None) == of_seed(one)
    assert "clock" == hypotheses(one)[0].cause


@pytest.mark.parametrize(
    ("one", "other", "first"),
    [
        (938375016066376893, 17938375016066376893, "seed"),
        (1785000000123456789, 1785000090123456789, "clock"),
        (1785000000123, 1785000090123, "clock"),
    ],
    ids=["entropy", "nanoseconds", "milliseconds"],
)
def test_a_seed_that_looks_like_the_systems_entropy_is_tried_as_such_first(found, one, other, first):
    """`Generator.seed()`: its call is not seen. A time is not taken for it."""

    def program(run, number):
        seeded(run, "0", 1)
        run.other(writer.OUTSIDE, "time.time", line=1, flags=VOLATILE)
        seeded(run, str((one, other)[number]), 2, OWN, 1)
        drawn(run, number, 2, own=1)

    begun = found(program)
    tried = hypotheses(begun)

    assert ("outside", OWN, 2, "torch") == of_seed(begun)[:4]
    assert first == tried[0].factor
    assert {"seed", "clock", "hash-seed", "entropy"} <= {each.factor for each in tried}


def test_generators_of_the_programs_own_are_told_apart(found):
    """The second one has another seed, and draws; the first one has not."""

    def program(run, number):
        seeded(run, "1", 1, OWN, 1)
        seeded(run, str(2 + number), 2, OWN, 2)
        drawn(run, 0, 3, own=1)
        drawn(run, number, 4, own=2)

    assert ("outside", OWN, 2, "torch", None, None) == of_seed(found(program))


def test_the_seed_of_an_own_generator_is_none_for_the_default_one(found):
    """And the other way round it says nothing."""

    def program(run, number):
        seeded(run, "1", 1, OWN, 1)
        drawn(run, 0, 2, own=1)
        drawn(run, number, 3)

    assert ("draw-unseeded", "aten::rand", 3, "torch", False, None) == of_seed(found(program))


def test_an_own_generators_seed_that_was_drawn_leads_to_the_draw(found):
    """As a sampler takes its seed from torch's default generator, and Keras from Python's."""

    def program(run, number):
        run.other(writer.DRAW, "random.randint", 5 + number, 1)
        seeded(run, str(2 + number), 2, OWN, 1)
        drawn(run, number, 3, own=1)

    assert ("draw-unseeded", "random.randint", 1, "python", False, None) == of_seed(found(program))


@pytest.mark.parametrize(
    ("seeded_draw", "evidence", "said"), [(True, "outside", None), (False, "draw-unseeded", False)]
)
def test_a_seed_of_tensorflows_operation_itself_is_a_seed(found, seeded_draw, evidence, said):
    """`tf.random.normal(..., seed=x)`: the state is its seeds'; without one it is its result's."""

    def program(run, number):
        drawn(run, number, 2, name="tf.RandomStandardNormal", seeded_draw=seeded_draw)

    one = found(program)

    assert (evidence, 2, "tensorflow", said) == (one.evidence, one.source.line, one.generator, one.seeded)


# ---------------------------------------------------------------------------------------------------- places of draws


def caller(run, line):
    """The id of a line in another file."""
    return run.stream.define(writer.SITES, f"main.py\t{line}\tmain\tbuild()")


def test_a_draw_in_another_file_has_its_caller(tmp_path, found):
    """Of torch, in the record of its arguments; of Python, in the draw's own."""

    def in_python(run, number):
        run.other(writer.DRAW, "random.random", 3 + number, 2, extra=caller(run, 8))

    def in_torch(run, number):
        place = run.op("aten::rand", 3 + number, 2, flags=DRAWS, state=3 + number)
        run.stream.append(writer.ARG, name=run.stream.define(writer.TEXTS, "2"), site=caller(run, 8))
        run.op("aten::_local_scalar_dense", 0, 99, flags=READS_OUT)
        run.input(3 + number, place)

    for program in (in_python, in_torch):
        for path in sorted(tmp_path.rglob("*.trc")):
            path.unlink()
        one = found(program)
        with open_folder(tmp_path / "a") as trace:
            stream = trace.streams[one.key]
            told = stream.called_from(stream.record(one.at))
        assert ("main.py", 8) == (told.file, told.line)


def test_the_entropy_that_a_library_takes_is_no_difference_but_is_known_before_one(found):
    """With the library's function; fixed entropy is then tried first."""

    def program(run, number):
        stream = run.stream
        site = stream.define(writer.SITES, "train.py\t1\t<module>\tenv.reset()")
        inside = stream.define(writer.METAS, "gymnasium.utils.seeding.np_random")
        name = stream.define(writer.NAMES, "numpy.random.SeedSequence")
        stream.append(writer.OUTSIDE, VOLATILE, 0, name, site, inside)
        run.op("aten::lift_fresh", 8 + number, 6, flags=64)
        run.input(8 + number)

    one = found(program)

    assert [("numpy.random.SeedSequence", "gymnasium.utils.seeding.np_random")] == [
        (each.name, each.inside) for each in one.before
    ]
    assert "entropy" == hypotheses(one)[0].factor


@pytest.mark.parametrize("name", ["numpy.random.get_state", "random.getstate"])
def test_a_seed_may_come_from_the_state_of_a_generator_that_nothing_seeded(found, name):
    """As `datasets` takes one from NumPy's: the cure is to seed that generator."""

    def program(run, number):
        run.other(writer.OUTSIDE, name, line=1, flags=VOLATILE)
        seeded(run, str(number), 1, "numpy.random.default_rng")

    one = found(program)
    first = hypotheses(one)[0]

    assert ("outside", "numpy.random.default_rng") == (one.evidence, one.name)
    assert ("unseeded-random", f"{name.rpartition('.')[0]}.seed(0)") == (first.cause, first.code)


def test_the_result_names_both_lines_and_the_caller(tmp_path, found):
    """In the JSON as in the text."""

    class Recorded:
        folder = tmp_path / "a"

    def program(run, number):
        run.other(writer.READ, "print", 1, 1)
        run.other(writer.DRAW, "random.random", 3 + number, 2, extra=caller(run, 8))
        seeded(run, "7", 5, "random.seed")

    told = divergence(Recorded, found(program), None, ())

    assert (2, 5, 8) == (told.source.line, told.seeded_later.line, told.called_from.line)


def entropy_taken(line, inside="gymnasium.utils.seeding.np_random"):
    """A library took entropy at this line of the program."""
    source = SourceLine("train.py", line, "", "env.reset()")
    return EarlierValue("os.urandom", source, differs=False, volatile=True, generator=None, seeded=None, inside=inside)


@pytest.mark.parametrize(
    ("before", "details", "proven", "expected"),
    [
        ([entropy_taken(3)], {}, interventions.from_system(), (3, 9, True)),
        ([entropy_taken(9)], {}, interventions.from_system(), (9, None, True)),
        ([entropy_taken(3), entropy_taken(9)], {}, interventions.from_system(), (9, None, True)),
        ([entropy_taken(3), entropy_taken(4)], {}, interventions.from_system(), (9, None, False)),
        ([entropy_taken(3, inside="")], {}, interventions.from_system(), (9, None, False)),
        ([entropy_taken(3)], {}, interventions.clock(), (9, None, False)),
        ([entropy_taken(3)], {"generator": "python"}, interventions.entropy("python"), (9, None, False)),
        ([entropy_taken(3)], {}, None, (9, None, False)),
    ],
    ids=["one call", "here", "here, and elsewhere", "two calls", "its own", "a clock", "a draw", "nothing proven"],
)
def test_the_call_of_a_library_that_took_entropy_is_the_place_if_it_can_be_no_other(before, details, proven, expected):
    """(line, where it enters, whether the library's function is named); where fixed entropy is proven alone."""
    source = SourceLine("train.py", 9, "", "torch.as_tensor(x)")
    begun = Origin(TaskKey("main", 0), 1, "outside", "aten::lift_fresh", source, before=tuple(before), **details)
    told = Divergence(
        framework="torch", op=begun.name, index=1, inputs_equal=None, evidence="outside", source=Line.of(source)
    )
    moved = taken_inside(told, begun, proven)

    assert expected == (moved.source.line, moved.enters and moved.enters.line, bool(moved.inside))
