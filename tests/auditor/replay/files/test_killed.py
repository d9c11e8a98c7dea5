"""A replay that is killed at any step loses nothing: `--restore` brings all back, also if it is killed itself."""

import os
import shutil
from pathlib import Path

import pytest
from made_folders import aside_in, content, filled, plain, program, run, without_times

from auditor.errors import UsageError
from auditor.replay.files import places
from auditor.replay.files.restore import restore

STEPS = ("rename", "replace", "link", "unlink", "mkdir", "rmdir", "fsync", "chmod", "symlink", "utime")
"""The system calls between which a process can be killed and that change what lies on the disk."""
KILLED = 99


def nobody(_marker):
    """No process of a run is alive."""
    return ()


def replayed(folder):
    """Three runs."""
    with aside_in(folder) as aside:
        for number in (1, 2, 3):
            run(aside, number, program, folder, number)


def killed_after(steps, work, *arguments):
    """Do this in a process that ends, without any clean-up, before its step of that number; whether it got so far."""
    child = os.fork()
    if child == 0:
        _count_down(steps)
        code = 1
        try:
            work(*arguments)
            code = 0
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, KILLED}
    return code == KILLED


def _count_down(steps):
    left = iter(range(steps))

    def counted(call):
        def step(*arguments, **named):
            if next(left, None) is None:
                os._exit(KILLED)
            return call(*arguments, **named)

        return step

    for name in STEPS:
        call = getattr(os, name)
        setattr(os, name, counted(call))
        if call in os.supports_follow_symlinks:
            os.supports_follow_symlinks.add(getattr(os, name))


def restored_from(work, state, steps, again=None):
    """What lies there after a kill at this step and a restoration; None if the replay ended before that step."""
    for folder in (work, state):
        shutil.rmtree(folder, ignore_errors=True)
    filled(work)
    got_so_far = killed_after(steps, replayed, work)
    if got_so_far and again is not None:
        killed_after(again, restore, str(work), nobody)
    restore(str(work), nobody)
    stores = [path for path in state.rglob("*") if path.is_file() and ".auditor-replay-kept" not in str(path)]

    assert [] == stores
    return without_times(content(work)) if got_so_far else None


def outcomes(work, state, every, again=None):
    """The step of each kill, and whether the files were then as before (0) or as after one plain run (1)."""
    before, after = without_times(content(work)), plain(work)
    found, steps = [], 1
    while (seen := restored_from(work, state, steps, again)) is not None:
        assert seen in (before, after), steps
        found.append(int(seen == after))
        steps += every
    return found


def test_killed_at_a_step_all_files_are_as_before_or_as_after_one_run(work, state):
    """As before until the first run has ended, and then as after it."""
    found = outcomes(work, state, every=23)

    assert {0, 1} == {*found}
    assert sorted(found) == found


@pytest.mark.exhaustive
def test_killed_before_every_single_step(work, state):
    """All of them."""
    found = outcomes(work, state, every=1)

    assert len(found) > 100
    assert sorted(found) == found


@pytest.mark.slow
@pytest.mark.parametrize("again", [1, 5, 12, 20, 30, 45])
def test_a_restoration_that_is_killed_can_be_repeated(work, state, again):
    """At various steps of both."""
    found = outcomes(work, state, every=11, again=again)

    assert sorted(found) == found


def test_without_the_restoration_the_files_are_not_back(work, state):
    """The negative control: a kill in the middle leaves something else."""
    before, after = without_times(content(work)), plain(work)
    assert killed_after(60, replayed, work)

    assert without_times(content(work)) not in (before, after) or list(state.rglob("journal.jsonl"))


def test_a_later_replay_offers_the_restoration_and_does_not_do_it(work):
    """Exit 2; afterwards nothing is changed, and restoring still works."""
    assert killed_after(80, replayed, work)
    seen = content(work)
    with pytest.raises(UsageError, match="did not end") as told:
        aside_in(work).__enter__()

    assert 2 == told.value.exit_code
    assert "--restore" in told.value.hint
    assert seen == content(work)
    assert "restored" in restore(str(work), nobody)[0]


