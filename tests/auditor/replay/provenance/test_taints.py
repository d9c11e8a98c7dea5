"""Which of several differences is the origin: by who read it, in which order, and what Python may have held."""

import pytest
from streams import Written, writer

from auditor.replay.provenance import origin, propagation
from auditor.replay.trace.archive import open_folder

DRAWS, INPLACE, READS_OUT, ENTERS = 1, 2, 32, 64


@pytest.fixture
def found(tmp_path):
    """The findings for a program that is given the number of its run; each stream is a function."""

    def search(main, *, detail=True, only_first=(), **streams):
        for number, name in enumerate("ab"):
            for key, steps in {"main_0": main, **streams}.items():
                if not (number and key in only_first):
                    written = Written(tmp_path / name, key.replace("_", "."), detail=detail)
                    steps(written, number)
                    written.end()
        return origin.find(open_folder(tmp_path / "a"), open_folder(tmp_path / "b"))

    return search


def number_read(written, digest, made_by, line=99, storage=1):
    """The program takes a number out of a tensor."""
    written.op("aten::_local_scalar_dense", 0, line, flags=READS_OUT)
    written.input(digest, made_by, storage)


def short(one):
    """Evidence, name, line."""
    return one.evidence, one.name, one.source.line


# ----------------------------------------------------------------------------------------------- where it came out


@pytest.mark.parametrize("printed_first", [False, True])
def test_what_is_printed_goes_before_what_only_became_a_number(found, printed_first):
    """Two races; whichever is printed is the one to explain."""

    def program(run, number):
        names = ("aten::printed", "aten::number") if printed_first else ("aten::number", "aten::printed")
        made = {name: run.op(name, 10 * place + number, place) for place, name in enumerate(names, 1)}
        place = {name: at for at, name in enumerate(names, 1)}
        number_read(run, 10 * place["aten::number"] + number, made["aten::number"])
        run.other(writer.READ, "print", 10 * place["aten::printed"] + number, 50)

    assert "aten::printed" == found(program).origin.name


def test_what_became_a_number_goes_before_what_is_among_the_last_results(found):
    """The last results may be junk."""

    def program(run, number):
        run.op("aten::read", 10 + number, 1)
        made = run.op("aten::race", 20 + number, 2)
        number_read(run, 20 + number, made)
        run.op("aten::last", 30 + number, 3)

    answer = found(program)

    assert ("aten::race", "scalar") == (answer.origin.name, answer.origin.reach.kind)
    assert {"aten::last": "last", "aten::read": None} == {
        one.name: one.reach.kind if one.reach else None for one in answer.others
    }


def test_a_loaders_seed_goes_after_the_last_results(found):
    """It changes nothing by itself, though it was read out."""

    def program(run, number):
        drawn = run.op("aten::random_", 30 + number, 2, flags=DRAWS, state=number, meta="i64[]@cpu")
        number_read(run, 30 + number, drawn, line=2)
        run.op("aten::race", 4 + number, 3)

    one = found(program).origin

    assert ("aten::race", "last") == (one.name, one.reach.kind)


def test_a_drawn_seed_that_is_read_on_another_line_is_no_loaders(found):
    """The loader draws and reads on one line of its own."""

    def program(run, number):
        drawn = run.op("aten::random_", 30 + number, 2, flags=DRAWS, state=number, meta="i64[]@cpu")
        number_read(run, 30 + number, drawn, line=3)
        run.op("aten::race", 4 + number, 4)

    one = found(program).origin

    assert ("aten::random_", "scalar") == (one.name, one.reach.kind)


def test_the_first_of_several_places_where_it_came_out_is_told(found):
    """Both are numbers taken out of it."""

    def program(run, number):
        made = run.op("aten::race", 10 + number, 1)
        for line in (50, 60):
            number_read(run, 10 + number, made, line)

    assert 50 == found(program).origin.reach.source.line


