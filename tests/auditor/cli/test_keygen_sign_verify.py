"""The three commands together: exit codes, what is printed, and what is never overwritten."""

import hashlib
import importlib
import json
import os
import stat
import subprocess
import sys

import pytest
import samples

from auditor import cli
from auditor.manifest import models
from auditor.output import audit_folder
from auditor.output.atomic_folder import Staging
from auditor.signing import envelope, local
from auditor.signing.ed25519 import Ed25519Signer, load_signer
from auditor.signing.pem import PASSPHRASE_VARIABLE

NOBODY_UID = 65534
PAYLOAD = models.payload_bytes(samples.manifest())


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A working folder and a configuration folder of each test's own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv(PASSPHRASE_VARIABLE, raising=False)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


@pytest.fixture
def run(capsys):
    """Run a command line; gives (exit code, stdout, stderr)."""

    def called(*arguments):
        capsys.readouterr()
        code = cli.run([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return called


def audit(path, signer, **changes):
    """A written audit's folder."""
    with Staging(path) as work:
        audit_folder.write_audit(work, samples.manifest(**changes), signer)
        return work.commit()


def answer(run, *arguments):
    """Exit code and parsed JSON of `verify --json`; nothing else may be on stdout."""
    code, out, _ = run("verify", "--json", *arguments)
    assert out.count("\n") == 1
    return code, json.loads(out)


# -------------------------------------------------------------------------------------------------------- keygen


def test_keygen_makes_a_private_and_a_public_file(place, run):
    """NAME.pem with mode 0600, NAME.pub readable; the key id alone is on stdout."""
    code, out, err = run("keygen", "-o", "release")

    assert code == 0
    assert out.strip() == load_signer(place / "release.pem").keyid
    assert stat.S_IMODE((place / "release.pem").stat().st_mode) == 0o600
    assert (place / "release.pub").read_bytes() == load_signer(place / "release.pem").verifier().public_pem()
    assert "not encrypted" in err


def test_keygen_encrypts_under_a_passphrase(place, run, monkeypatch):
    """With a passphrase in the environment, the private key is written encrypted."""
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "secret")

    code, out, err = run("keygen", "-o", "release")

    assert (code, "not encrypted" in err) == (0, False)
    assert b"ENCRYPTED" in (place / "release.pem").read_bytes()
    assert load_signer(place / "release.pem").keyid == out.strip()


@pytest.mark.parametrize("existing", ["release.pem", "release.pub"])
def test_keygen_overwrites_nothing(place, run, existing):
    """Either file being there refuses both."""
    (place / existing).write_bytes(b"mine")

    code, out, err = run("keygen", "-o", "release")

    assert (code, out) == (5, "")
    assert "ever overwritten" in err
    assert [(path.name, path.read_bytes()) for path in place.iterdir()] == [(existing, b"mine")]


def test_keygen_into_a_missing_folder_is_a_clear_error(run):
    """The folder must exist; nothing is made."""
    code, _, err = run("keygen", "-o", "none/release")

    assert code == 5
    assert "No key was made" in err


# --------------------------------------------------------------------------------------------------------- sign


def test_a_bare_manifest_is_wrapped(place, run):
    """`sign manifest.json` writes the envelope and the public key beside it, and the folder then verifies."""
    run("keygen", "-o", "release")
    (place / "manifest.json").write_bytes(PAYLOAD)

    code, out, _ = run("sign", "manifest.json", "--key", "release.pem")

    keyid = load_signer(place / "release.pem").keyid
    assert (code, out.strip()) == (0, keyid)
    assert (place / "manifest.json").read_bytes() == PAYLOAD
    assert (place / "signer.pub").read_bytes() == (place / "release.pub").read_bytes()
    code, found = answer(run, "manifest.dsse.json", "--key", "release.pub")
    assert (code, found["verdict"], found["keyid"]) == (0, "trusted", keyid)


def test_a_second_signature_keeps_the_first(place, run):
    """An envelope gets one more signature in place; both signers are then able to vouch."""
    for name in ("a", "b"):
        run("keygen", "-o", name)
    (place / "manifest.json").write_bytes(PAYLOAD)
    run("sign", "manifest.json", "--key", "a.pem")

    assert run("sign", "manifest.dsse.json", "--key", "b.pem")[0] == 0

    assert len(envelope.read((place / "manifest.dsse.json").read_bytes()).signatures) == 2
    for name in ("a.pub", "b.pub"):
        assert run("verify", "manifest.dsse.json", "--key", name)[0] == 0
    assert run("verify", "manifest.dsse.json", "--key", "a.pub", "--strict")[0] == 4
    assert run("verify", "manifest.dsse.json", "--key", "a.pub", "--key", "b.pub", "--strict")[0] == 0


def test_an_audit_s_folder_is_signed_as_a_whole(place, run):
    """Naming the folder adds to its envelope, and the folder still verifies under either key."""
    first = Ed25519Signer.generate()
    audit(place / "audit", first)
    run("keygen", "-o", "b")

    assert run("sign", "audit", "--key", "b.pem")[0] == 0
    code, found = answer(run, "audit", "--key", "b.pub")

    assert (code, found["problems"]) == (0, [])
    assert len(found["keyids"]) == 2


def test_signing_destroys_nothing(place, run):
    """An existing output, or an envelope beside a bare manifest, is kept; `-o` leaves the source as it was."""
    run("keygen", "-o", "a")
    (place / "manifest.json").write_bytes(PAYLOAD)
    (place / "manifest.dsse.json").write_bytes(b"mine")

    code, _, err = run("sign", "manifest.json", "--key", "a.pem")
    assert (code, "never overwritten" in err) == (5, True)
    assert (place / "manifest.dsse.json").read_bytes() == b"mine"

    assert run("sign", "manifest.json", "--key", "a.pem", "-o", "new.json")[0] == 0
    before = (place / "new.json").read_bytes()
    run("keygen", "-o", "b")
    assert run("sign", "new.json", "--key", "b.pem", "-o", "newer.json")[0] == 0
    assert run("sign", "new.json", "--key", "b.pem", "-o", "newer.json")[0] == 5
    assert (place / "new.json").read_bytes() == before


def test_what_is_not_sound_is_not_signed(place, run):
    """A damaged manifest, one whose subjects are not its facts', and a public key are refused; nothing is written."""
    run("keygen", "-o", "a")
    lying = json.loads(PAYLOAD)
    lying["subject"][0]["digest"]["sha256"] = "0" * 64
    for content, told in (
        (PAYLOAD[:-1], "truncated"),
        (json.dumps(lying).encode(), "is inconsistent"),
        (PAYLOAD.replace(b'"pass"', b'"PASS"'), "shape"),
    ):
        (place / "manifest.json").write_bytes(content)
        code, _, err = run("sign", "manifest.json", "--key", "a.pem")
        assert (code, told in err) == (5, True), err
    (place / "manifest.json").write_bytes(PAYLOAD)
    assert run("sign", "manifest.json", "--key", "a.pub")[0] == 5
    assert run("sign", "manifest.json")[0] == 2
    assert sorted(path.name for path in place.iterdir()) == ["a.pem", "a.pub", "manifest.json"]


def test_a_pretty_printed_manifest_is_signed_in_canonical_form(place, run):
    """The signed bytes are canonical, whatever the file's white space was."""
    run("keygen", "-o", "a")
    (place / "manifest.json").write_bytes(json.dumps(json.loads(PAYLOAD), indent=2).encode())

    run("sign", "manifest.json", "--key", "a.pem")

    assert envelope.read((place / "manifest.dsse.json").read_bytes()).payload == PAYLOAD


# -------------------------------------------------------------------------------------------------------- verify


def test_a_folder_of_this_machine_verifies_by_its_own_key(place, run):
    """The local identity counts, and is printed as what it is."""
    audit(place / "audit", local.identity())

    code, out, _ = run("verify", "audit")

    assert code == 0
    assert "this machine's own key" in out
    assert answer(run, "audit")[1] == {
        "verdict": "trusted",
        "trusted": True,
        "keyid": local.identity().keyid,
        "keyids": [local.identity().keyid],
        "trustedBy": "this machine's own key",
        "signers": [local.identity().keyid],
        "payloadSha256": hashlib.sha256((place / "audit" / "manifest.json").read_bytes()).hexdigest(),
        "subjects": {"ok": True, "problems": []},
        "files": answer(run, "audit")[1]["files"],
        "filesListed": True,
        "timestamps": [],
        "problems": [],
    }


def test_named_signers_replace_the_machine_s_own_key(place, run):
    """Who names a signer gets no audit of this machine accepted instead: the audited code could have made it."""
    audit(place / "audit", local.identity())
    run("keygen", "-o", "a")

    assert run("verify", "audit", "--key", "a.pub")[0] == 4
    (place / "trust").write_text("a.pub\n")
    assert run("verify", "audit", "--trust", "trust")[0] == 4


def test_an_untrusted_folder_is_intact_and_exits_4(place, run):
    """Anyone could have made both; with --integrity-only that is enough."""
    audit(place / "audit", Ed25519Signer.generate())

    code, out, _ = run("verify", "audit")

    assert code == 4
    assert "anyone could have made both" in out
    code, found = answer(run, "audit", "--integrity-only")
    assert (code, found["verdict"], found["trusted"]) == (0, "intact", False)


def test_a_trust_file_makes_it_trusted(place, run):
    """A PEM file works as a trust file, and its name is the reason."""
    signer = Ed25519Signer.generate()
    audit(place / "audit", signer)
    (place / "trust.pem").write_bytes(signer.verifier().public_pem())

    code, found = answer(run, "audit", "--trust", "trust.pem")

    assert (code, found["trustedBy"]) == (0, "trust file trust.pem, key 1")


def test_a_bare_manifest_is_unsigned_and_exits_4(place, run):
    """Also under --integrity-only, since nothing vouches for its integrity."""
    (place / "manifest.json").write_bytes(PAYLOAD)

    code, out, _ = run("verify", "manifest.json", "--integrity-only")

    assert (code, out.startswith("UNSIGNED")) == (4, True)
    assert answer(run, "manifest.json")[1]["verdict"] == "unsigned"


def test_an_unsigned_folder_is_compared_all_the_same(place, run):
    """A folder made with --no-sign is UNSIGNED; a changed report in it is named."""
    audit(place / "audit", None)
    assert answer(run, "audit")[1]["verdict"] == "unsigned"

    (place / "audit" / "report.md").write_bytes(b"all passed")
    code, found = answer(run, "audit")

    assert (code, found["verdict"], found["files"]["report.md"]) == (4, "refused", "differs")


@pytest.mark.parametrize("relative", ["report.md", "manifest.json", "signer.pub", "specs/Dockerfile", ".gitignore"])
def test_a_changed_file_of_a_folder_is_refused_and_named(place, run, relative):
    """Each file that was rendered is compared; the envelope alone would still verify."""
    signer = Ed25519Signer.generate()
    audit(place / "audit", signer)
    (place / "key.pub").write_bytes(signer.verifier().public_pem())
    path = place / "audit" / relative
    path.write_bytes(path.read_bytes() + b"\n")

    code, found = answer(run, "audit", "--key", "key.pub")
    text = run("verify", "audit", "--key", "key.pub")[1]

    assert (code, found["verdict"], found["trusted"], found["files"][relative]) == (4, "refused", False, "differs")
    assert f"'{relative}': differs" in text
    assert run("verify", "audit/manifest.dsse.json", "--key", "key.pub")[0] == 0


def test_extra_and_missing_files_are_refused_and_named(place, run):
    """A page that was not audited cannot ride along in a signed folder."""
    audit(place / "audit", local.identity())
    (place / "audit" / "report.md").unlink()
    (place / "audit" / "report.html").write_bytes(b"<p>all passed</p>")

    code, found = answer(run, "audit")

    assert (code, found["files"]["report.md"], found["files"]["report.html"]) == (4, "missing", "extra")


def test_a_tampered_envelope_is_refused(place, run):
    """A changed payload under the old signature: nothing of it is shown as verified."""
    audit(place / "audit", local.identity())
    path = place / "audit" / "manifest.dsse.json"
    document = json.loads(path.read_bytes())
    document["payload"] = document["payload"].replace("A", "B", 1)
    path.write_text(json.dumps(document))

    code, found = answer(run, "audit")

    assert (code, found["verdict"], found["keyid"], found["payloadSha256"]) == (4, "refused", None, None)
    assert "no signature verifies" in found["problems"][0]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b'{"payload":"","payload":""}', b"[" * 10**6])
