"""Workers that share tasks out by chance: the same work by other hands is no difference, and other work is one."""

import sys

import pytest
from streams import folder_of

from auditor.replay.alignment.first_differences import compare
from auditor.replay.provenance.origin import find
from auditor.replay.session import ReplayOptions, Session

TASKS = [[("aten::mm", 10 * task + step, 3) for step in range(3)] for task in range(4)]
POOL = """
import random, sys, time
from multiprocessing import Pool

def work(number):
    {make}
    time.sleep(draws.random() * 0.01)
    return draws.random() + number

if __name__ == "__main__":
    with Pool(3) as pool:
        print({collect})
"""
SEEDED = "draws = random.Random(number)"
MAP, UNORDERED = "pool.map(work, range(24), chunksize=1)", "list(pool.imap_unordered(work, range(24)))"


def pool_of(path, *shares, rank="", main=(("aten::add", 1, 1),), cut=()):
    """A run whose children did these tasks each; of those in `cut` the end is missing."""
    folder_of(path, *main, end="main" not in cut)
    for number, share in enumerate(shares):
        steps = [step for task in share for step in TASKS[task]]
        opened = folder_of(path, *steps, key=f"main.{number}.0", end=number not in cut, rank=rank and f"{number}")
    return opened


def test_the_same_tasks_by_other_workers_are_no_difference(tmp_path):
    """Nor is a worker that its pool ended before it could say so, nor one that found nothing to do."""
    first = pool_of(tmp_path / "a", [0, 1], [2, 3], cut={1})
    second = pool_of(tmp_path / "b", [0, 3, 2], [1], [], cut={0, 2})
    found = compare(first, second)

    assert found.identical
    assert find(first, second, found.pooled).origin is None


def test_other_bits_in_one_task_are_a_difference(tmp_path):
    """Whoever did it."""
    first = pool_of(tmp_path / "a", [0, 1], [2])
    second = pool_of(tmp_path / "b", [0], [2, 3])

    assert compare(first, second).differences


def test_the_same_task_twice_is_a_difference(tmp_path):
    """Each step counts."""
    assert compare(pool_of(tmp_path / "a", [0, 1], [1]), pool_of(tmp_path / "b", [0, 0], [1])).differences


def test_ranks_have_a_part_each(tmp_path):
    """What another rank does is another thing, though all together did the same."""
    first, second = (
        pool_of(tmp_path / name, *shares, rank="0") for name, shares in (("a", [[0], [1]]), ("b", [[1], [0]]))
    )

    assert compare(first, second).differences


def test_a_cut_in_the_main_process_stays_one(tmp_path):
    """Then nobody says that its children were whole."""
    first = pool_of(tmp_path / "a", [0], [1], cut={"main", 0})
    second = pool_of(tmp_path / "b", [1], [0], cut={"main", 0})

    assert not compare(first, second).identical


def replayed(tmp_path, make, collect, **options):
    """The result of replaying a program with a pool."""
    program = tmp_path / "pool.py"
    program.write_text(POOL.format(make=make, collect=collect))
    return Session(ReplayOptions([sys.executable, str(program)], tmp_path / "runs", show=False, **options), str).run()


def test_a_pool_whose_tasks_have_seeds_is_identical(tmp_path):
    """Whichever worker takes which; the pool ends its workers itself."""
    result = replayed(tmp_path, SEEDED, MAP, runs=5)

    assert ("identical", []) == (result.verdict, result.problems)


@pytest.mark.exhaustive
def test_results_of_a_pool_in_the_order_of_their_ends(tmp_path):
    """The tasks are the same; the line that takes their results in any order is named, and the cure proven."""
    result = replayed(tmp_path, SEEDED, UNORDERED)

    assert ("diverged", "thread-order", 12) == (
        result.verdict,
        result.divergence.cause,
        result.divergence.source.line,
    )
    assert result.remedy.proven


@pytest.mark.exhaustive  # CI has the pool whose tasks have seeds
def test_an_unseeded_draw_in_a_pool_is_found_at_its_line(tmp_path):
    """Inside a worker that the pool ends."""
    result = replayed(tmp_path, "draws = random.Random()", MAP)

    assert ("diverged", 6) == (result.verdict, result.divergence.source.line)
    assert result.divergence.seeded is False
