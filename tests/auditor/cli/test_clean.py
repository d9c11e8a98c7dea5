"""`auditor clean`: what it recognises, what always stays, and that --delete removes exactly what was listed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import samples
from made_folders import COMMAND, filled, program
from streams import folder_of

from auditor import cli
from auditor.catalogue import cache
from auditor.cleanup import aside
from auditor.factors import factors, own_cache
from auditor.manifest.models import payload_bytes
from auditor.manifest.strict_json import canonical, parse
from auditor.output import audit_folder
from auditor.output.atomic_folder import Staging
from auditor.replay.files.aside import Aside
from auditor.replay.files.places import scope, state_folder
from auditor.replay.files.restore import restore
from auditor.replay.trace.archive import pack
from auditor.signing import envelope
from auditor.signing.ed25519 import Ed25519Signer
from auditor.signing.folder import digest_of

SIGNER = Ed25519Signer.generate()


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A project's folder with empty caches of its own; nothing of this machine's is listed."""
    for name in ("CACHE", "STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    folder = tmp_path / "project"
    (folder / "audits").mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def clean(here, capsys):  # noqa: ARG001 - the folder must be there
    """Run it with --json; gives exit code and document."""

    def cleaned(*options):
        capsys.readouterr()
        code = cli.run(["clean", "--json", *map(str, options)])
        return code, json.loads(capsys.readouterr().out)

    return cleaned


def audited(path, signer=SIGNER, finished="2026-01-02T03:04:05Z"):
    """An audit's folder as `auditor audit` writes it."""
    manifest = samples.manifest()
    run = manifest.predicate.run.model_copy(update={"finished_on": finished})
    manifest = manifest.model_copy(update={"predicate": manifest.predicate.model_copy(update={"run": run})})
    with Staging(path) as staging:
        audit_folder.write_audit(staging, manifest, signer)
        staging.commit()
    return path


def traced(path):
    """One packed trace."""
    path.parent.mkdir(exist_ok=True)
    with folder_of(path.with_suffix(".run"), ("aten::mm", 1, 1)) as trace:
        pack(trace, path, run={"exit_code": 0})
    for one in sorted(path.with_suffix(".run").rglob("*"), reverse=True):
        one.unlink() if one.is_file() else one.rmdir()
    path.with_suffix(".run").rmdir()
    return path


def claim(path, **named):
    """A signed manifest with a claim that names other files by digest."""
    document = parse(payload_bytes(samples.manifest()), "it")
    document["predicate"]["claims"] = [{"metric": "accuracy", **named}]
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(envelope.write(envelope.sign(canonical(document), SIGNER)))


def names(folder):
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def actions(document):
    """Name of each entry to what becomes of it."""
    return {Path(one["path"]).name: one["action"] for one in document["entries"]}


def why(document, name):
    """Why an entry stays."""
    return next(one["why"] for one in document["entries"] if Path(one["path"]).name == name)


def test_nothing_is_told_where_there_is_nothing(here, capsys):
    """No folder of audits is needed."""
    (here / "audits").rmdir()

    assert 0 == cli.run(["clean"])
    assert "Nothing of auditor's was found.\n" == capsys.readouterr().out


def test_it_lists_by_age_and_removes_nothing(here, clean, capsys):
    """The oldest first, with sizes; a second look finds all of it again."""
    audited(here / "audits" / "new", finished="2026-03-01T00:00:00Z")
    audited(here / "audits" / "old", signer=None)
    traced(here / "audits" / "run.trace")
    before = sorted(here.rglob("*"))
    code, document = clean()

    assert 0 == code
    assert ["old", "new", "run.trace"] == [Path(one["path"]).name for one in document["entries"]]
    assert {"remove"} == {*actions(document).values()}
    assert [False, True, False] == [one["signed"] for one in document["entries"]]
    old = here / "audits" / "old"
    assert sum(path.lstat().st_size for path in old.rglob("*") if path.is_file()) == document["entries"][0]["bytes"]
    assert 0 == cli.run(["clean"])
    assert "--delete would remove 3 of 3" in capsys.readouterr().out
    assert before == sorted(here.rglob("*"))


def test_delete_removes_what_was_listed_and_nothing_else(here, clean):
    """What is not auditor's is counted and left, also under a name that ours would have."""
    audited(here / "audits" / "one")
    traced(here / "audits" / "one.traces" / "run-1.trace")
    (here / "audits" / "2026-01-02T03-04-05Z").mkdir()
    (here / "audits" / "2026-01-02T03-04-05Z" / "manifest.json").write_text('{"predicateType": "mine"}')
    (here / "audits" / "thesis.trace").write_text("mine")
    code, document = clean("--delete")

    assert 0 == code
    assert {"one": "removed", "one.traces": "removed"} == actions(document)
    assert 2 == document["others"]
    assert ["2026-01-02T03-04-05Z", "thesis.trace"] == names(here / "audits")


def test_only_what_is_older_is_removed(here, clean):
    """By the time at which an audit finished, not by when its folder was copied."""
    audited(here / "audits" / "old")
    audited(here / "audits" / "new", finished=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600)))
    _, document = clean("--older-than", "2h", "--delete")

    assert {"old": "removed", "new": "keep"} == actions(document)
    assert "it is younger than --older-than" == why(document, "new")


