"""An audit's folder: whole or not at all, never over another, and compared with what its manifest gives."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest
import samples

from auditor.errors import OutputError, UsageError
from auditor.manifest import models
from auditor.manifest.models import AuditorInfo
from auditor.output import atomic_folder, audit_folder
from auditor.output.atomic_folder import Staging
from auditor.signing.ed25519 import Ed25519Signer

SIGNER = Ed25519Signer.generate()
TESTS = Path(__file__).resolve().parents[2]
WAIT_SECONDS = 30.0

HOLD = """
import sys, time
from pathlib import Path
from auditor.output.atomic_folder import Staging
with Staging(Path(sys.argv[1])) as work:
    work.write("report.md", b"half")
    print("ready", flush=True)
    time.sleep(600)
"""


def names(path):
    """Everything below a folder, hidden files included."""
    return sorted(entry.relative_to(path).as_posix() for entry in path.rglob("*"))


def holder(output):
    """A process that is in the middle of writing an audit into `output`."""
    child = subprocess.Popen([sys.executable, "-c", HOLD, str(output)], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "ready\n"
    return child


def test_the_folder_appears_whole(tmp_path):
    """Until the commit nothing is in its place; then everything is, and nothing else is beside it."""
    output = tmp_path / "deep" / "audit"

    with Staging(output) as work:
        work.write("report.md", b"text")
        work.write("specs/Dockerfile", b"FROM")
        assert not output.exists()
        assert (work.commit()) == output

    assert names(tmp_path / "deep") == [
        "audit",
        "audit/.gitignore",
        "audit/report.md",
        "audit/specs",
        "audit/specs/Dockerfile",
    ]
    assert (output / ".gitignore").read_bytes() == b"*\n"
    assert (output / "report.md").read_bytes() == b"text"


def test_an_empty_folder_is_taken_over(tmp_path):
    """An output that exists and is empty becomes the audit."""
    output = tmp_path / "audit"
    output.mkdir()

    with Staging(output) as work:
        work.commit()

    assert names(tmp_path) == ["audit", "audit/.gitignore"]


def test_a_checkout_stays_clean_while_and_after_an_audit(tmp_path):
    """Git sees neither the folder nor its staging."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)

    def status():
        command = ["git", "-C", tmp_path, "status", "--porcelain", "--untracked-files=all"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    with Staging(tmp_path / "audits" / "one") as work:
        work.write("report.md", b"x")
        assert status() == ""
        work.commit()
    assert status() == ""


@pytest.mark.parametrize("problem", [ValueError, KeyboardInterrupt, SystemExit])
def test_nothing_remains_of_an_audit_that_failed(tmp_path, problem):
    """Whatever goes wrong, the staging and the folders made for it are gone, and an empty output is untouched."""
    (tmp_path / "empty").mkdir()

    def fail(work):
        work.write("report.md", b"x")
        raise problem

    for output in (tmp_path / "deep" / "er" / "audit", tmp_path / "empty"):
        with pytest.raises(problem), Staging(output) as work:
            fail(work)

    assert names(tmp_path) == ["empty"]


def test_without_commit_nothing_remains(tmp_path):
    """Leaving without a commit writes nothing."""
    with Staging(tmp_path / "audit") as work:
        work.write("report.md", b"x")

    assert names(tmp_path) == []


def test_what_is_there_is_never_overwritten(tmp_path):
    """A folder that holds something (hidden files too), and a file, are refused before anything is measured."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / ".hidden").write_bytes(b"mine")
    (tmp_path / "file").write_bytes(b"mine")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere" / "x")
    for name, told in (("full", "not empty"), ("file", "is not a folder")):
        with pytest.raises(UsageError, match=told), Staging(tmp_path / name):
            pytest.fail("entered")

    assert names(tmp_path) == ["dangling", "file", "full", "full/.hidden"]


def test_an_output_that_fills_up_meanwhile_is_not_overwritten(tmp_path):
    """Files that appear in the output during the audit stay, and the commit fails."""
    output = tmp_path / "audit"
    with Staging(output) as work:
        output.mkdir()
        (output / "mine").write_bytes(b"mine")
        with pytest.raises(OutputError, match="cannot be put in its place"):
            work.commit()

    assert names(tmp_path) == ["audit", "audit/mine"]


def test_a_link_to_an_empty_folder_is_followed(tmp_path):
    """The folder behind a link becomes the audit; the link stays a link."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")

    with Staging(tmp_path / "link") as work:
        work.commit()

    assert names(tmp_path) == ["link", "real", "real/.gitignore"]


