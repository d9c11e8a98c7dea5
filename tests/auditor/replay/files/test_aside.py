"""Each run starts from the same files, and the folder is afterwards as after one plain run."""

import os
import shutil
import signal
import stat

import pytest
from made_folders import COMMAND, aside_in, content, filled, plain, program, run, without_times

from auditor.errors import OutputError, UsageError
from auditor.replay.files import aside as asides
from auditor.replay.files import ending, perform, tree
from auditor.replay.files.held_back import undisturbed
from auditor.replay.files.places import scope
from auditor.replay.files.told import sentences


def leftovers(state):
    """Files that lie in the state folder."""
    return [path for path in state.rglob("*") if not path.is_dir()]


def test_each_run_finds_what_the_first_found_with_modes_and_times(work, state):
    """New, changed, removed and renamed files, links and folders; names that differ from run to run."""
    before, wanted = content(work), plain(work)
    with aside_in(work) as aside:
        for number in (1, 2, 3):
            assert before == content(work)
            assert run(aside, number, program, work, number)
        assert before == content(work)

    assert wanted == without_times(content(work))
    assert [] == sentences(aside.told)
    assert [] == leftovers(state)


def test_without_it_a_run_finds_what_the_run_before_left(work):
    """The negative control of the test before."""
    before = content(work)
    program(work)

    assert before != content(work)


def test_what_comes_back_are_the_files_of_the_first_run(work):
    """Not copies of them, and not those of a later run."""
    with aside_in(work) as aside:
        run(aside, 1, lambda: (work / "ck.pt").write_text("first"))
        inode = aside.stored(1)[str(work / "ck.pt")].stat().st_ino
        run(aside, 2, lambda: (work / "ck.pt").write_text("second"))

    assert ("first", inode) == ((work / "ck.pt").read_text(), (work / "ck.pt").stat().st_ino)


def test_folders_have_their_times_again(work):
    """A program may sort run folders by them."""
    os.utime(work / "old", ns=(10**18, 10**18))
    with aside_in(work) as aside:
        run(aside, 1, program, work)

        assert 10**18 == (work / "old").stat().st_mtime_ns


def test_what_the_run_wrote_is_told_while_it_lies_in_place(work):
    """For whoever compares it; afterwards it lies in the store."""
    seen = []
    with aside_in(work) as aside:
        aside.looks.append(
            lambda number, written: seen.append((number, sorted(written.new), work.joinpath("x").exists()))
        )
        run(aside, 1, lambda: (work / "x").write_text("1"))

        assert "1" == aside.stored(1)[str(work / "x")].read_text()
    assert [(1, [str(work / "x")], True)] == seen


def test_a_later_runs_equal_files_can_be_forgotten_and_the_first_runs_never(work):
    """Disk space of 30 runs."""
    with aside_in(work) as aside:
        for number in (1, 2):
            run(aside, number, lambda: (work / "x").write_text("1"))
            aside.forget(number, [str(work / "x")])

        assert (True, False) == tuple(aside.stored(number)[str(work / "x")].exists() for number in (1, 2))


def test_a_file_becomes_a_folder_and_a_folder_a_file(work):
    """Both ways, in each run."""

    def swapped():
        (work / "notes.txt").unlink()
        (work / "notes.txt").mkdir()
        (work / "notes.txt/inner").write_text("x")
        shutil.rmtree(work / "old")
        (work / "old").write_text("file now")

    before = content(work)
    with aside_in(work) as aside:
        for number in (1, 2):
            assert before == content(work)
            run(aside, number, swapped)

    assert ("x", "file now") == ((work / "notes.txt/inner").read_text(), (work / "old").read_text())


def test_a_folder_that_the_program_makes_read_only_is_no_obstacle(work):
    """As a checkpoint folder that nobody shall change."""

    def sealed():
        (work / "sealed").mkdir()
        (work / "sealed/x").write_text("x")
        (work / "sealed").chmod(0o555)
        (work / "old/new").write_text("y")
        (work / "old").chmod(0o500)

    before = content(work)
    with aside_in(work) as aside:
        for number in (1, 2):
            run(aside, number, sealed)
            assert before == content(work)
    modes = [stat.S_IMODE((work / name).stat().st_mode) for name in ("sealed", "old")]

    assert ("x", "y", [0o555, 0o500]) == ((work / "sealed/x").read_text(), (work / "old/new").read_text(), modes)


