"""Which changes during a later run are the program's."""

from made_folders import aside_in, run

from auditor.replay.files.plan import Plan
from auditor.replay.files.tree import Stamp, difference
from auditor.replay.files.whose import attributed, open_for_writing

FILE, FOLDER = Stamp("file", 1, 1, 1, 1, 1, 0o644), Stamp("folder", 0, 0, 0, 2, 1, 0o755)


def whose(first, later, busy=(), wrote=()):
    """(the program's, uncertain, somebody else's) of new paths, where the first run made others."""

    def tree(paths):
        return {path.rstrip("/"): FOLDER if path.endswith("/") else FILE for path in paths}

    made = tree(first)
    plan = Plan(
        1,
        moves={path: ("", one) for path, one in made.items() if one.kind == "file"},
        new_folders={path: one for path, one in made.items() if one.kind == "folder"},
    )
    found = attributed(difference({}, tree(later)), {}, tree(later), plan, busy, wrote=wrote)
    return [*found.ours.new], [*found.uncertain], [*found.others]


def test_the_same_names_are_the_programs():
    """And what has another suffix is not."""
    assert (["/w/a.pt"], [], ["/w/b.md"]) == whose(["/w/a.pt"], ["/w/a.pt", "/w/b.md"])


def test_other_names_of_the_same_kind_in_the_same_place_are():
    """As many as the first run made."""
    assert (["/w/b.pt"], [], []) == whose(["/w/a.pt"], ["/w/b.pt"])
    assert (["/w/r2", "/w/r2/x.pt"], [], []) == whose(["/w/r1/", "/w/r1/x.pt"], ["/w/r2/", "/w/r2/x.pt"])


def test_more_of_them_are_uncertain():
    """One may be somebody else's; one with the same name as in the first run is not."""
    assert (["/w/b.pt", "/w/c.pt"], ["/w/b.pt", "/w/c.pt"], []) == whose(["/w/a.pt"], ["/w/b.pt", "/w/c.pt"])
    assert (["/w/a.pt", "/w/c.pt"], ["/w/c.pt"], []) == whose(["/w/a.pt"], ["/w/a.pt", "/w/c.pt"])


def test_another_jobs_folder_is_not():
    """It holds one of its files open."""
    busy = ["/w/r2/log"]
    later = ["/w/r2/", "/w/r2/log", "/w/r2/x.pt"]

    assert ([], [], ["/w/r2", "/w/r2/log", "/w/r2/x.pt"]) == whose(["/w/r1/", "/w/r1/x.pt"], later, busy)


def test_what_its_processes_were_seen_to_write_is():
    """With all that lies in a folder that they made; what nobody of them wrote is not."""
    later = ["/w/a.pt", "/w/b.md", "/w/c.md", "/w/step-1/", "/w/step-1/x.bin"]
    wrote = ["/w/b.md", "/w/step-1"]

    assert (["/w/a.pt", "/w/b.md", "/w/step-1", "/w/step-1/x.bin"], [], ["/w/c.md"]) == whose(
        ["/w/a.pt"], later, wrote=wrote
    )
    assert (["/w/b.pt", "/w/c.pt"], ["/w/b.pt"], []) == whose(["/w/a.pt"], ["/w/b.pt", "/w/c.pt"], wrote=["/w/c.pt"])


def test_files_that_processes_write_are_found(work):
    """Those open for reading are not."""
    with (work / "notes.txt").open("a"), (work / "log.csv").open():
        found, own = open_for_writing([str(work)])

    assert {str(work / "notes.txt")} == found == own


def test_the_first_run_is_given_everything(work):
    """Also what it removes."""
    with aside_in(work) as aside:
        written = run(aside, 1, (work / "notes.txt").unlink)

        assert (str(work / "notes.txt"),) == written.removed