def test_what_is_printed_is_known_by_its_content(found):
    """A later race does not take the blame for what was printed of an earlier one."""

    def program(run, number):
        run.op("aten::guilty", 10 + number, 1)
        run.op("aten::other", 20 + number, 2)
        run.op("aten::third", 30 + number, 3)
        run.other(writer.READ, "print", 10 + number, 50)

    one = found(program).origin

    assert ("aten::guilty", "read", 50) == (one.name, one.reach.kind, one.reach.source.line)


def test_nothing_is_looked_for_after_the_first_origin_was_printed(found):
    """What begins later cannot be the answer."""

    def program(run, number):
        run.op("aten::guilty", 10 + number, 1)
        run.other(writer.READ, "print", 10 + number, 50)
        run.op("aten::later", 20 + number, 2)

    answer = found(program)

    assert ("aten::guilty", (), True) == (answer.origin.name, answer.others, answer.complete)


@pytest.mark.parametrize(("steps", "complete"), [(40, True), (60, False)])
def test_a_trail_that_is_longer_than_is_followed_is_told(found, monkeypatch, steps, complete):
    """What it reached may lie beyond."""
    monkeypatch.setattr(propagation, "WITHOUT_INPUTS_STEPS", 50)

    def program(run, number):
        for line in range(steps):
            run.op("aten::mul", 10 * line + 1 + number, line + 1)

    assert complete == found(program, detail=False).complete


def test_equal_steps_behind_a_difference_count_less_than_differing_ones(found, monkeypatch):
    """They are passed over quickly."""
    monkeypatch.setattr(propagation, "WITHOUT_INPUTS_STEPS", 50)

    def program(run, number):
        run.op("aten::race", 1 + number, 1)
        for line in range(2, 62):
            run.op("aten::ones", 7, line)

    assert found(program, detail=False).complete


def test_a_task_that_only_one_run_had_is_an_origin_that_nobody_reads(found):
    """Where nothing else differs."""

    def task(run, _):
        run.op("aten::ones", 1, 5)

    one = found(lambda run, _: run.op("aten::ones", 1, 1), only_first=("main_1",), main_1=task).origin

    assert ("other-branch", "a task that only one run had", None) == (one.evidence, one.name, one.reach)


# ------------------------------------------------------------------------------------------- what Python may have held


def test_a_value_of_another_task_may_be_behind_what_a_task_was_given(found):
    """A worker drew it; another worker's operation takes it as an argument."""

    def drawing(run, number):
        run.other(writer.DRAW, "random.random", 40 + number, 1)

    def taking(run, number):
        made = run.op("aten::mul", 9 + number, 2)
        run.argument(f"T, {number}")
        number_read(run, 9 + number, made)

    answer = found(lambda run, _: run.op("aten::ones", 1, 9), main_1=drawing, main_2=taking)

    assert ("draw-unseeded", "random.random", 1) == short(answer.origin)
    assert () == answer.others


def test_a_tasks_own_value_goes_before_another_tasks(found):
    """Each drew, and each made something of it."""

    def task(line):
        def steps(run, number):
            run.other(writer.DRAW, "random.random", 40 + line + number, line)
            made = run.op("aten::mul", 9 + number, line + 1)
            run.argument(f"T, {number}")
            if line == 20:
                number_read(run, 9 + number, made)

        return steps

    answer = found(lambda run, _: run.op("aten::ones", 1, 9), main_1=task(10), main_2=task(20))

    assert ("draw-unseeded", "random.random", 20) == short(answer.origin)


@pytest.mark.parametrize("flags", [INPLACE, ENTERS])
def test_a_step_without_content_that_is_no_view_gives_python_nothing(found, flags):
    """What it wrote or took in is memory, which is followed: an argument after it came from elsewhere."""

    def program(run, number):
        race = run.op("aten::race", 10 + number, 1)
        run.op("aten::step", 0, 2, flags=flags)
        run.input(10 + number, race, 1)
        made = run.op("aten::mul", 30 + number, 3)
        run.argument(f"T, {number}")
        number_read(run, 30 + number, made, storage=5)

    assert ("outside", "aten::mul", 3) == short(found(program).origin)