def test_the_current_folder_cannot_be_replaced(tmp_path, monkeypatch):
    """Renaming onto the current folder would leave the user's shell in a deleted one."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UsageError, match="current folder"), Staging(Path()):
        pytest.fail("entered")
    assert names(tmp_path) == []


def test_a_mount_point_is_known_as_one():
    """Mount points, found by device or in the kernel's table, cannot be renamed onto."""
    assert atomic_folder._is_mount_point(Path("/proc"))
    assert atomic_folder._is_mount_point(Path("/"))
    assert not atomic_folder._is_mount_point(TESTS)


@pytest.mark.parametrize("parent", ["file", "/proc"])
def test_an_unwritable_place_is_refused_before_measuring(tmp_path, parent):
    """A parent that is a file, or in which nothing can be made, is an OutputError on entry."""
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(OutputError, match="cannot be written"), Staging(tmp_path / parent / "audit"):
        pytest.fail("entered")
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("relative", ["", ".", "/etc/x", "../x", "specs/../../x"])
def test_no_file_is_written_outside_the_folder(tmp_path, relative):
    """A path that leads out of the folder is a defect of the caller, and refused."""
    with pytest.raises(ValueError, match="not a path inside"), Staging(tmp_path / "audit") as work:
        work.write(relative, b"x")


def test_no_file_is_written_twice(tmp_path):
    """Two renderings of one name are an error, not the last one's victory."""
    with Staging(tmp_path / "audit") as work:
        work.write("report.md", b"x")
        with pytest.raises(OutputError, match=r"report\.md cannot be written"):
            work.write("report.md", b"y")


# ---------------------------------------------------------------------------------------- several processes


def test_a_second_audit_into_the_same_folder_is_refused_at_once(tmp_path):
    """It fails before measuring and names the process of the first, which goes on undisturbed."""
    output = tmp_path / "audit"
    child = holder(output)
    try:
        started = time.monotonic()
        with pytest.raises(OutputError, match=f"process {child.pid}\\)"), Staging(output):
            pytest.fail("entered")
        assert time.monotonic() - started < 1
        assert (tmp_path / ".audit.partial" / "content" / "report.md").read_bytes() == b"half"
    finally:
        child.kill()
        child.communicate()


def test_ctrl_c_leaves_nothing(tmp_path):
    """A process interrupted in the middle removes its staging."""
    child = holder(tmp_path / "audit")

    child.send_signal(signal.SIGINT)
    child.communicate(timeout=WAIT_SECONDS)

    assert child.returncode != 0
    assert names(tmp_path) == []


def test_what_a_killed_audit_left_is_cleared_by_the_next(tmp_path):
    """After SIGKILL the next audit into the same folder works, and holds nothing of the dead one."""
    output = tmp_path / "audit"
    child = holder(output)
    child.kill()
    child.communicate(timeout=WAIT_SECONDS)
    assert (tmp_path / ".audit.partial" / "content" / "report.md").exists()
    assert not output.exists()

    with Staging(output) as work:
        work.write("new.md", b"whole")
        work.commit()

    assert names(tmp_path) == ["audit", "audit/.gitignore", "audit/new.md"]


def test_an_audit_clears_what_killed_ones_left_beside_it(tmp_path):
    """The remains of another name go too, those of a living process stay, and so does what is not ours."""
    dead, alive = holder(tmp_path / "dead"), holder(tmp_path / "alive")
    dead.kill()
    dead.communicate(timeout=WAIT_SECONDS)
    (tmp_path / ".mine.partial").mkdir()
    (tmp_path / ".mine.partial" / "data").write_bytes(b"mine")
    try:
        with Staging(tmp_path / "audit") as work:
            work.commit()

        assert sorted(path.name for path in tmp_path.iterdir()) == [".alive.partial", ".mine.partial", "audit"]
        assert (tmp_path / ".alive.partial" / "content" / "report.md").exists()
    finally:
        alive.kill()
        alive.communicate()


RACE = """
import sys
from pathlib import Path
from auditor.errors import AuditorError
from auditor.output.atomic_folder import Staging
sys.stdin.readline()
try:
    with Staging(Path(sys.argv[1])) as work:
        work.write("who", sys.argv[2].encode())
        work.commit()
    print("wrote", sys.argv[2])
except AuditorError as problem:
    print(type(problem).__name__)
"""