def test_what_cannot_be_read_as_a_manifest_is_refused(place, run, content):
    """Nothing was verified, and CI must not take it for a failure of the tool: 4, not 5."""
    (place / "manifest.dsse.json").write_bytes(content)

    code, found = answer(run, "manifest.dsse.json")

    assert (code, found["verdict"]) == (4, "refused")
    assert run("verify", "-q", "manifest.dsse.json") == (4, "", "")


def test_a_signed_lie_about_the_subjects_is_refused(place, run):
    """A trusted key does not make wrong digests right."""
    lying = json.loads(PAYLOAD)
    lying["predicate"]["facts"]["python.version"]["value"] = "3.99"
    data = envelope.write(envelope.sign(models.canonical(lying), local.identity()))
    (place / "manifest.dsse.json").write_bytes(data)

    code, found = answer(run, "manifest.dsse.json")

    assert (code, found["verdict"], found["subjects"]["ok"]) == (4, "refused", False)


def test_another_payload_than_a_manifest_is_refused(place, run):
    """A genuine signature over something else is no audit."""
    data = envelope.write(envelope.sign(b'{"_type":"other"}', local.identity()))
    (place / "manifest.dsse.json").write_bytes(data)

    assert answer(run, "manifest.dsse.json")[0] == 4


def test_strict_refuses_white_space(place, run):
    """The same content in other bytes verifies, and not under --strict."""
    data = envelope.write(envelope.sign(PAYLOAD, local.identity()))
    (place / "pretty.json").write_bytes(json.dumps(json.loads(data), indent=1).encode())
    (place / "exact.json").write_bytes(data)

    assert run("verify", "pretty.json")[0] == 0
    assert run("verify", "pretty.json", "--strict")[0] == 4
    assert run("verify", "exact.json", "--strict")[0] == 0


