"""Two traces side by side: the first difference is found where it is, and two paths find together again."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streams import Written, folder_of, writer

from auditor.replay.alignment import first_differences, two_streams
from auditor.replay.alignment.events import Shared
from auditor.replay.trace.archive import TaskKey, open_folder
from auditor.replay.trace.format import TraceError

MAIN = TaskKey("main", 0)
NAMES = (
    "aten::add",
    "aten::mul",
    "aten::sum",
    "aten::index_put_",
    "aten::a_name_that_needs_more_than_32_bytes_of_text",
)
step = st.tuples(st.sampled_from(NAMES), st.integers(0, 2**64 - 1), st.integers(1, 9))
ours = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


@pytest.fixture
def fresh(tmp_path_factory):
    """A new folder for each example."""
    return lambda: tmp_path_factory.mktemp("run")


@ours
@given(steps=st.lists(step, max_size=80))
def test_the_same_is_identical(fresh, steps):
    """Whatever the steps."""
    assert first_differences.compare(folder_of(fresh(), *steps), folder_of(fresh(), *steps)).identical


@ours
@given(steps=st.lists(step, min_size=1, max_size=80), place=st.integers(0), flip=st.integers(1, 2**64 - 1))
def test_one_changed_digest_is_found_at_exactly_that_record(fresh, steps, place, flip):
    """One bit or all of them, at any step."""
    place %= len(steps)
    name, digest, line = steps[place]
    changed = [*steps[:place], (name, digest ^ flip, line), *steps[place + 1 :]]
    first = folder_of(fresh(), *steps)
    (difference,) = first_differences.compare(first, folder_of(fresh(), *changed)).differences
    ops = [record for record in first.streams[MAIN].records() if record.kind == writer.OP]

    assert "content" == difference.kind
    assert (ops[place].at, name, line, digest) == (
        difference.first.at,
        difference.first.name,
        difference.first.source.line,
        difference.first.digest,
    )
    assert digest ^ flip == difference.second.digest


@ours
@given(steps=st.lists(step, max_size=60), place=st.integers(0), count=st.integers(1, 20))
def test_steps_that_only_one_run_made_are_a_branch_there(fresh, steps, place, count):
    """And behind them both go on alike."""
    place %= len(steps) + 1
    extra = [("aten::extra", number, 20 + number) for number in range(count)]
    first = folder_of(fresh(), *steps)
    second = folder_of(fresh(), *steps[:place], *extra, *steps[place:])
    (difference,) = first_differences.compare(first, second).differences
    walked = list(two_streams.align(Shared(), first.streams[MAIN], second.streams[MAIN]))
    gaps = [one for one in walked if isinstance(one, two_streams.Gap)]

    assert ("branch", "aten::extra") == (difference.kind, difference.second.name)
    assert [count] == [len(gap.only_second) for gap in gaps]
    assert all(one.equal for one in walked if not isinstance(one, two_streams.Gap))


def test_short_equal_stretches_between_gaps_are_aligned_too(tmp_path):
    """Of two killed runs no eight steps in a row are the same: each gap still holds its own step alone."""

    def steps(name):
        for block in range(6):
            yield f"aten::only_{name}", block, 9
            yield from ((f"aten::block_{block}_{number}", number, number + 1) for number in range(4))

    first, second = (folder_of(tmp_path / name, *steps(name), end=False) for name in "ab")
    walked = list(two_streams.align(Shared(), first.streams[MAIN], second.streams[MAIN]))
    gaps = [one for one in walked if isinstance(one, two_streams.Gap)]

    assert [(1, 1)] * 6 == [(len(gap.only_first), len(gap.only_second)) for gap in gaps]
    assert 24 == len(walked) - len(gaps)


def test_any_single_field_changed_is_a_difference(tmp_path):
    """Flags, outputs' shape, the generator's state, inputs, arguments; a read, a draw, a seed's argument."""

    def run(name, **changed):
        now = {
            "flags": 0,
            "meta": "f32[2]@cpu",
            "state": 1,
            "of": 5,
            "argument": "[3]",
            "draw": 6,
            "seed": "0",
            **changed,
        }

        def steps(written):
            written.op("aten::rand", 9, 4, flags=1 | now["flags"], meta=now["meta"], state=now["state"])
            written.input(now["of"])
            written.argument(now["argument"])
            written.other(writer.DRAW, "random.random", now["draw"])
            written.other(writer.SEED, "torch.manual_seed", text=now["seed"])

        return folder_of(tmp_path / name, steps, detail=True)

    same = run("same")
    changes = {"flags": 2, "meta": "f32[3]@cpu", "state": 2, "of": 6, "argument": "[4]", "draw": 7, "seed": "1"}
    for field, value in changes.items():
        assert not first_differences.compare(same, run(field, **{field: value})).identical, field