def test_of_processes_that_start_at_once_one_writes(tmp_path):
    """However they interleave, one audit appears, whole, and every other process is told so; nothing is left over."""
    for turn in range(4):
        output = tmp_path / f"audit-{turn}"
        children = [
            subprocess.Popen(
                [sys.executable, "-c", RACE, str(output), str(number)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for number in range(5)
        ]
        for child in children:
            child.stdin.write("\n")
            child.stdin.flush()
        answers = [child.communicate(timeout=WAIT_SECONDS)[0].strip() for child in children]

        wrote = [answer for answer in answers if answer.startswith("wrote")]
        assert len(wrote) == 1, answers
        assert (output / "who").read_text() == wrote[0].split()[1]
        assert {answer for answer in answers if answer not in wrote} <= {"OutputError", "UsageError"}
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"audit-{turn}" for turn in range(4)]


def test_an_audit_that_finished_just_before_the_lock_is_seen(tmp_path, monkeypatch):
    """The output is looked at again under the lock, so that no measuring is lost at the end."""
    real = atomic_folder._try_lock

    def late(partial):
        (tmp_path / "audit").mkdir(exist_ok=True)
        (tmp_path / "audit" / "report.md").write_bytes(b"theirs")
        return real(partial)

    monkeypatch.setattr(atomic_folder, "_try_lock", late)

    with pytest.raises(UsageError, match="not empty"), Staging(tmp_path / "audit"):
        pytest.fail("entered")
    assert names(tmp_path) == ["audit", "audit/report.md"]


@pytest.mark.parametrize("replaced", [True, False])
def test_a_lock_whose_file_is_gone_is_no_lock(tmp_path, monkeypatch, replaced):
    """Between opening and locking, its owner may remove the file, and another process make a new one."""
    real = fcntl.flock
    path = tmp_path / ".audit.partial" / "auditor.lock"
    calls = []

    def late(descriptor, how):
        if how & fcntl.LOCK_EX:
            calls.append(how)
            if len(calls) == 1:
                path.unlink()
                if replaced:
                    path.write_bytes(b"")
        real(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", late)

    with Staging(tmp_path / "audit"), path.open("rb") as again:
        with pytest.raises(BlockingIOError):
            real(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert str(os.getpid()) == path.read_text()
    assert 2 == len(calls)


# --------------------------------------------------------------------------------------------- the audit's folder


def test_the_default_output_is_a_free_name_of_the_time(tmp_path):
    """Names are UTC times; one that exists or is being written is passed over."""
    now = datetime(2026, 11, 22, 12, 0, 0, tzinfo=timezone.utc)

    assert audit_folder.default_output(tmp_path, now) == tmp_path / "2026-11-22T12-00-00Z"
    (tmp_path / "2026-11-22T12-00-00Z").mkdir()
    assert audit_folder.default_output(tmp_path, now) == tmp_path / "2026-11-22T12-00-00Z-2"
    with Staging(tmp_path / "2026-11-22T12-00-00Z-2"):
        assert audit_folder.default_output(tmp_path, now) == tmp_path / "2026-11-22T12-00-00Z-3"
    assert audit_folder.default_output().parent == Path("audits")


def written(path, signer=SIGNER, **changes):
    """An audit's folder of the sample manifest without a list of its files, as before 0.3; returns the payload."""
    with Staging(path) as work:
        payload = audit_folder.write_audit(work, samples.manifest(**changes), signer)
        work.commit()
    (path / "files.dsse.json").unlink(missing_ok=True)
    return payload


def compared(path, payload, signer=SIGNER):
    """The comparison of a folder with what its payload gives."""
    keys = [signer.verifier().public_pem()] if signer else []
    return audit_folder.compare(path, models.read(payload), payload, keys)


def test_a_whole_audit_is_written_and_compares(tmp_path):
    """Envelope, payload, key, report and specifications; each but the envelope is found as the manifest gives it."""
    payload = written(tmp_path / "audit")

    found = [name for name in names(tmp_path / "audit") if (tmp_path / "audit" / name).is_file()]
    assert {"manifest.dsse.json", "manifest.json", "signer.pub", "report.md", ".gitignore"} < set(found)
    assert any(name.startswith("specs/") for name in found)
    assert (tmp_path / "audit" / "manifest.json").read_bytes() == payload
    comparison = compared(tmp_path / "audit", payload)
    assert comparison.files == {name: "same" for name in found if name != "manifest.dsse.json"}
    assert comparison.problems() == []


def test_an_unsigned_audit_has_no_envelope_and_no_key(tmp_path):
    """Without a signer, the folder holds the bare manifest, and says in its report that it is unsigned."""
    payload = written(tmp_path / "audit", signer=None)

    assert not {"manifest.dsse.json", "signer.pub"} & set(names(tmp_path / "audit"))
    assert "UNSIGNED" in (tmp_path / "audit" / "report.md").read_text(encoding="utf-8")
    assert compared(tmp_path / "audit", payload, None).problems() == []


def test_two_audits_of_one_manifest_are_the_same_bytes(tmp_path):
    """Nothing in the folder depends on when or where it was written."""
    written(tmp_path / "one")
    written(tmp_path / "other" / "two")

    for name in names(tmp_path / "one"):
        if (tmp_path / "one" / name).is_file():
            assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / "two" / name).read_bytes(), name


DAMAGES = {
    "a changed report": (
        "report.md",
        lambda path: path.write_bytes(path.read_bytes().replace(b"a", b"b", 1)),
        "differs",
    ),
    "a longer payload": ("manifest.json", lambda path: path.write_bytes(path.read_bytes() + b"\n"), "differs"),
    "another key": (
        "signer.pub",
        lambda path: path.write_bytes(Ed25519Signer.generate().verifier().public_pem()),
        "differs",
    ),
    "a missing report": ("report.md", lambda path: path.unlink(), "missing"),
    "an instruction to git": (".gitignore", lambda path: path.write_bytes(b"!*\n"), "differs"),
    "a missing key": ("signer.pub", lambda path: path.unlink(), "missing"),
    "an extra page": ("report.html", lambda path: path.write_bytes(b"<p>all passed"), "extra"),
    "an extra file below": ("specs/notes", lambda path: path.write_bytes(b"x"), "extra"),
    "a link to the same bytes": (
        "report.md",
        lambda path: (path.rename(path.with_name("r")), path.symlink_to(path.with_name("r"))),
        "differs",
    ),
    "a link of the same length": (
        ".gitignore",
        lambda path: (path.rename(path.with_name("xy")), path.symlink_to("xy")),
        "differs",
    ),
    "a linked folder": ("linked", lambda path: path.symlink_to("/"), "extra"),
    "a pipe": ("report.md", lambda path: (path.unlink(), os.mkfifo(path)), "differs"),
    "a folder": ("report.md", lambda path: (path.unlink(), path.mkdir()), "missing"),
    "a name that attacks the terminal": ("\x1b[31m\n", lambda path: path.write_bytes(b""), "extra"),
    "a name that is not UTF-8": (os.fsdecode(b"\xff"), lambda path: path.write_bytes(b""), "extra"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_each_file_that_is_not_the_manifest_s_is_named(tmp_path, name):
    """A changed, missing, additional or replaced file is found, with its name made harmless."""
    relative, damage, state = DAMAGES[name]
    payload = written(tmp_path / "audit")

    damage(tmp_path / "audit" / relative)

    comparison = compared(tmp_path / "audit", payload)
    assert comparison.files[relative] == state
    told = " ".join(comparison.problems())
    assert ascii(relative) in told
    assert told.isprintable()


def test_what_another_version_rendered_is_not_compared(tmp_path):
    """Its renderings are named as such; the payload, the key and foreign files are still compared."""
    path = tmp_path / "audit"
    payload = written(path, auditor=AuditorInfo(version="0.0.9", payload_sha256="0f" * 32))
    (path / "report.md").write_bytes(b"as version 0.0.9 wrote it")
    (path / "notes.txt").write_bytes(b"")

    comparison = compared(path, payload)

    assert comparison.files["report.md"] == "not compared: written by version 0.0.9"
    assert comparison.files["manifest.json"] == comparison.files["signer.pub"] == "same"
    assert comparison.problems() == ["'notes.txt' does not belong to the audit"]


def test_a_comparison_can_be_written_as_json(tmp_path):
    """Names of any bytes survive in machine output."""
    payload = written(tmp_path / "audit")
    (tmp_path / "audit" / os.fsdecode(b"\xff")).write_bytes(b"")

    assert json.loads(json.dumps(compared(tmp_path / "audit", payload).files))
