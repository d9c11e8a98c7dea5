"""The table of code for GPUs names every function that depends on one, and what the script runs shows each."""

import fnmatch
import functools
import sys

from support import ROOT

from auditor.catalogue import catalogue
from auditor.factors.cures import CURES
from auditor.nvml import host

sys.path.insert(0, str(ROOT / "tools"))

from gpu import scan
from gpu.paths import PATHS
from gpu.steps import BUDGET_SECONDS, GPU_CHECKS, MORE_CHECKS, STEPS


@functools.cache
def functions():
    """All of them, sorted: seconds of parsing, spent once, and not where other tests are collected."""
    return sorted(scan.functions())


def test_each_function_that_depends_on_a_gpu_is_in_one_row():
    """A new one is missing from `tools/gpu/paths.py` until its author says what shows that it ran on a GPU."""
    places = [place for row in PATHS for place in row.places]
    rows = {name: sum(fnmatch.fnmatchcase(name, place) for place in places) for name in functions()}

    assert {} == {name: count for name, count in rows.items() if count != 1}
    assert 100 < len(rows)


def test_each_place_of_the_table_is_in_the_code():
    """Neither the name of a function that is gone, nor of one that no longer depends on a GPU."""
    assert [] == [place for row in PATHS for place in row.places if not fnmatch.filter(functions(), place)]


def test_the_search_sees_code_and_no_comment(tmp_path):
    """A planted dependency is found by name, by text and by the call that gives devices; a docstring is none."""
    planted = tmp_path / "planted.py"
    planted.write_text(
        '''
def by_name(torch):
    return torch.cuda.is_available()

def by_text(tf):
    return tf.config.list_physical_devices("GPU")

def by_devices(_state):
    return [device for device in _state.devices()]

def told_only():
    """On a GPU this does nothing else."""
    return 1  # cuda
''',
        encoding="utf-8",
    )

    assert ["by_name", "by_text", "by_devices"] == list(scan._of_file(planted, payload=True))
    assert ["by_name", "by_text"] == list(scan._of_file(planted, payload=False))


def test_each_row_says_what_shows_it_or_why_nothing_can():
    """One of both, and what is named exists and is measured by a step."""
    known = catalogue.load()
    measured = {check.id for check in known.checks if check.tier == "quick"} | {*GPU_CHECKS, *MORE_CHECKS}
    facts = {key for group in known.groups for key in group.keys} | {*host.DECLARED}
    names = {"fact": facts, "step": {step.name for step in STEPS}, "check": measured, "cuda": measured, "jax": measured}
    told = [row.evidence.partition(":")[::2] for row in PATHS if row.evidence]

    assert [] == [row.places for row in PATHS if bool(row.absent) == bool(row.evidence)]
    assert [] == [(kind, name) for kind, name in told if name not in names[kind]]


def test_each_named_check_is_in_the_catalogue():
    """A misspelled one would end its step before anything is measured."""
    assert {*GPU_CHECKS, *MORE_CHECKS} <= {check.id for check in catalogue.load().checks}


def test_each_cure_for_gpus_alone_is_in_force_in_a_replay():
    """The variables that a cure adds on a GPU are those of a step whose program must be identical."""
    wanted = [
        set(variables.items())
        for cure in CURES.values()
        for framework, variables in cure.on_gpu.items()
        if framework != "tensorflow"
    ]
    given = [set(step.env.items()) for step in STEPS if step.name.startswith("replay-") and step.expected == (0,)]

    assert 2 == len(wanted)
    assert all(any(variables <= env for env in given) for variables in wanted)


def test_the_shares_are_the_budget():
    """Eight minutes in all; a step has a name of its own, and no share is shorter than the stop takes."""
    assert 480 == BUDGET_SECONDS == sum(step.share_seconds for step in STEPS)
    assert len(STEPS) == len({step.name for step in STEPS})


def test_few_files_come_back():
    """A lent machine returns eight files: two summaries, the archive, the kept manifests, a half-written one each."""
    assert 8 >= 3 + 3 + sum(step.kept for step in STEPS)