def test_links_are_not_followed(work, tmp_path):
    """What lies behind them is somebody else's."""
    far = tmp_path / "far"
    far.mkdir()
    (far / "data").write_text("1")
    (work / "data").symlink_to(far)
    with aside_in(work) as aside:
        run(aside, 1, lambda: (far / "made").write_text("1"))

        assert (far / "made").exists()


@pytest.mark.parametrize("name", [".git", "__pycache__", ".cache", "node_modules", "env"])
def test_version_control_environments_and_caches_are_left_alone(work, name):
    """Whatever a run does in them."""
    (work / name).mkdir()
    (work / "env/pyvenv.cfg").write_text("") if name == "env" else None
    with aside_in(work) as aside:
        run(aside, 1, lambda: (work / name / "x").write_text("1"))

        assert (work / name / "x").exists()


# ----------------------------------------------------------------------------------------------------- somebody else


def test_an_edit_between_two_runs_is_left_and_named(work):
    """An editor saves while no run is made; later runs, which change that file too, start from the edit."""

    def logs():
        with (work / "log.csv").open("a") as log:
            log.write("run\n")

    with aside_in(work) as aside:
        run(aside, 1, logs)
        (work / "notes.txt").write_text("edited")
        (work / "log.csv").write_text("edited too\n")
        run(aside, 2, logs)
        assert ("edited", "edited too\n") == ((work / "notes.txt").read_text(), (work / "log.csv").read_text())
    left = {str(work / name) for name in ("notes.txt", "log.csv")}

    assert ("edited", "edited too\n") == ((work / "notes.txt").read_text(), (work / "log.csv").read_text())
    assert left == {*aside.told.left}
    assert left == {*aside.told.edited}
    (kept,) = aside.told.kept_in
    assert "before\nrun\n" == next(path for path in asides.Path(kept).rglob("log.csv")).read_text()


def test_an_edit_during_a_later_run_is_left_and_named(work):
    """The first run did not write that file."""
    with aside_in(work) as aside:
        run(aside, 1, program, work)
        run(aside, 2, lambda: (program(work), (work / "notes.txt").write_text("edited")))
        assert "edited" == (work / "notes.txt").read_text()

    assert "edited" == (work / "notes.txt").read_text()
    assert [str(work / "notes.txt")] == [*aside.told.left]
    assert "the first run did not write it" in sentences(aside.told)[0]


def test_an_edit_during_the_first_run_is_there_at_the_end(work):
    """It cannot be told from what the program wrote, and is not lost."""
    with aside_in(work) as aside:
        run(aside, 1, lambda: (work / "notes.txt").write_text("edited"))
        run(aside, 2, lambda: None)

    assert "edited" == (work / "notes.txt").read_text()


@pytest.mark.parametrize("number", [1, 2])
def test_a_new_file_of_somebody_else_is_not_lost(work, number):
    """Of another kind than what the program writes."""
    with aside_in(work) as aside:
        for one in (1, 2, 3):
            run(aside, one, lambda one=one: (program(work), one == number and (work / "todo.md").write_text("mine")))

    assert "mine" == (work / "todo.md").read_text()


def test_a_file_that_another_process_writes_is_left(work):
    """Held open for writing: our own stdout in this folder, or another job's log."""
    with (work / "job.log").open("w", buffering=1) as job, aside_in(work) as aside:
        for number in (1, 2):
            run(aside, number, lambda: (job.write("line\n"), program(work)))
            assert (work / "job.log").exists()
        job.write("end\n")

    assert "line\nline\nend\n" == (work / "job.log").read_text()
    assert not aside.told.left


