"""A folder is what was signed: its list of files decides, whatever version wrote it and however it was copied."""

import json
import os
import shutil
import subprocess
import tarfile
import zipfile
from hashlib import sha256

import pytest
import samples

from auditor import cli
from auditor.manifest.models import AuditorInfo
from auditor.output import audit_folder
from auditor.output.atomic_folder import Staging
from auditor.signing import envelope, file_list, local
from auditor.signing.ed25519 import Ed25519Signer

SIGNER = Ed25519Signer.generate()
OTHER_VERSION = {"auditor": AuditorInfo(version="9.9.9", payload_sha256="0f" * 32)}


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A working folder with the audit of another version in `audit`, and the key that signed it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    written(tmp_path / "work" / "audit", **OTHER_VERSION)
    (tmp_path / "work" / "key.pub").write_bytes(SIGNER.verifier().public_pem())
    (tmp_path / "work" / "key.pem").write_bytes(SIGNER.private_pem())
    return tmp_path / "work"


def written(path, signer=SIGNER, **changes):
    """A written audit's folder."""
    with Staging(path) as work:
        audit_folder.write_audit(work, samples.manifest(**changes), signer)
        return work.commit()


@pytest.fixture
def run(capsys):
    """Run a command line; gives (exit code, stdout, stderr)."""

    def called(*arguments):
        capsys.readouterr()
        code = cli.run([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return called


@pytest.fixture
def verified(run):
    """Exit code and JSON of `verify` with the key that signed."""

    def called(path, *more):
        code, out, _ = run("verify", path, "--key", "key.pub", "--json", *more)
        return code, json.loads(out)

    return called


def test_the_folder_of_another_version_verifies_by_its_list(verified, run):
    """No file is left out of the comparison; nothing is rendered; the text says against what it was compared."""
    code, found = verified("audit")

    assert (code, found["filesListed"], set(found["files"].values())) == (0, True, {"same"})
    assert {"report.md", "manifest.json", "signer.pub", "specs/Dockerfile"} < set(found["files"])
    assert (
        f"{len(found['files'])} of {len(found['files'])} match the signed list"
        in run("verify", "audit", "--key", "key.pub")[1]
    )


def test_the_edited_report_of_another_version_is_refused(place, verified):
    """The fault that a comparison by rendering cannot see."""
    path = place / "audit" / "report.md"
    path.write_bytes(path.read_bytes().replace(b"fail", b"pass"))

    code, found = verified("audit")

    assert (code, found["verdict"], found["files"]["report.md"]) == (4, "refused", "differs")


def test_every_file_of_the_folder_is_in_the_list(place, verified):
    """Each file, edited by one byte, removed, or replaced by a link to itself: exit 4, with its name and state."""
    for path in sorted(one for one in (place / "audit").rglob("*") if one.is_file()):
        name = path.relative_to(place / "audit").as_posix()
        if name in {".gitignore", "manifest.dsse.json", "files.dsse.json"}:
            continue
        data = path.read_bytes()
        for state in ("differs", "missing", "link"):
            path.unlink()
            if state == "differs":
                path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
            elif state == "link":
                (place / "copy").write_bytes(data)
                path.symlink_to(place / "copy")

            code, found = verified("audit")

            assert (code, found["files"][name]) == (4, "differs" if state == "link" else state), name
            assert any(problem.startswith(f"'{name}'") for problem in found["problems"])
            path.unlink(missing_ok=True)
            path.write_bytes(data)
    assert verified("audit")[0] == 0


@pytest.mark.parametrize(
    "name", ["report.html", "specs/notes", ".hidden", ".devcontainer/devcontainer.json", ".git/config"]
)
def test_an_added_file_is_refused_and_named(place, verified, name):
    """Also a hidden one, which an editor or git would act upon."""
    (place / "audit" / name).parent.mkdir(exist_ok=True)
    (place / "audit" / name).write_bytes(b"<p>all passed</p>")

    code, found = verified("audit")

    assert (code, found["files"][name]) == (4, "extra")


def test_links_and_pipes_are_never_followed(place, verified):
    """A link to a folder, a dangling link and a pipe are extra files; verifying neither reads nor waits for them."""
    (place / "audit" / "linked").symlink_to("/")
    (place / "audit" / "dangling").symlink_to("nowhere")
    os.mkfifo(place / "audit" / "pipe")

    code, found = verified("audit")

    assert (code, {found["files"][name] for name in ("linked", "dangling", "pipe")}) == (4, {"extra"})
    assert not any("/" in name and name.startswith("linked") for name in found["files"])


def test_litter_of_operating_systems_is_ignored_and_said(place, verified, run):
    """A folder that was opened on a Mac or in Windows, or unzipped there, is still what was signed."""
    litter = [".DS_Store", "specs/.DS_Store", "Thumbs.db", "desktop.ini", "._report.md", "__MACOSX/._report.md"]
    for name in litter:
        (place / "audit" / name).parent.mkdir(exist_ok=True)
        (place / "audit" / name).write_bytes(b"\0")

    code, found = verified("audit")

    assert (code, found["verdict"]) == (0, "trusted")
    assert {found["files"][name] for name in litter} == {"ignored: made by an operating system"}
    text = run("verify", "audit", "--key", "key.pub")[1]
    assert "'specs/.DS_Store': ignored: made by an operating system" in text


def test_the_list_cannot_be_taken_away(place, verified):
    """Without it, the files of another version would not be compared: the manifest says that there is one."""
    (place / "audit" / "files.dsse.json").unlink()

    code, found = verified("audit")

    assert (code, found["verdict"]) == (4, "refused")
    assert "files.dsse.json" in found["problems"][0]
    assert verified("audit/manifest.dsse.json")[0] == 0


def test_a_list_that_another_key_signed_is_refused(place, verified):
    """A trusted manifest does not make the list of a stranger trusted, nor does the stranger's key beside it."""
    stranger = Ed25519Signer.generate()
    (place / "audit" / "report.md").write_bytes(b"all passed\n")
    payload = (place / "audit" / "manifest.json").read_bytes()
    names = [name for name in verified("audit")[1]["files"] if name != "signer.pub"]
    files = {name: (place / "audit" / name).read_bytes() for name in names}
    files["signer.pub"] = stranger.verifier().public_pem()
    (place / "audit" / "signer.pub").write_bytes(files["signer.pub"])
    forged = envelope.write(envelope.sign(file_list.payload(files, payload, "9.9.9"), stranger))
    (place / "audit" / "files.dsse.json").write_bytes(forged)

    code, found = verified("audit")

    assert (code, found["verdict"]) == (4, "refused")
    assert "does not verify" in found["problems"][0]


def test_the_list_of_another_audit_is_refused(place, verified):
    """An old folder's files and list under a new manifest of the same signer."""
    written(place / "old", auditor=AuditorInfo(version="9.9.8", payload_sha256="0f" * 32))
    shutil.copy(place / "old" / "files.dsse.json", place / "audit" / "files.dsse.json")
    shutil.copy(place / "old" / "report.md", place / "audit" / "report.md")

    code, found = verified("audit")

    assert (code, "belongs to another manifest" in found["problems"][0]) == (4, True)


def test_a_manifest_in_place_of_the_list_is_refused(place, verified, run):
    """Both are genuine envelopes of one signer and one payload type; what they state differs, and so do their uses."""
    shutil.copy(place / "audit" / "manifest.dsse.json", place / "audit" / "files.dsse.json")
    assert verified("audit")[0] == 4

    shutil.rmtree(place / "audit")
    written(place / "audit")
    shutil.copy(place / "audit" / "files.dsse.json", place / "list.json")
    shutil.copy(place / "audit" / "files.dsse.json", place / "audit" / "manifest.dsse.json")
    assert verified("audit")[0] == 4
    assert verified("list.json")[0] == 4
    assert run("compare", "list.json", "list.json", "--key", "key.pub")[0] != 0


def test_without_a_list_the_files_are_rendered_again_and_the_answer_says_so(place, run):
    """A folder that an earlier version wrote: same version, compared; another, not compared, in words."""
    for name, changes in (("same", {}), ("other", OTHER_VERSION)):
        path = place / name
        with Staging(path) as work:
            manifest = samples.manifest(**changes)
            payload = audit_folder.payload_bytes(manifest)
            work.write("manifest.dsse.json", envelope.write(envelope.sign(payload, SIGNER)))
            work.write("manifest.json", payload)
            work.write("signer.pub", SIGNER.verifier().public_pem())
            for relative, data in audit_folder.rendered(manifest, payload).items():
                work.write(relative, data)
            work.commit()

    code, out, _ = run("verify", "same", "--key", "key.pub")
    assert (code, "there is no signed list, so they were rendered again" in out) == (0, True)
    code, out, _ = run("verify", "other", "--key", "key.pub")
    assert (code, "'report.md': not compared: written by version 9.9.9" in out) == (0, True)


# ----------------------------------------------------------------------------------------------------------- copies


def test_a_copy_without_hidden_files_verifies(place, verified):
    """What `actions/upload-artifact` leaves out by default is no part of what was signed."""
    hidden = [path for path in (place / "audit").rglob("*") if path.name.startswith(".")]
    assert [".gitignore"] == [path.name for path in hidden]
    for path in hidden:
        path.unlink()

    assert verified("audit")[0] == 0


@pytest.mark.parametrize("form", ["zip", "tar", "gztar"])
def test_a_copy_through_an_archive_verifies(place, verified, form):
    """Of Python's standard library, with the permissions and times that it loses."""
    made = shutil.make_archive(str(place / "packed"), form, place / "audit")
    with zipfile.ZipFile(made) if form == "zip" else tarfile.open(made) as opened:
        opened.extractall(place / "copy")

    assert verified("copy")[0] == 0


def git(*words):
    """Run git, without the user's settings."""
    env = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run(["git", *identity, *words], check=True, capture_output=True, env=env)


def test_a_checkout_verifies_or_says_that_line_endings_changed(place, verified):
    """Committed and checked out, the folder verifies; with autocrlf each changed file is named with the cause."""
    (place / "repository").mkdir()
    git("-C", "repository", "init", "-q")
    shutil.copytree(place / "audit", place / "repository" / "audit", ignore=shutil.ignore_patterns(".gitignore"))
    git("-C", "repository", "add", "-A")
    git("-C", "repository", "commit", "-qm", "audit")
    git("clone", "-q", "repository", "plain")
    git("clone", "-q", "-c", "core.autocrlf=true", "repository", "windows")

    assert verified("plain/audit")[0] == 0
    code, found = verified("windows/audit")

    assert code == 4
    changed = {name for name, state in found["files"].items() if state == "differs"}
    assert "report.md" in changed
    assert "manifest.json" not in changed, "it holds no line ending"
    assert len(found["problems"]) == len(changed)
    assert all("only its line endings were changed" in problem for problem in found["problems"])


def test_a_missing_file_is_told_with_its_length_and_digest(place, verified):
    """Whoever has the bytes can tell that they are the right ones."""
    data = (place / "audit" / "report.md").read_bytes()
    (place / "audit" / "report.md").unlink()

    told = verified("audit")[1]["problems"]

    assert [f"'report.md' is missing: {len(data)} bytes, sha256 {sha256(data).hexdigest()}"] == told


# ------------------------------------------------------------------------------------------- what writes afterwards


def test_a_specification_is_not_written_into_a_signed_folder(place, run, verified):
    """Without a key it is refused, and nothing is written; with one, the list is signed anew and verifies."""
    before = {path: path.read_bytes() for path in (place / "audit").rglob("*") if path.is_file()}

    code, _, err = run("container", "write", "audit", "-o", "audit/specs", "--force", "--key", "key.pub")

    assert (code, "files were signed" in err, "--sign-with" in err) == (5, True, True)
    assert before == {path: path.read_bytes() for path in (place / "audit").rglob("*") if path.is_file()}

    base = "debian@sha256:" + "0" * 64
    more = ("--force", "--key", "key.pub", "--sign-with", "key.pem", "--base", base)
    assert run("container", "write", "audit", "-o", "audit/specs", *more)[0] == 0
    code, found = verified("audit")
    assert (code, found["files"]["specs/Dockerfile"]) == (0, "same")
    assert base.encode() in (place / "audit" / "specs" / "Dockerfile").read_bytes()
    assert not any(path.name == ".devcontainer" for path in (place / "audit").rglob("*"))
    assert run("container", "write", "audit", "-o", "audit/more", *more)[0] == 0
    assert verified("audit")[1]["files"]["more/Dockerfile"] == "same"


def test_a_changed_folder_is_not_signed_anew(place, run, verified):
    """A new list would vouch for what somebody changed before."""
    (place / "audit" / "report.md").write_bytes(b"all passed\n")

    code, _, err = run(
        *("container", "write", "audit", "-o", "audit/more", "--key", "key.pub", "--sign-with", "key.pem")
    )

    assert (code, "report.md" in err, (place / "audit" / "more").exists()) == (4, True, False)
    assert run("sign", "audit", "--key", "key.pem")[0] == 4
    assert verified("audit")[0] == 4


def test_sign_with_is_for_signed_folders_only(place, run):
    """Elsewhere there is no list to sign."""
    code, _, err = run("container", "write", "audit", "-o", "specs", "--sign-with", "key.pem")

    assert (code, "nothing to sign" in err, (place / "specs").exists()) == (2, True, False)


@pytest.mark.parametrize(
    "words",
    [("keygen", "-o", "audit/mine"), ("sign", "audit/manifest.dsse.json", "--key", "key.pem", "-o", "audit/x.json")],
)
def test_nothing_else_is_written_into_a_signed_folder(run, verified, words):
    """Neither a private key nor another envelope."""
    assert run(*words)[0] == 5
    assert verified("audit")[0] == 0


def test_an_audit_is_not_written_into_a_signed_folder(place):
    """Refused before anything is measured."""
    from auditor.errors import OutputError

    with pytest.raises(OutputError, match="were signed"), Staging(place / "audit" / "inner"):
        pytest.fail("entered")
    with Staging(place / "beside") as work:
        work.commit()


def test_a_build_in_a_signed_folder_logs_beside_it(place):
    """The log of `container build audit` would be a file that was not signed."""
    from auditor.cli.container import build
    from auditor.errors import OutputError

    assert build._log(place / "audit" / "specs", None) == place / "audit.build.log"
    assert build._log(place, None) == place / "build.log"
    with pytest.raises(OutputError, match="were signed"):
        build._log(place / "audit" / "specs", place / "audit" / "specs" / "log")


# ------------------------------------------------------------------------------------------------------ signing folders


def test_a_folder_is_signed_with_its_list(place, run, verified):
    """`sign DIR` adds to both envelopes; the new key alone is then enough, as is the old one."""
    other = Ed25519Signer.generate()
    (place / "other.pem").write_bytes(other.private_pem())
    (place / "other.pub").write_bytes(other.verifier().public_pem())

    assert run("sign", "audit", "--key", "other.pem")[0] == 0

    for name in ("manifest.dsse.json", "files.dsse.json"):
        assert 2 == len(envelope.read((place / "audit" / name).read_bytes()).signatures)
    assert run("verify", "audit", "--key", "other.pub")[0] == 0
    assert verified("audit")[0] == 0
    assert run("verify", "audit", "--key", "other.pub", "--key", "key.pub", "--strict")[0] == 0


def test_an_unsigned_folder_becomes_a_signed_one(place, run, verified):
    """`sign DIR` renders the files that said UNSIGNED again, and lists them."""
    written(place / "bare", signer=None)
    assert b"UNSIGNED" in (place / "bare" / "report.md").read_bytes()

    assert run("sign", "bare", "--key", "key.pem")[0] == 0

    code, found = verified("bare")
    assert (code, found["filesListed"], found["verdict"]) == (0, True, "trusted")
    assert b"UNSIGNED" not in (place / "bare" / "report.md").read_bytes()


def test_a_changed_unsigned_folder_is_not_signed(place, run):
    """Nothing is written, neither envelope nor list."""
    written(place / "bare", signer=None)
    (place / "bare" / "report.md").write_bytes(b"all passed")

    assert run("sign", "bare", "--key", "key.pem")[0] == 4
    assert not list((place / "bare").glob("*.dsse.json"))


def test_the_machine_s_own_key_signs_lists_too(place, run):
    """An audit without --key verifies on its machine, as a whole."""
    written(place / "own", local.identity())

    code, out, _ = run("verify", "own")

    assert (code, "this machine's own key" in out, "match the signed list" in out) == (0, True, True)