@pytest.mark.usefixtures("here")
def test_a_time_that_is_no_age_is_refused(capsys):
    """It says what to write."""
    assert 2 == cli.run(["clean", "--older-than", "soon"])
    assert "Nothing was removed. Write --older-than 30d" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("table", ["[tool.auditor.baseline]\nmanifest = 'audits/one/manifest.dsse.json'\n", ""])
def test_a_baseline_by_its_path_or_as_a_copy_keeps_the_audit(here, clean, table):
    """The policy names a file in the folder; or a file elsewhere, signed again, holds the same manifest."""
    audited(here / "audits" / "one")
    audited(here / "audits" / "two", finished="2026-01-03T00:00:00Z")
    if table:
        (here / "pyproject.toml").write_text(table)
    else:
        payload = (here / "audits" / "one" / "manifest.json").read_bytes()
        again = envelope.write(envelope.sign(payload, Ed25519Signer.generate()))
        (here / "auditor-baseline.dsse.json").write_bytes(again)
    _, document = clean("--delete")

    assert {"one": "keep", "two": "removed"} == actions(document)
    assert "the baseline " in why(document, "one")


@pytest.mark.parametrize("content", [b"", b"{}", b'{"payload": "AA=="}'])
def test_a_baseline_that_cannot_be_read_stops_everything(here, capsys, content):
    """It must not look as if it referred to nothing."""
    audited(here / "audits" / "one")
    (here / "auditor-baseline.dsse.json").write_bytes(content)

    assert 5 == cli.run(["clean", "--delete"])
    assert "the baseline, cannot be read" in " ".join(capsys.readouterr().err.split())
    assert (here / "audits" / "one").is_dir()


def test_a_policy_that_is_invalid_stops_everything(here):
    """Its baseline is not known."""
    audited(here / "audits" / "one")
    (here / "auditor.toml").write_text("nonsense = 1\n")

    assert 2 == cli.run(["clean", "--delete"])
    assert (here / "audits" / "one").is_dir()


def test_claims_keep_what_they_name_and_themselves(here, clean):
    """An audit by the digest of its manifest, traces by that of a trace; what no claim names goes."""
    audit, trace = audited(here / "audits" / "one"), traced(here / "audits" / "one.traces" / "run-1.trace")
    digest = digest_of(audit / "manifest.json")[0]
    claim(here / "paper" / "manifest.dsse.json", audit=digest, trace=digest_of(trace)[0])
    audited(here / "audits" / "two", finished="2026-01-03T00:00:00Z")
    (here / "audits" / "mine").mkdir()
    claim(here / "audits" / "mine" / "manifest.dsse.json")
    _, document = clean("--delete")

    assert {"one": "keep", "two": "removed", "mine": "keep", "one.traces": "keep"} == actions(document)
    assert "the claim in paper/manifest.dsse.json refers to it" == why(document, "one")
    assert "the claim in mine/manifest.dsse.json lies in it" == why(document, "mine")