def test_what_somebody_puts_where_the_first_runs_file_was_stays(work):
    """The first run's version is kept elsewhere."""
    with aside_in(work) as aside:
        run(aside, 1, lambda: (work / "ck.pt").write_text("weights"))
        (work / "ck.pt").write_text("mine")
    (kept,) = aside.told.kept_in

    assert "mine" == (work / "ck.pt").read_text()
    assert ["weights"] == [path.read_text() for path in asides.Path(kept).rglob("ck.pt")]


def test_more_new_files_than_the_first_run_made_are_kept(work):
    """The folder is as after one plain run; what might be somebody else's is not deleted."""
    with aside_in(work) as aside:
        run(aside, 1, lambda: (work / "ck-1.pt").write_text("1"))
        run(aside, 2, lambda: [(work / f"ck-{n}.pt").write_text(str(n)) for n in (7, 8)])
    (kept,) = aside.told.kept_in

    assert ["ck-1.pt"] == sorted(path.name for path in work.glob("*.pt"))
    assert ["7", "8"] == sorted(path.read_text() for path in asides.Path(kept).rglob("*.pt"))


# -------------------------------------------------------------------------------------------------------- what is large


def test_a_file_beyond_the_limit_is_named_if_a_run_changes_it(work):
    """And not otherwise; smaller ones are protected."""
    (work / "big.bin").write_bytes(b"x" * 5000)
    (work / "bigger.bin").write_bytes(b"x" * 6000)
    said = []
    with aside_in(work, 1000, said.append) as aside:
        run(aside, 1, lambda: ((work / "big.bin").write_text("gone"), program(work)))
        run(aside, 2, program, work)

    assert [str(work / "bigger.bin"), str(work / "big.bin")] == aside.told.unprotected
    assert [str(work / "big.bin")] == aside.told.not_restored
    assert "bigger.bin (6 KiB)" in said[0]
    assert "no copy" in sentences(aside.told)[0]
    assert not aside.told.left


def test_a_large_file_that_is_renamed_goes_back(work):
    """No copy is needed for that."""
    (work / "big.bin").write_bytes(b"x" * 5000)
    before = content(work)
    with aside_in(work, 1000) as aside:
        for number in (1, 2):
            run(aside, number, lambda: (work / "big.bin").rename(work / "moved.bin"))
            assert before == content(work)

    assert (False, 5000) == ((work / "big.bin").exists(), (work / "moved.bin").stat().st_size)
    assert [] == aside.told.not_restored


def test_a_home_is_not_copied_and_what_runs_make_in_it_is_set_aside(work, monkeypatch):
    """Said before the first run."""
    monkeypatch.setenv("HOME", str(work))
    said = []
    with aside_in(work, announce=said.append) as aside:
        run(aside, 1, lambda: ((work / "x").write_text("1"), (work / "log.csv").write_text("changed")))
        assert (False, "changed") == ((work / "x").exists(), (work / "log.csv").read_text())

    assert "1" == (work / "x").read_text()
    assert [str(work / "log.csv")] == aside.told.not_restored
    assert "is a home" in said[0]


# ------------------------------------------------------------------------------------------------------------- the end


def test_an_exception_brings_the_first_runs_files_back(work):
    """Also one between a run's start and its end."""
    wanted = plain(work)
    with pytest.raises(ZeroDivisionError), aside_in(work) as aside:  # noqa: PT012 - the whole block is the subject
        run(aside, 1, program, work)
        aside.before(2, asides.Path("/no/such/run"))
        program(work, 2)
        raise ZeroDivisionError

    assert wanted == without_times(content(work))


def test_signals_wait_until_files_are_whole():
    """They are raised at the end of the block, once."""
    seen = []
    with pytest.raises(KeyboardInterrupt), undisturbed():  # noqa: PT012 - likewise
        for _ in range(2):
            signal.raise_signal(signal.SIGINT)
        seen.append("whole")

    assert ["whole"] == seen


