"""Who is trusted is said: kinds of keys, names, several signers, counter-signatures, and what nobody is trusted for."""

import json
import subprocess

import pytest
import samples

from auditor import cli
from auditor.output import audit_folder
from auditor.output.atomic_folder import Staging
from auditor.signing import envelope, keys, local
from auditor.signing.ecdsa_p256 import EcdsaP256Signer
from auditor.signing.ed25519 import Ed25519Signer
from auditor.signing.pem import PASSPHRASE_VARIABLE


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A working folder with keys of three people: alice has two (SSH), bob ECDSA P-256, carol Ed25519; and an audit."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in (PASSPHRASE_VARIABLE, "SSH_AUTH_SOCK"):
        monkeypatch.delenv(name, raising=False)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    for name in ("alice-1", "alice-2"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", name], check=True)
    for name, made in (("bob", EcdsaP256Signer.generate()), ("carol", Ed25519Signer.generate())):
        (work / f"{name}.pem").write_bytes(made.private_pem())
        (work / f"{name}.pub").write_bytes(made.verifier().public_pem())
    lines = [(work / f"alice-{number}.pub").read_text() for number in (1, 2)]
    (work / "alice.keys").write_text("".join(lines))
    (work / "allowed").write_text("".join(f"alice@example.org {line}" for line in lines))
    (work / "trust").write_text(f"alice: {lines[0]}alice: {lines[1]}bob: bob.pub\ncarol: carol.pub\n")
    with Staging(work / "audit") as staging:
        audit_folder.write_audit(staging, samples.manifest(), Ed25519Signer.generate())
        staging.commit()
    return work


@pytest.fixture
def run(capsys):
    """Run a command line; gives (exit code, stdout, stderr)."""

    def called(*arguments):
        capsys.readouterr()
        code = cli.run([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return called


@pytest.fixture
def signed_by(place, run):
    """An audit's folder signed by these private keys, in this order."""

    def made(*names):
        folder = place / ("signed-" + "-".join(names).replace(".pem", ""))
        with Staging(folder) as work:
            audit_folder.write_audit(work, samples.manifest(), None)
            work.commit()
        for name in names:
            assert 0 == run("sign", folder, "--key", name)[0]
        return folder

    return made


def answer(run, *arguments):
    """Exit code and JSON of `verify`."""
    code, out, _ = run("verify", "--json", *arguments)
    return code, json.loads(out)


WAYS = [
    ("alice-1", ["--key", "alice-1.pub"], "alice-1"),
    ("alice-1", ["--key", "alice.keys"], "alice"),
    ("alice-1", ["--allowed-signers", "allowed"], "alice@example.org"),
    ("alice-2", ["--trust", "trust"], "alice"),
    ("bob.pem", ["--key", "bob.pub"], "bob"),
    ("bob.pem", ["--trust", "trust"], "bob"),
    ("carol.pem", ["--key", "carol.pub"], "carol"),
    ("carol.pem", ["--key", "carol.pub", "--allowed-signers", "allowed"], "carol"),
]


@pytest.mark.parametrize(("key", "options", "name"), WAYS)
def test_each_way_to_trust_names_the_signer(run, signed_by, key, options, name):
    """The folder verifies, and the answer names the owner and the option; strictly, too; without it nobody is known."""
    folder = signed_by(key)

    code, found = answer(run, folder, *options)
    assert (code, found["verdict"], found["signers"]) == (0, "trusted", [name])
    assert f"({name}, " in run("verify", folder, *options)[1]
    assert 0 == run("verify", folder, "--strict", *options)[0]

    code, out, _ = run("verify", folder)
    assert (code, out.startswith("NOT TRUSTED: intact, signer unknown")) == (4, True)
    assert 0 == run("verify", folder, "--integrity-only")[0]


@pytest.mark.parametrize("options", [["--key", "carol.pub"], ["--allowed-signers", "allowed"], ["--key", "alice.keys"]])
def test_another_s_key_is_refused(run, signed_by, options):
    """Bob signed; whoever else is trusted, his folder is only intact."""
    assert (4, "intact") == (
        answer(run, signed_by("bob.pem"), *options)[0],
        answer(run, "signed-bob", *options)[1]["verdict"],
    )


def test_the_readers_take_the_same_options(run, signed_by):
    """`compare`, `remedy` and `container write` accept by --allowed-signers, and refuse another signer with 4."""
    mine, theirs = signed_by("alice-1"), signed_by("bob.pem")
    for words in (("compare", mine, mine), ("remedy", mine), ("container", "write", mine, "-o", "specs")):
        assert run(*words, "--allowed-signers", "allowed")[0] in {0, 1}, words
    for words in (("compare", mine, theirs), ("remedy", theirs), ("container", "write", theirs, "-o", "other")):
        assert 4 == run(*words, "--allowed-signers", "allowed")[0], words


def test_thresholds_count_owners(run, signed_by):
    """Two keys of one person are one signer; two people are two; the folder's list is counted as the manifest is."""
    one = signed_by("alice-1", "alice-2")
    two = signed_by("alice-1", "bob.pem")

    assert 0 == run("verify", one, "--trust", "trust")[0]
    code, found = answer(run, one, "--trust", "trust", "--signatures", "2")
    assert (code, "1 of 2 trusted signers" in found["problems"][0]) == (4, True)
    code, found = answer(run, two, "--trust", "trust", "--signatures", "2")
    assert (code, found["signers"]) == (0, ["alice", "bob"])
    assert 4 == run("verify", two, "--trust", "trust", "--signatures", "3")[0]
    assert 4 == run("verify", two, "--key", "bob.pub", "--signatures", "2")[0], "who is not trusted does not count"


def test_a_key_under_two_names_counts_once(run, signed_by, place):
    """Whoever claims a colleague's key as well does not become two signers."""
    (place / "double").write_text("bob: bob.pub\nmallory: bob.pub\n")

    assert 4 == run("verify", signed_by("bob.pem"), "--trust", "double", "--signatures", "2")[0]


def test_one_signature_twice_counts_once(run, signed_by):
    """A repeated entry in the envelope, and one under another key id."""
    folder = signed_by("bob.pem")
    for name in ("manifest.dsse.json", "files.dsse.json"):
        document = json.loads((folder / name).read_bytes())
        document["signatures"] += [{**document["signatures"][0], "keyid": "f" * 64}, {"sig": ""}]
        (folder / name).write_text(json.dumps(document))

    assert 0 == run("verify", folder, "--trust", "trust")[0]
    assert 4 == run("verify", folder, "--trust", "trust", "--signatures", "2")[0]


def test_named_signers_must_have_signed(run, signed_by):
    """`--signer` by name: who is in the trust file and did not sign is missing, and is named."""
    folder = signed_by("alice-1", "bob.pem")

    assert 0 == run("verify", folder, "--trust", "trust", "--signer", "alice", "--signer", "bob")[0]
    code, found = answer(run, folder, "--trust", "trust", "--signer", "alice", "--signer", "carol")
    assert (code, "was not signed by 'carol'" in found["problems"][0]) == (4, True)
    assert 0 == run("verify", folder, "--allowed-signers", "allowed", "--signer", "alice@example.org")[0]
    assert 4 == run("verify", folder, "--trust", "trust", "--signer", "bob", "--signer", "nobody")[0]


def test_integrity_only_replaces_no_named_signer(run, signed_by):
    """A threshold or a name asks for trust, which integrity does not give."""
    folder = signed_by("carol.pem")

    assert 0 == run("verify", folder, "--integrity-only")[0]
    assert 4 == run("verify", folder, "--integrity-only", "--signatures", "2")[0]
    assert 4 == run("verify", folder, "--integrity-only", "--signer", "carol")[0]


def test_a_manifest_alone_signed_twice_is_no_folder_signed_twice(run, signed_by):
    """The second signer signed the envelope only: the files have one signer, and the answer says what to do."""
    folder = signed_by("bob.pem")
    run("sign", folder / "manifest.dsse.json", "--key", "carol.pem")

    code, found = answer(run, folder, "--trust", "trust", "--signatures", "2")

    assert code == 4
    assert "the list of the folder's files has 1 of 2" in found["problems"][0]
    assert 0 == run("verify", folder / "manifest.dsse.json", "--trust", "trust", "--signatures", "2")[0]


# ------------------------------------------------------------------------------------------------- counter-signatures


def test_a_reviewer_counter_signs(run, signed_by):
    """`sign --add` verifies what it signs, says who signed before, and adds to manifest and list."""
    folder = signed_by("alice-1")

    code, out, err = run("sign", folder, "--add", "--key", "bob.pem", "--allowed-signers", "allowed")

    assert (code, "is signed by a trusted key" in err, len(out.strip())) == (0, True, 64)
    assert 0 == run("verify", folder, "--trust", "trust", "--signatures", "2", "--signer", "bob")[0]


@pytest.mark.parametrize("damage", ["report.md", "manifest.dsse.json", "files.dsse.json"])
def test_a_reviewer_does_not_counter_sign_what_was_changed(run, signed_by, damage):
    """The folder is left as it was."""
    folder = signed_by("alice-1")
    data = (folder / damage).read_bytes()
    (folder / damage).write_bytes(data.replace(b'"sig":"', b'"sig":"AAAA') if damage.endswith(".json") else data + b"x")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    assert 4 == run("sign", folder, "--add", "--key", "bob.pem", "--allowed-signers", "allowed")[0]
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_reviewer_does_not_counter_sign_a_stranger(run, signed_by):
    """With a trust file, only what a trusted key signed; without one, who signed is told as unknown."""
    folder = signed_by("carol.pem")

    assert 4 == run("sign", folder, "--add", "--key", "bob.pem", "--allowed-signers", "allowed")[0]
    code, _, err = run("sign", folder, "--add", "--key", "bob.pem")
    assert (code, "anyone could have made both" in err) == (0, True)


def test_add_needs_something_to_add_to(run, place):
    """A bare manifest has no signature to verify; trust without --add verifies nothing."""
    with Staging(place / "bare") as work:
        audit_folder.write_audit(work, samples.manifest(), None)
        work.commit()

    assert 2 == run("sign", "bare", "--add", "--key", "bob.pem")[0]
    assert 2 == run("sign", "bare", "--key", "bob.pem", "--trust", "trust")[0]
    assert not list((place / "bare").glob("*.dsse.json"))


# ------------------------------------------------------------------------------------------------------------- others


def test_audits_are_signed_with_each_kind_of_key(place):
    """`audit --key` and its kin load a key by its file."""
    for name in ("alice-1", "alice-1.pub", "bob.pem", "carol.pem"):
        signer = keys.load_signer(place / name)
        folder = place / f"by-{name}"
        if name == "alice-1.pub":
            continue  # its private half would have to be in ssh-agent: test_kinds_of_keys.py
        with Staging(folder) as work:
            audit_folder.write_audit(work, samples.manifest(), signer)
            work.commit()
        assert (folder / "signer.pub").read_bytes() == signer.verifier().public_file()
        assert 0 == cli.run(["verify", "-q", str(folder), "--trust", "trust"])


def test_the_machine_s_own_key_is_named_as_such(run, place):
    """In words and in JSON, and never where somebody is named."""
    with Staging(place / "own") as work:
        audit_folder.write_audit(work, samples.manifest(), local.identity())
        work.commit()

    assert "signed by this machine's own key" in run("verify", "own")[1]
    assert "this machine's own key" == answer(run, "own")[1]["trustedBy"]
    for options in (["--key", "bob.pub"], ["--trust", "trust"], ["--allowed-signers", "allowed"]):
        assert 4 == run("verify", "own", *options)[0]


def test_a_key_out_of_its_validity_is_refused_with_the_reason(run, signed_by, place):
    """An allowed signer whose time is over: the signature is sound, and does not count."""
    line = (place / "alice-1.pub").read_text()
    (place / "old").write_text(f'alice valid-before="20200101" {line}')

    code, found = answer(run, signed_by("alice-1"), "--allowed-signers", "old")

    assert (code, "does not count at this time" in found["problems"][0]) == (4, True)


def test_keygen_makes_both_kinds(run, place):
    """--type; the public half verifies what the private one signs."""
    for kind, told in (("ed25519", b"MCow"), ("ecdsa-p256", b"MFkw")):
        assert 0 == run("keygen", "-o", kind, "--type", kind)[0]
        assert told in (place / f"{kind}.pub").read_bytes()
        data = envelope.write(envelope.sign(b"{}", keys.load_signer(place / f"{kind}.pem")))
        assert b"{}" == envelope.verify(data, keys.load_verifiers(place / f"{kind}.pub")).payload
    assert 2 == run("keygen", "-o", "x", "--type", "rsa")[0]