@pytest.mark.parametrize("signer", [SIGNER, None])
@pytest.mark.parametrize("name", ["notes.txt", "report.docx", "specs/thesis.tex", "specs/Dockerfile"])
def test_a_folder_with_somebody_elses_file_stays(here, clean, signer, name):
    """Also one whose file was changed since it was signed; without a list of files only new ones can be told."""
    audited(here / "audits" / "one", signer)
    (here / "audits" / "one" / name).write_text("mine")
    _, document = clean("--delete")
    stays = signer is not None or name != "specs/Dockerfile"

    assert {"one": "keep" if stays else "removed"} == actions(document)
    if stays:
        assert f"it holds {name}, which" in why(document, "one")


def test_links_are_never_followed(here, clean, tmp_path):
    """Neither a link to an audit, nor one in it, nor one in place of the caches."""
    outside = audited(tmp_path / "outside")
    (here / "audits" / "link").symlink_to(outside)
    audited(here / "audits" / "one")
    (here / "audits" / "one" / "specs" / "more").symlink_to(outside, target_is_directory=True)
    own_cache.tag(tmp_path / "elsewhere")
    (tmp_path / "cache" / "auditor").mkdir(parents=True)
    (tmp_path / "cache" / "auditor" / "compile").symlink_to(tmp_path / "elsewhere")
    _, document = clean("--delete")

    assert {"one": "keep", "compile": "keep"} == actions(document)
    assert "it holds specs/more" in why(document, "one")
    assert "it is a link" in why(document, "compile")
    assert (outside / "manifest.json").exists()
    assert (tmp_path / "elsewhere" / own_cache.TAG_NAME).exists()


def test_what_is_put_in_the_place_of_an_entry_is_put_back(here):
    """Between looking and removing, another folder came there."""
    audited(here / "audits" / "one")
    looked = aside.Entry("audit", here / "audits" / "one", (0, 0), 0, 0, None)

    with pytest.raises(aside.OutputError, match="was replaced"):
        aside.remove(looked)
    assert ["one"] == names(here / "audits")
    assert (here / "audits" / "one" / "manifest.json").exists()


def test_what_an_interrupted_removal_left_is_found_and_removed(here, monkeypatch):
    """Told by its marker; the same name without one is somebody else's."""
    audited(here / "audits" / "one")
    real = aside.shutil.rmtree
    monkeypatch.setattr(aside.shutil, "rmtree", _interrupted)
    interrupted = cli.run(["clean", "--delete"])
    monkeypatch.setattr(aside.shutil, "rmtree", real)
    (here / "audits" / f"{aside.PREFIX}mine").mkdir()
    left = [name for name in names(here / "audits") if not name.endswith("mine")]
    code = cli.run(["clean", "--delete", "--kind", "unfinished"])

    assert [130, 0] == [interrupted, code]
    assert 1 == len(left)
    assert [f"{aside.PREFIX}mine"] == names(here / "audits")


def _interrupted(_path):
    raise KeyboardInterrupt


def test_what_cannot_be_removed_is_told_and_hinders_nothing_else(here, clean, monkeypatch):
    """Exit code 5; what is left of it is found by the next look."""
    audited(here / "audits" / "one")
    audited(here / "audits" / "two", finished="2026-02-01T00:00:00Z")
    real = aside.shutil.rmtree
    failures = iter([OSError(5, "Input/output error")])

    def failing(path):
        for problem in failures:
            raise problem
        real(path)

    monkeypatch.setattr(aside.shutil, "rmtree", failing)
    code, document = clean("--delete")
    _, again = clean("--delete")

    assert 5 == code
    assert {"one": "failed", "two": "removed"} == actions(document)
    assert "Input/output error" in why(document, "one")
    assert [("unfinished", "removed")] == [(one["kind"], one["action"]) for one in again["entries"]]
    assert [] == names(here / "audits")


def test_the_folder_of_one_audit_is_refused(here, capsys):
    """Its parts are no audits."""
    audited(here / "audits" / "one")

    assert 2 == cli.run(["clean", "--delete", "audits/one"])
    assert "Name the folder around audits" in capsys.readouterr().err


def test_the_working_folder_stays(here, clean, monkeypatch):
    """Who works in an audit's folder would lose the ground."""
    audited(here / "audits" / "one")
    monkeypatch.chdir(here / "audits" / "one")
    _, document = clean("--delete", here / "audits")

    assert {"one": "keep"} == actions(document)