def test_a_full_disk_is_told_and_nothing_is_lost(work, monkeypatch):
    """What could not be brought back lies in the store, and `--restore` names it."""
    aside = aside_in(work)
    with monkeypatch.context() as broken, pytest.raises(OutputError, match="could not all be brought"), aside:  # noqa: PT012
        run(aside, 1, program, work)
        broken.setattr(ending, "bring_back", _full)
    with pytest.raises(UsageError, match="did not end"):
        aside_in(work).__enter__()


def _full(*_arguments):
    raise OSError(28, "No space left on device")


def test_two_replays_in_one_folder_are_refused(work):
    """Each would find the files of the other; afterwards the folder is free again."""
    with aside_in(work), pytest.raises(UsageError, match="another replay runs"):
        aside_in(work).__enter__()
    with aside_in(work):
        pass


def test_one_in_a_folder_inside_is_refused_too(work):
    """It would take the outer one's files away."""
    with aside_in(work), pytest.raises(UsageError, match="did not end, or still runs"):
        aside_in(work / "old").__enter__()


def test_named_folders_outside_are_treated_alike(work, tmp_path):
    """One that exists, and one that the program makes."""
    filled(tmp_path / "data")
    command = [*COMMAND, "--data", str(tmp_path / "data"), f"--out={tmp_path}/runs/"]
    before = content(tmp_path / "data")

    def both():
        program(tmp_path / "data")
        (tmp_path / "runs").mkdir()
        (tmp_path / "runs/x").write_text("1")

    with asides.Aside(scope(command, str(work)), str) as aside:
        for number in (1, 2):
            run(aside, number, both)
            assert before == content(tmp_path / "data")

    assert plain(tmp_path / "data") == without_times(content(tmp_path / "data"))
    assert "1" == (tmp_path / "runs/x").read_text()


def test_a_step_that_is_made_twice_changes_nothing(work):
    """Whatever was done before an end is not done again."""
    before = content(work)
    with aside_in(work) as aside:
        run(aside, 1, program, work)
        perform.take(aside._state.first, aside._state)

        assert before == content(work)


# ------------------------------------------------------------------------------------------------ what is kept


def test_equal_files_of_later_runs_are_not_kept(work):
    """And what differs is, up to the limit."""

    def made(number):
        (work / "same").write_text("1")
        (work / "other").write_text(str(number))

    with aside_in(work) as aside:
        for number in (1, 2):
            run(aside, number, made, number)
        kept = {path.rpartition("/")[2]: to.exists() for path, to in aside.stored(2).items()}
    assert {"same": False, "other": True} == kept

    with aside_in(work, 10) as aside:
        for number in (1, 2):
            run(aside, number, lambda number=number: (work / "large").write_text(f"{number:20d}"))
        assert [True, False] == [aside.stored(number)[str(work / "large")].exists() for number in (1, 2)]


def test_a_folder_with_too_many_entries_is_named_and_the_others_are_protected(work, tmp_path, monkeypatch):
    """As a large dataset that the command line names."""
    data = filled(tmp_path / "data")
    for number in range(30):
        (data / str(number)).write_text("")
    monkeypatch.setattr(tree.scan, "__defaults__", ((), 20))
    said = []
    before = content(work)
    with asides.Aside(scope([*COMMAND, str(data)], str(work)), said.append) as aside:
        run(aside, 1, program, work)
        assert before == content(work)
    assert "data holds more than" in said[0]


def test_a_signal_while_files_are_copied_leaves_no_store(work, state, monkeypatch):
    """Nothing was run, so that a later replay need not be told of it."""

    def interrupted(*arguments):
        signal.raise_signal(signal.SIGINT)
        return opened(*arguments)

    opened = asides.opened
    monkeypatch.setattr(asides, "opened", interrupted)
    with pytest.raises(KeyboardInterrupt):
        aside_in(work).__enter__()

    assert [] == leftovers(state)


def test_links_to_folders_outside_are_named(work, tmp_path):
    """What runs write there is not set aside."""
    (tmp_path / "far").mkdir()
    (work / "far").symlink_to(tmp_path / "far")
    said = []
    with aside_in(work, announce=said.append) as aside:
        pass

    assert [str(work / "far")] == aside.told.links
    assert "links are not followed" in said[0]