@pytest.mark.parametrize("drawn", [False, True])
def test_another_number_of_inputs_came_from_python(found, drawn):
    """From the draw before, if there was one; else from outside."""

    def program(run, number):
        if drawn:
            run.other(writer.DRAW, "random.random", 40 + number, 1)
        made = run.op("aten::cat", 9 + number, 2)
        for _ in range(1 + number):
            run.input(5, 0, 3)
        number_read(run, 9 + number, made, storage=8)

    answer = found(program)

    assert (("draw-unseeded", "random.random", 1) if drawn else ("outside", "aten::cat", 2)) == short(answer.origin)
    assert () == answer.others


@pytest.mark.parametrize("sets", [(4, 5), (5, 4), (4, 4)])
def test_a_listing_of_other_names_is_told_from_one_in_another_order(found, sets):
    """Whichever run had the larger digest."""

    def program(run, number):
        run.other(writer.OUTSIDE, "os.listdir", 5 + number, 1, extra=sets[number])
        run.other(writer.READ, "print", 6 + number, 2)

    assert (sets[0] != sets[1]) is found(program).origin.other_set


# ------------------------------------------------------------------------------------------------------------- seeds


@pytest.mark.parametrize(("tasks", "evidence"), [(1, "draw-unseeded"), (2, "other-order")])
def test_a_seeded_draw_from_another_state_was_taken_in_another_order_if_tasks_share_it(found, tasks, evidence):
    """One task alone cannot take its draws in another order."""

    def program(run, number):
        run.other(writer.SEED, "torch.manual_seed", text="0")
        drawn = run.op("aten::rand", 3 + number, 2, flags=DRAWS, state=5 + number)
        number_read(run, 3 + number, drawn)

    def beside(run, _):
        run.op("aten::ones", 1, 7)

    one = found(program, **({"main_1": beside} if tasks == 2 else {})).origin

    assert ((evidence, "aten::rand", 2), True) == (short(one), one.seeded)


def test_a_seed_after_the_draw_is_none_for_it(found):
    """It came too late."""

    def program(run, number):
        drawn = run.op("aten::rand", 3 + number, 2, flags=DRAWS, state=5 + number)
        number_read(run, 3 + number, drawn)
        run.other(writer.SEED, "torch.manual_seed", line=4, text="0")

    one = found(program).origin

    assert (("draw-unseeded", "aten::rand", 2), False) == (short(one), one.seeded)


@pytest.mark.parametrize("seed", ["numpy.random.seed", "torch.manual_seed"])
def test_another_librarys_seed_is_none(found, seed):
    """TensorFlow draws, and something else was seeded."""

    def program(run, number):
        run.other(writer.SEED, seed, text="0")
        drawn = run.op("tf.RandomUniform", 3 + number, 2, flags=DRAWS, state=3 + number)
        number_read(run, 3 + number, drawn)

    one = found(program).origin

    assert ("tensorflow", False) == (one.generator, one.seeded)


def test_a_call_that_seeds_no_global_generator_took_no_entropy_for_it(found):
    """`manual_seed(None)` of something is no `torch.seed()`."""

    def program(run, number):
        run.other(writer.SEED, "torch.manual_seed", text="None")
        drawn = run.op("aten::rand", 3 + number, 2, flags=DRAWS, state=5 + number)
        number_read(run, 3 + number, drawn)

    one = found(program).origin

    assert (False, None) == (one.seeded, one.from_system)


def test_draws_and_clocks_before_an_origin_are_told_as_what_they_are(found):
    """A draw with its library and whether it was seeded; a clock with neither."""

    def program(run, number):
        run.other(writer.DRAW, "numpy.random.rand", 7, 1, count=1)
        run.other(writer.DRAW, "random.random", 8, 2)
        run.other(writer.OUTSIDE, "time.time", 0, 3, flags=1)
        run.op("aten::lift_fresh", 0, 5, flags=ENTERS)
        run.input(8 + number)
        number_read(run, 8 + number, 0)

    assert [
        ("time.time", None, None, True),
        ("random.random", "python", False, False),
        ("numpy.random.rand", "numpy", True, False),
    ] == [(prior.name, prior.generator, prior.seeded, prior.volatile) for prior in found(program).origin.before]


# -------------------------------------------------------------------------------------------------------- other order


