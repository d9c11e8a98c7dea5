"""Edges of the evidence: what is no other order, where memory came from, and which seeds and limits count."""

from dataclasses import replace

import pytest
from streams import Written, writer

from auditor.replay.provenance import origin, propagation
from auditor.replay.provenance.origin_model import Origin, Origins
from auditor.replay.provenance.taints import Taint
from auditor.replay.trace.archive import TaskKey, open_folder
from auditor.replay.trace.format import SourceLine

DRAWS, INPLACE, OVERWRITES, ALLOCATES, READS_OUT, ENTERS = 1, 2, 8, 16, 32, 64


@pytest.fixture
def found(tmp_path):
    """The findings for a program that is given the number of its run; each stream is a function."""

    def search(main, *, detail=True, **streams):
        for number, name in enumerate("ab"):
            for key, steps in {"main_0": main, **streams}.items():
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


@pytest.mark.parametrize(("ordinal", "line", "held"), [(0, 5, True), (1, 5, False), (0, 6, False)])
def test_a_statement_is_the_same_origin_with_other_evidence_but_not_at_another_place(ordinal, line, held):
    """Its evidence and name vary from pair to pair; its task and line do not."""
    known = Origin(TaskKey("main", 0), 3, "outside", "print", SourceLine("train.py", 5))
    other = Origin(TaskKey("main", ordinal), 8, "other-branch", "line", SourceLine("train.py", line))

    assert held is Origins(known).holds(other.identity)


@pytest.mark.parametrize(
    "change", [{"key": TaskKey("main", 1)}, {"meta": "f32[3]@cpu"}, {"evidence": "reads-unwritten"}], ids=str
)
def test_taints_compare_by_their_number_alone(change):
    """So the least of one process began first, whatever else is known of it."""
    taint = Taint(1, TaskKey("main", 0), None, "aten::sum", SourceLine("train.py", 5), "f32[2]@cpu", "outside")

    assert taint == replace(taint, **change)


@pytest.mark.parametrize("given", [True, False])
def test_only_memory_that_somebody_else_filled_may_come_from_another_process(found, given):
    """An input that nothing wrote was made by the process itself."""

    def program(run, number):
        memory = run.op("aten::set_.source_Storage", 0, 1, flags=ALLOCATES) if given else 0
        total = run.op("aten::sum", 9 + number, 5)
        run.input(60 + number, memory, 3)
        number_read(run, 9 + number, total, storage=8)

    one = found(program).origin

    assert (("outside", "aten::sum", 5), given) == (short(one), one.collective)


def test_memory_that_differs_is_no_other_order_though_nothing_else_enters_at_its_line(found):
    """Two steps of one line read memory that another process filled."""

    def program(run, number):
        memory = run.op("aten::set_.source_Storage", 0, 1, flags=ALLOCATES)
        for step in range(3):
            run.op("aten::sum", 10 * step + 9 + number, 5)
            run.input(60 + number, memory, 3)

    assert ("outside", "aten::sum", 5) == short(found(program).origin)


def test_printed_values_in_another_order_are_no_operation_in_another_order(found):
    """Only operations take in values in an order."""

    def program(run, number):
        for value in (2, 1) if number else (1, 2):
            run.other(writer.READ, "print", value, 5)
            run.input(value, storage=value)

    assert ("outside", "print", 5) == short(found(program).origin)


def test_a_race_stays_one_where_what_it_takes_in_comes_in_another_order_later(found):
    """Its output differed before the order did."""

    def program(run, number):
        for value in (1, 3, 2) if number else (1, 2, 3):
            made = run.op("aten::race", 10 * value + number, 5)
            run.input(value, storage=value)
            number_read(run, 10 * value + number, made, 6, storage=7)

    assert ("same-inputs-other-outputs", "aten::race", 5) == short(found(program).origin)


def test_a_number_that_is_read_on_its_own_line_is_no_loaders_seed_if_another_operator_made_it(found):
    """`x.sum().item()`, for instance."""

    def program(run, number):
        made = run.op("aten::sum", 30 + number, 2, meta="i64[]@cpu")
        number_read(run, 30 + number, made, line=2)

    one = found(program).origin

    assert ("aten::sum", "scalar") == (one.name, one.reach.kind)


def test_a_generator_of_its_own_has_no_seed_from_a_frameworks_draw(found):
    """Only Python's and NumPy's draws become seeds."""

    def program(run, number):
        drawn = run.op("jax.random_bits", 3 + number, 1, flags=DRAWS, state=5 + number)
        number_read(run, 3 + number, drawn, 2)
        run.op("aten::randn.generator", 10 + number, 3, flags=DRAWS, state=20 + number)

    answer = found(program)

    assert ("draw-unseeded", "jax.random_bits", 1) == short(answer.origin)
    assert [("draw-unseeded", "aten::randn.generator", 3)] == [short(one) for one in answer.others]


def test_unwritten_memory_is_found_behind_a_partial_write_that_reads_nothing_else(found):
    """`memory[0].fill_(1)` leaves the rest as it was."""

    def program(run, number):
        memory = run.op("aten::empty", 0, 1, flags=ALLOCATES)
        part = run.op("aten::fill_", 6, 2, flags=INPLACE | OVERWRITES)
        run.input(50 + number, memory, 3)
        total = run.op("aten::sum", 9 + number, 5)
        run.input(60 + number, part, 3)
        number_read(run, 9 + number, total, storage=8)

    assert ("reads-unwritten", "aten::empty", 1) == short(found(program).origin)


@pytest.mark.parametrize("storages", [(3, 7), (7, 3)])
def test_memory_that_only_one_run_wrote_before_came_from_outside(found, storages):
    """The way back ends where the two runs' writers no longer correspond."""

    def program(run, number):
        memory = run.op("aten::empty", 0, 1, flags=ALLOCATES)
        part = run.op("aten::fill_", 6, 2, flags=INPLACE | OVERWRITES)
        run.input(50 + number, memory, storages[number])
        total = run.op("aten::sum", 9 + number, 5)
        run.input(60 + number, part, 3)
        number_read(run, 9 + number, total, storage=8)

    assert ("outside", "aten::sum", 5) == short(found(program).origin)


def test_a_seed_of_a_later_task_counts_wherever_it_stands(found):
    """Tasks run side by side: an index of one says nothing about the time of another."""

    def program(run, number):
        drawn = run.op("aten::rand", 3 + number, 2, flags=DRAWS, state=5 + number)
        number_read(run, 3 + number, drawn)

    def beside(run, _):
        for line in range(1, 40):
            run.op("aten::ones", 1, line)
        run.other(writer.SEED, "torch.manual_seed", line=40, text="0")

    one = found(program, main_1=beside).origin

    assert ("aten::rand", True) == (one.name, one.seeded)


@pytest.mark.parametrize(("equal", "differing", "complete"), [(4, 49, True), (5, 49, False), (1, 60, False)])
def test_a_trail_of_equal_and_differing_steps_ends_at_the_limit(found, monkeypatch, equal, differing, complete):
    """Five equal steps count as one that differs, and a step may pass over the limit."""
    monkeypatch.setattr(propagation, "WITHOUT_INPUTS_STEPS", 50)

    def program(run, number):
        run.op("aten::race", 1 + number, 1)
        for line in range(2, 2 + equal):
            run.op("aten::ones", 7, line)
        for line in range(100, 99 + differing):
            run.op("aten::mul", 10 * line + number, line)

    assert complete is found(program, detail=False).complete
