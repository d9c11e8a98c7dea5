"""The schedule: what may run beside what; a quiet process measures alone, whatever is imported beside it."""

import pytest

from auditor.audit.plan import Job
from auditor.audit.schedule import Schedule


def job(framework, number, *, quiet=False):
    return Job(framework, {}, (), quiet=quiet, number=number)


TORCH, TENSORFLOW, JAX = job("torch", 1), job("tensorflow", 1), job("jax", 1)
QUIET, ALSO_QUIET = job("torch", 2, quiet=True), job("tensorflow", 2, quiet=True)


def names(jobs):
    return [each.name for each in jobs]


def test_a_quiet_process_begins_when_what_imports_beside_it_is_ready():
    """Importing beside an import disturbs nobody; importing beside a measurement does."""
    schedule = Schedule([TORCH, QUIET], width=2)

    assert ["torch-2", "torch-1"] == names(schedule.start())
    schedule.ready(QUIET)
    assert [] == schedule.open()
    schedule.ready(TORCH)
    assert ["torch-2"] == names(schedule.open())
    assert [] == schedule.open()
    schedule.ended(QUIET)
    assert ["torch-1"] == names(schedule.open())


def test_what_imports_beside_a_quiet_process_is_imported_as_fast():
    """Else the quiet one waits for a longer import, with an idle processor."""
    schedule = Schedule([TENSORFLOW, job("tensorflow", 3), JAX, TORCH, QUIET], width=2)

    assert ["torch-2", "torch-1"] == names(schedule.start())


def test_nothing_starts_beside_a_quiet_process():
    """Neither while it measures nor while it stands at its gate."""
    schedule = Schedule([QUIET, TORCH, JAX], width=1)

    assert ["torch-2"] == names(schedule.start())
    schedule.ready(QUIET)
    assert [] == schedule.start()
    assert ["torch-2"] == names(schedule.open())
    assert [] == schedule.start()
    schedule.ended(QUIET)
    assert 1 == len(schedule.start())


def test_two_quiet_processes_measure_one_after_the_other():
    """Both import at once."""
    schedule = Schedule([QUIET, ALSO_QUIET], width=2)
    assert 2 == len(schedule.start())
    schedule.ready(ALSO_QUIET)
    schedule.ready(QUIET)

    assert ["tensorflow-2"] == names(schedule.open())
    assert [] == schedule.open()
    schedule.ended(ALSO_QUIET)
    assert ["torch-2"] == names(schedule.open())


def test_a_quiet_process_that_was_asked_for_waits_until_no_first_one_waits():
    """It takes no room meanwhile, imports beside the last one that measures, and begins when that has ended."""
    schedule = Schedule([TORCH, JAX, TENSORFLOW], width=2)
    assert ["tensorflow-1", "jax-1"] == names(schedule.start())
    schedule.ready(TENSORFLOW)
    schedule.ready(JAX)
    schedule.open()
    schedule.add([QUIET, job("jax", 2)])

    schedule.ended(TENSORFLOW)
    assert ["torch-1"] == names(schedule.start())
    schedule.ended(JAX)
    assert ["torch-2"] == names(schedule.start())
    schedule.ready(QUIET)
    assert [] == schedule.open()
    schedule.ready(TORCH)
    assert ["torch-2"] == names(schedule.open())


def test_processes_of_different_frameworks_run_side_by_side():
    """Those of one framework hinder each other more."""
    schedule = Schedule([TORCH, job("torch", 3), TENSORFLOW], width=2)

    assert {"torch-1", "tensorflow-1"} == set(names(schedule.start()))


@pytest.mark.parametrize("width", [1, 2, 3])
def test_every_job_is_measured_once_and_no_quiet_one_beside_another(width):
    """Whatever the order in which they become ready and end."""
    jobs = [job("torch", 10 + n, quiet=n % 3 == 0) for n in range(7)] + [job("jax", n) for n in range(3)]
    schedule = Schedule(jobs, width)
    importing, measuring, done = [], [], []
    while schedule.unfinished():
        importing += schedule.start()
        if importing:
            schedule.ready(importing.pop())
        measuring += schedule.open()
        assert width >= len(importing) + len(measuring)
        assert 1 >= len(measuring) or not any(each.quiet for each in measuring)
        if measuring and not importing:
            done.append(measuring.pop(0))
            schedule.ended(done[-1])

    assert sorted(names(jobs)) == sorted(names(done))


def test_a_process_that_dies_before_it_is_ready_leaves_its_place():
    """What waits for it goes on."""
    schedule = Schedule([QUIET, TORCH], width=2)
    schedule.start()
    schedule.ready(QUIET)
    schedule.ended(TORCH)

    assert ["torch-2"] == names(schedule.open())