def test_caches_are_recognised_by_what_they_hold(clean, tmp_path):
    """The catalogue's files by name and beginning, compiled code by its tag; other files stay."""
    for name, text in (("ab" * 32, '{"checks":[],"groups":[]}'), ("cd" * 32, "mine")):
        cache.write(cache.place(name, "facts"), text.encode())
    factors.environment({"compile-cache": "own"}, dict(os.environ), tmp_path)
    compiled = tmp_path / "cache" / "auditor" / "compile"
    (compiled / "jax").mkdir()
    (compiled / "jax" / "code").write_bytes(b"x" * 1000)
    _, document = clean("--delete")

    assert ["removed", "removed"] == [*actions(document).values()]
    assert not compiled.exists()
    assert "mine" == cache.place("cd" * 32, "facts").read_text()
    assert not cache.place("ab" * 32, "facts").exists()


def test_a_compile_cache_without_our_tag_or_in_use_stays(clean, tmp_path):
    """Another program's folder of that name; and one into which a process compiles now."""
    compiled = tmp_path / "cache" / "auditor" / "compile"
    compiled.mkdir(parents=True)
    (compiled / own_cache.TAG_NAME).write_bytes(own_cache.TAG.splitlines()[0])
    _, untagged = clean("--delete")
    own_cache.tag(compiled)
    environment = factors.environment({"compile-cache": "own"}, dict(os.environ), tmp_path)
    waits = [sys.executable, "-c", "print(flush=True); input()"]
    with subprocess.Popen(waits, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        _, used = clean("--delete")
        process.communicate(b"\n")

    assert "it has no tag of ours" in why(untagged, "compile")
    assert f"process {process.pid} compiles into it now" in why(used, "compile")
    assert {"compile": "removed"} == actions(clean("--delete")[1])


def replay_that_is_killed(folder):
    """A child that sets the files of a folder aside for a run, and is killed in it."""
    ready, told = os.pipe()
    child = os.fork()
    if child == 0:
        with Aside(scope(COMMAND, str(folder)), lambda _text: None, 1 << 30) as files:
            files.before(1, Path("/no/such/run"))
            program(folder)
            os.write(told, b"x")
            time.sleep(600)
        os._exit(0)
    os.read(ready, 1)
    return child


def test_copies_of_a_replay_that_did_not_end_are_never_removed(here, clean):
    """Neither while it runs nor after it was killed; once restored there is nothing left to remove."""
    filled(here / "work")
    child = replay_that_is_killed(here / "work")
    _, running = clean("--delete", "--older-than", "0m")
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    _, killed = clean("--delete", "--older-than", "0m")
    restored = restore(str(here / "work"), lambda _marker: ())

    for document in (running, killed):
        assert ["keep"] == [*actions(document).values()]
        assert "`auditor replay --restore` there first" in document["entries"][0]["why"]
    assert "restored:" in restored[0]
    assert "before\n" == (here / "work" / "log.csv").read_text()
    assert [] == [one for one in clean()[1]["entries"] if "--restore" in one["why"]]


def test_of_the_rest_that_replays_left_only_incomplete_copies_go(clean):
    """Files that could be neither put back nor deleted are the user's; an unreadable journal may tell of more."""
    state = state_folder()
    for name in ("0123456789abcdef", "kept", "other", "damaged"):
        path = state / (f".auditor-replay-kept-{name}" if name == "kept" else name)
        (path / ("mine" if name == "other" else "files")).mkdir(parents=True)
    (state / "damaged" / "journal.jsonl").write_text('{"step": "begin", "format": 1}\n')
    _, document = clean("--delete")

    assert {
        "0123456789abcdef": "removed",
        ".auditor-replay-kept-kept": "keep",
        "damaged": "keep",
    } == actions(document)
    assert "so they are yours" in why(document, ".auditor-replay-kept-kept")
    assert (state / "other" / "mine").is_dir()


def test_the_text_fits_and_hostile_names_are_inert(here, capsys):
    """80 columns but for paths, which are not broken; no name forges a line."""
    audited(here / "audits" / "one\nremove all\x1b[31m")
    cli.run(["clean"])
    out = capsys.readouterr().out

    assert all(line.isprintable() for line in out.split("\n"))
    assert "audits/one\\nremove" in out