def test_what_an_unfinished_run_wrote_is_kept(work):
    """It may hold what somebody wrote since."""

    def dies():
        with aside_in(work) as aside:
            run(aside, 1, lambda: ((work / "new.md").write_text("mine?"), os._exit(KILLED)))

    assert killed_after(10**6, dies)
    told = restore(str(work), nobody)
    kept = Path(told[1].rpartition(" ")[2])

    assert not (work / "new.md").exists()
    assert ["mine?"] == [path.read_text() for path in kept.rglob("new.md")]


def test_an_edit_after_the_kill_is_not_overwritten(work):
    """Of a file that the killed run did not change, and of one whose copy was back already."""

    def dies():
        with aside_in(work) as aside:
            run(aside, 1, program, work)
            aside.before(2, Path("/no/such/run"))
            os._exit(KILLED)

    assert killed_after(10**6, dies)
    (work / "notes.txt").write_text("edited")
    told = restore(str(work), nobody)

    assert "edited" == (work / "notes.txt").read_text()
    assert any("notes.txt" in sentence for sentence in told)


def test_nothing_is_restored_while_the_run_still_writes(work):
    """Its processes are named."""
    assert killed_after(60, replayed, work)
    seen = content(work)
    with pytest.raises(UsageError, match="4711"):
        restore(str(work), lambda _marker: (4711,))

    assert seen == content(work)


def test_where_nothing_is_to_be_restored_that_is_said(work, state):
    """And nothing is made."""
    seen = content(work)

    assert "nothing to restore" in restore(str(work), nobody)[0]
    assert seen == content(work)
    assert [] == [path for path in state.rglob("*") if path.is_file()]


def test_a_torn_line_of_the_journal_is_a_step_that_was_not_begun(work, state):
    """As after a power cut in the middle of a write."""
    before = without_times(content(work))
    assert killed_after(75, replayed, work)
    (journal,) = state.rglob("journal.jsonl")
    with journal.open("a") as file:
        file.write('{"step": "take", "pl')
    restore(str(work), nobody)

    assert without_times(content(work)) in (before, plain(work))


def test_without_a_state_folder_the_store_lies_beside_or_inside(work, monkeypatch):
    """And the program's view of the folder does not hold it."""
    monkeypatch.setattr(places, "state_folder", lambda: None)
    wanted = plain(work)
    assert killed_after(80, replayed, work)
    restore(str(work), nobody)

    assert wanted == without_times(content(work))
    assert [] == [one.name for one in work.parent.glob(".auditor-replay*") if "kept" not in one.name]


def resumed(folder):
    """A whole run; then a stopped and a resumed one, which also writes what no other run does."""
    with aside_in(folder) as aside:
        run(aside, 1, program, folder)
        aside.before(2, Path("/stopped"))
        (folder / "ck.pt").write_text("half")
        aside.goes_on(Path("/resumed"))
        (folder / "ck.pt").write_text("other weights")
        (folder / "resumed.log").write_text("resumed")
        aside.after(2, [str(folder / "resumed.log"), str(folder / "ck.pt")])


def test_a_stopped_and_a_resumed_run_leave_what_the_whole_one_left(work):
    after = plain(work)

    resumed(work)

    assert after == without_times(content(work))


@pytest.mark.slow
def test_a_kill_between_a_stopped_and_a_resumed_run_loses_nothing(work, state):
    """The files are then as before, or as the whole run left them, but for what no run but the resumed one writes."""
    before, after = without_times(content(work)), plain(work)
    steps = 1
    while True:
        for folder in (work, state):
            shutil.rmtree(folder, ignore_errors=True)
        filled(work)
        if not killed_after(steps, resumed, work):
            break
        restore(str(work), nobody)
        found = without_times(content(work))
        found.pop("resumed.log", None)
        assert found in (before, after), steps
        steps += 7
    assert steps > 50


def test_it_is_not_restored_while_the_resumed_run_lives(work):
    asked = []

    def alive(marker):
        asked.append(str(marker))
        return (4711,)

    def killed():
        with aside_in(work) as aside:
            run(aside, 1, program, work)
            aside.before(2, Path("/stopped"))
            aside.goes_on(Path("/resumed"))
            os._exit(KILLED)

    child = os.fork()
    if child == 0:
        killed()
    os.waitpid(child, 0)
    with pytest.raises(UsageError, match="4711"):
        restore(str(work), alive)

    assert ["/resumed"] == asked