@pytest.mark.parametrize("orders", [((1, 2, 3), (3, 1, 2)), ((3, 1, 2), (1, 2, 3)), ((2, 1, 3), (1, 2, 3))])
def test_equal_values_in_another_order_are_told_whichever_run_came_first(found, orders):
    """What comes in is the same, sooner or later."""

    def program(run, number):
        state, total = 0, 0
        for value in orders[number]:
            run.op("aten::lift_fresh", 0, 5, flags=ENTERS)
            run.input(value, storage=value)
            before, state = state, 10 * state + value
            made = run.op("aten::add", state, 5)
            run.input(before, total, 50)
            run.input(value, 0, value, position=1)
            total = made
        number_read(run, state, total, storage=50)

    assert ("other-order", "aten::lift_fresh", 5) == short(found(program).origin)


def test_other_values_are_no_other_order(found):
    """One value is another one."""

    def program(run, number):
        for value in (1, 2, 4) if number else (1, 2, 3):
            run.op("aten::lift_fresh", 0, 5, flags=ENTERS)
            run.input(value, storage=value)
            number_read(run, value, 0, storage=value)

    assert ("outside", "aten::lift_fresh", 5) == short(found(program).origin)


@pytest.mark.parametrize("swapped", [False, True])
def test_results_of_one_task_that_are_taken_in_another_order(found, swapped):
    """The same two results, each made in both runs, were taken the other way round."""

    def program(run, number):
        made = [run.op("aten::exp", 100, 1), run.op("aten::log", 200, 2)]
        taken = (number + swapped) % 2
        added = run.op("aten::add", 70 + taken, 4)
        run.input(100 + 100 * taken, made[taken], 1 + taken)
        number_read(run, 70 + taken, added, storage=9)

    assert ("other-order", "aten::add", 4) == short(found(program).origin)


# ------------------------------------------------------------------------------------------------------- base traces


@pytest.mark.parametrize(
    ("flags", "evidence"), [(ENTERS, "outside"), (INPLACE, "first-to-differ"), (READS_OUT, "first-to-differ")]
)
def test_in_a_base_trace_only_what_enters_comes_from_outside(found, flags, evidence):
    """Without inputs nothing else is known."""

    def program(run, number):
        run.op("aten::ones", 1, 1)
        run.op("aten::step", 4 + number, 2, flags=flags)
        run.op("aten::last", 8 + number, 3)

    assert (evidence, "aten::step", 2) == short(found(program, detail=False).origin)


# ------------------------------------------------------------------------------------------------------ in the details


def test_an_input_that_only_one_run_had_written_was_taken_in_another_order(found):
    """The other run took it before anything wrote it."""

    def program(run, number):
        made = run.op("aten::exp", 100, 1)
        added = run.op("aten::add", 70 + number, 4)
        run.input(100 + number, 0 if number else made, 1)
        number_read(run, 70 + number, added, storage=9)

    assert ("other-order", "aten::add", 4) == short(found(program).origin)


def test_an_unseeded_draw_stays_one_where_what_it_takes_in_comes_in_another_order_later(found):
    """The draw differed before the order did."""

    def program(run, number):
        for value in (1, 3, 2) if number else (1, 2, 3):
            made = run.op("aten::dropout", 10 * value + number, 5, flags=DRAWS, state=value + 50 * number)
            run.input(value, storage=value)
            number_read(run, 10 * value + number, made, 6, storage=7)

    assert ("draw-unseeded", "aten::dropout", 5) == short(found(program).origin)


def test_draws_far_before_an_origin_are_not_told(found, monkeypatch):
    """Only so many records are looked through, and they are the nearest."""
    monkeypatch.setattr(origin, "LOOK_BACK_RECORDS", 16)

    def program(run, number):
        run.other(writer.DRAW, "numpy.random.rand", 7, 1, count=1)
        for line in range(2, 82):
            run.op("aten::ones", line, line)
            if line in {20, 80}:
                run.other(writer.DRAW, "numpy.random.rand", 7, line, count=1)
        run.op("aten::race", 8 + number, 90)

    assert [80] == [prior.source.line for prior in found(program).origin.before]