def test_what_is_no_difference(tmp_path):
    """Storage ordinals, the Python that ran, allocations that come in another order."""

    def steps(written, storage, first):
        for name in ("aten::empty", "aten::set_")[:: 1 if first else -1]:
            written.op(name, 0, 2, flags=16)
        written.op("aten::add", 9, 4)
        written.input(3, storage=storage)

    def of_another_python(written):
        written.stream.append(writer.PROCESS, name=written.stream.define(writer.TEXTS, "3.12"))
        steps(written, 7, first=False)

    one = folder_of(tmp_path / "a", lambda written: steps(written, 1, first=True), detail=True)
    other = folder_of(tmp_path / "b", of_another_python, detail=True)

    assert [] == list(first_differences.compare(one, other).differences)


def test_long_equal_stretches_after_a_shift_are_skipped_by_their_bytes(tmp_path):
    """Not 40 000 pairs one by one; and the difference behind them is found."""
    steps = [("aten::add", number, number % 7 + 1) for number in range(40_000)]

    def shifted(written):
        written.op("aten::add", 0, 1, flags=16)

    first = folder_of(tmp_path / "a", *steps)
    second = folder_of(tmp_path / "b", shifted, *steps[:-5], ("aten::add", 1, steps[-5][2]), *steps[-4:])
    walked = list(two_streams.align(Shared(), first.streams[MAIN], second.streams[MAIN]))

    assert len(walked) < 5000
    assert 1 == sum(not pair.equal for pair in walked)


def test_a_run_that_was_killed_compares_up_to_its_end(tmp_path):
    """No difference is made of what it did not live to do; it is not called identical either."""
    steps = [("aten::add", number, 3) for number in range(9)]
    whole, killed = folder_of(tmp_path / "a", *steps), folder_of(tmp_path / "b", *steps[:4], end=False)
    other = folder_of(tmp_path / "c", *steps[:3], ("aten::add", 77, 3), end=False)

    assert ((), (MAIN,)) == (
        first_differences.compare(whole, killed).differences,
        first_differences.compare(whole, killed).cut,
    )
    assert not first_differences.compare(whole, killed).identical
    assert 77 == first_differences.compare(whole, other).differences[0].second.digest


def test_a_run_that_ended_earlier_took_another_branch(tmp_path):
    """Both say that they ended."""
    steps = [("aten::add", number, 3) for number in range(9)]
    (found,) = first_differences.compare(
        folder_of(tmp_path / "a", *steps), folder_of(tmp_path / "b", *steps[:4])
    ).differences

    assert ("branch", "aten::add", "end") == (found.kind, found.first.name, found.second.name)


@pytest.mark.parametrize(
    ("task", "site", "same", "differs"),
    [
        ("main.1", "?\t0\t\t", True, False),
        ("main.0", "?\t0\t\t", True, True),
        ("main.1", None, True, True),
        ("main.1", "?\t0\t\t", False, True),
    ],
)
def test_a_thread_of_a_library_that_was_ended_earlier_is_no_difference(tmp_path, task, site, same, differs):
    """It is one in the main thread, where a line of the program did it, and where it did other work."""

    def work(name):
        return lambda written: written.op(name, 7, site=site)

    first = folder_of(tmp_path / "a", work("aten::copy_"), work("aten::copy_"), key=task)
    second = folder_of(tmp_path / "b", work("aten::copy_" if same else "aten::mul"), key=task)

    assert differs == bool(first_differences.compare(first, second).differences)


def test_a_stream_that_only_one_run_has_is_a_difference(tmp_path):
    """One more child that does something."""
    one = folder_of(tmp_path / "a")
    folder_of(tmp_path / "b")
    other = folder_of(tmp_path / "b", ("aten::mm", 1, 1), key="main.0.0")
    (found,) = first_differences.compare(one, other).differences

    assert ("only-in-second", TaskKey("main.0", 0)) == (found.kind, found.key)


@pytest.mark.parametrize(("more", "rank", "differs"), [(3, "", False), (3, "1", True), (2, "", True)])
def test_a_worker_that_was_ended_earlier_is_no_difference(tmp_path, more, rank, differs):
    """A loader's workers work ahead; a rank's steps are its own, and other steps are a difference."""
    steps = [("aten::add", number, 3) for number in range(3)]
    others = [*steps, ("aten::add", 3, 3)] if more == 3 else [*steps[:2], ("aten::mul", 9, 4)]
    traces = []
    for name, made in (("a", steps), ("b", others)):
        folder_of(tmp_path / name, ("aten::sum", 1, 1))
        traces.append(folder_of(tmp_path / name, *made, key="main.0.0", rank=rank))

    assert differs == bool(first_differences.compare(*traces).differences)