def test_wrong_use_exits_2(place, run):
    """A path or key that does not exist, no path, and a folder that is no audit's."""
    (place / "empty").mkdir()
    for arguments in ((), ("none",), ("empty",), ("empty", "--key", "none.pub"), ("empty", "--unknown")):
        assert run("verify", *arguments)[0] == 2, arguments


def test_a_key_that_is_none_exits_5(place, run):
    """A named key that cannot be used is a failure to verify, with its reason."""
    audit(place / "audit", local.identity())
    (place / "bad.pub").write_bytes(b"x")

    code, out, err = run("verify", "audit", "--key", "bad.pub")

    assert (code, out) == (5, "")
    assert "holds no public key" in err


def test_a_file_without_permission_exits_5(place):
    """What cannot be read is told apart from a refusal. (Root may read everything: hence another user.)"""
    (place / "manifest.dsse.json").write_bytes(envelope.write(envelope.sign(PAYLOAD, Ed25519Signer.generate())))
    (place / "manifest.dsse.json").chmod(0)
    importlib.import_module("auditor.cli.verify")  # now, since the other user may not read our libraries
    child = os.fork()
    if child == 0:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY_UID)
            os.setuid(NOBODY_UID)
        os._exit(cli.run(["verify", "-q", "manifest.dsse.json"]))

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 5


def test_an_own_key_open_to_others_does_not_count(place, run):
    """Verifying goes on without it, says so, and the audit is no more than intact."""
    audit(place / "audit", local.identity())
    (local.config_folder() / local.NAME).chmod(0o644)

    code, out, err = run("verify", "audit")

    assert (code, out.startswith("NOT TRUSTED")) == (4, True)
    assert "open to other users" in err


def test_verifying_makes_no_key(place, run):
    """Looking for the machine's own key leaves no trace."""
    audit(place / "audit", Ed25519Signer.generate())

    run("verify", "audit")

    assert not local.config_folder().exists()


def test_verifying_an_envelope_loads_no_models_and_no_renderers(place):
    """Their start-up alone would take longer than everything that verifying does."""
    (place / "manifest.dsse.json").write_bytes(envelope.write(envelope.sign(PAYLOAD, local.identity())))
    program = (
        "import sys; from auditor import cli; code = cli.run(['verify', '-q', 'manifest.dsse.json']);"
        "heavy = {'pydantic', 'jinja2', 'rich', 'psutil'} & set(sys.modules); print(code, sorted(heavy))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "0 []\n"