def test_a_thread_that_only_reads_the_clock_may_be_in_one_run_alone(tmp_path):
    """Whether it comes to that before it is ended is a matter of time; a draw of it is a step."""
    one = folder_of(tmp_path / "a")
    for name, kind in (("b", writer.OUTSIDE), ("c", writer.DRAW)):
        folder_of(tmp_path / name)
        other = folder_of(
            tmp_path / name,
            lambda written, kind=kind: written.other(kind, "time.time", flags=writer.VOLATILE),
            key="main.1",
        )

        assert (kind == writer.DRAW) == bool(first_differences.compare(one, other).differences)


@pytest.mark.parametrize(
    ("name", "differs"), [("random.Random", False), ("numpy.random.default_rng", False), ("random.random", True)]
)
def test_a_generator_that_took_entropy_is_no_difference_until_something_is_drawn_from_it(tmp_path, name, differs):
    """It may be seeded before it draws; what is made of its draws differs then. It is told as an external value."""
    one, other = (
        folder_of(
            tmp_path / str(number),
            lambda written, number=number: written.other(writer.DRAW, name, 3 + number),
            ("aten::sum", 1, 1),
        )
        for number in (1, 2)
    )
    compared = first_differences.compare(one, other)

    assert (differs, not differs) == (bool(compared.differences), bool(compared.external_values))


def test_two_algorithms_and_two_tiers_cannot_be_compared(tmp_path):
    """An error, not a difference."""
    plain = folder_of(tmp_path / "a")
    Written(tmp_path / "b", algorithm="xxh3-64").end()
    for other in (open_folder(tmp_path / "b"), folder_of(tmp_path / "c", detail=True)):
        with pytest.raises(TraceError, match=r"main\.0\.trc"):
            first_differences.compare(plain, other)


# -------------------------------------------------------------------------------------------------------- branches

PROGRAM = """import torch
def helper(x):
    y = x * 2
    return y + 1

def train(x, flag):
    x = x + 1
    if flag:
        x = x * 3
    else:
        x = x * 4
    for n in range(count):
        x = x - 1
    if flag and torch:
        with torch.no_grad():
            x = helper(x)
    return x.sum()
"""


def at(path, line, function="train"):
    """An operation at a line of the program."""
    code = PROGRAM.splitlines()[line - 1].strip()
    return lambda written: written.op("aten::op", line, site=f"{path}\t{line}\t{function}\t{code}")


@pytest.mark.parametrize(
    ("first", "second", "line"),
    [
        ([7, 9, 13, 17], [7, 11, 13, 17], 8),
        ([7, 9, 13, 17], [7, 9, 13, 13, 13, 17], 12),
        ([7, 9, 17], [7, 9, 13, 17], 12),
        ([7, 9, 13, 3, 4, 17], [7, 9, 13, 17], 14),
        ([7, 9, 13, 17], [7, 9, 13, 3, 4, 17], 14),
    ],
)
def test_the_innermost_statement_that_holds_one_path_is_blamed(tmp_path, first, second, line):
    """`if` and `else`, a loop that ran longer, a call inside a branch."""
    path = tmp_path / "train.py"
    path.write_text(PROGRAM)

    def steps(lines):
        return [at(path, line, "helper" if line in {3, 4} else "train") for line in lines]

    one, other = folder_of(tmp_path / "a", *steps(first)), folder_of(tmp_path / "b", *steps(second))
    branch = first_differences.compare(one, other).differences[0].branch

    assert (line, True) == (branch.source.line, branch.decided)
    assert PROGRAM.splitlines()[line - 1].strip() == branch.source.code


def test_without_the_source_the_first_line_of_one_path_is_named(tmp_path):
    """A trace of another machine, a file that has changed since."""
    (tmp_path / "train.py").write_text("something else\n" * 20)
    site = f"{tmp_path / 'train.py'}\t9\ttrain\tx = x * 3"
    one = folder_of(tmp_path / "a", ("aten::add", 1, 3), lambda written: written.op("aten::mul", 1, site=site))
    other = folder_of(tmp_path / "b", ("aten::add", 1, 3), ("aten::sub", 1, 5))
    branch = first_differences.compare(one, other).differences[0].branch

    assert (9, False) == (branch.source.line, branch.decided)
    assert [5] == [source.line for source in branch.only_second]
