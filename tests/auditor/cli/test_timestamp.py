"""Timestamps in two steps, by a local authority that openssl makes; `openssl ts -verify` agrees."""

import base64
import json
import shutil
import subprocess
from datetime import datetime, timezone

import pytest
import samples

from auditor import cli
from auditor.output import audit_folder
from auditor.output.atomic_folder import Staging
from auditor.signing.ed25519 import Ed25519Signer

SIGNER = Ed25519Signer.generate()
CONFIG = """
[tsa]
default_tsa = here
[here]
serial = ./serial
crypto_device = builtin
signer_cert = ./tsa.pem
signer_key = ./tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_chain = no
[use]
extendedKeyUsage = critical,timeStamping
"""


def openssl(folder, *words, **more):
    """Run openssl in the authority's folder."""
    return subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True, **more)


def made_authority(folder, days="2"):
    """A root and a certificate for timestamps under it, in a new folder."""
    folder.mkdir()
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl(
        folder, "req", "-x509", *new_key, "-subj", "/CN=Root", "-days", "9", "-keyout", "root.key", "-out", "root.pem"
    )
    openssl(folder, "req", *new_key, "-subj", "/CN=Clock of the laboratory", "-keyout", "tsa.key", "-out", "tsa.csr")
    (folder / "config").write_text(CONFIG)
    signed_by = ("-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", days)
    more = ("-extfile", "config", "-extensions", "use")
    openssl(folder, "x509", "-req", "-in", "tsa.csr", *signed_by, *more, "-out", "tsa.pem")
    return folder


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """An authority whose certificates are valid now."""
    return made_authority(tmp_path_factory.mktemp("tsa") / "authority")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A working folder with a signed audit folder and its key."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    with Staging(tmp_path / "audit") as work:
        audit_folder.write_audit(work, samples.manifest(), SIGNER)
        work.commit()
    (tmp_path / "key.pub").write_bytes(SIGNER.verifier().public_pem())
    return tmp_path


@pytest.fixture
def run(capsys):
    """Run a command line; gives (exit code, stdout, stderr)."""

    def called(*arguments):
        capsys.readouterr()
        code = cli.run([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return called


def answered(authority, query, answer):
    """The authority's answer to a query."""
    openssl(authority, "ts", "-reply", "-config", "config", "-queryfile", str(query), "-out", str(answer))
    return answer


@pytest.fixture
def attached(place, run, authority):
    """The audit folder with an attached timestamp; gives the timestamp's path."""
    assert 0 == run("timestamp", "query", "audit", "-o", "query.tsq")[0]
    answered(authority, place / "query.tsq", place / "answer.tsr")
    code, out, _ = run("timestamp", "attach", "audit", "answer.tsr", "--tsa-roots", authority / "root.pem")
    assert code == 0
    return place / out.splitlines()[0]


def test_a_timestamp_is_verified_against_given_roots(attached, run, authority):
    """The folder verifies as before, and the time and the authority are told; without roots they are merely stated."""
    before = datetime.now(timezone.utc)
    words = ("verify", "audit", "--key", "key.pub")

    code, out, _ = run(*words, "--tsa-roots", authority / "root.pem", "--json")
    found = json.loads(out)
    (stamp,) = found["timestamps"]
    moment = datetime.strptime(stamp["time"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    assert (code, found["verdict"], stamp["authority"], stamp["proven"]) == (
        *(0, "trusted"),
        *("CN=Clock of the laboratory", True),
    )
    assert abs((before - moment).total_seconds()) < 3600
    code, out, _ = run(*words)
    assert (code, "not verified (see --tsa-roots)" in out) == (0, True)
    assert attached.name not in found["files"], "it verifies by itself"


def test_openssl_verifies_the_same_timestamp(attached, authority, place):
    """What is attached is a plain answer over the plain bytes of the signature."""
    sig = json.loads((place / "audit" / "manifest.dsse.json").read_bytes())["signatures"][0]["sig"]
    (place / "sig").write_bytes(base64.b64decode(sig))
    words = ("ts", "-verify", "-data", str(place / "sig"), "-in", str(attached), "-CAfile", "root.pem")

    assert b"Verification: OK" in openssl(authority, *words).stdout
    (place / "sig").write_bytes(base64.b64decode(sig)[:-1])
    with pytest.raises(subprocess.CalledProcessError):
        openssl(authority, *words)


def test_another_root_is_refused(attached, run, tmp_path):
    """An authority of the same names, made by somebody else."""
    del attached
    other = made_authority(tmp_path / "other")

    code, out, _ = run("verify", "audit", "--key", "key.pub", "--tsa-roots", other / "root.pem")

    assert (code, "does not verify" in out) == (4, True)


def test_roots_ask_for_a_timestamp(place, run, authority):
    """With --tsa-roots, a manifest without a timestamp is refused."""
    del place
    code, out, _ = run("verify", "audit", "--key", "key.pub", "--tsa-roots", authority / "root.pem")

    assert (code, "there is no timestamp" in out) == (4, True)


def test_a_changed_timestamp_is_refused(attached, run, authority):
    """Any byte of what is signed changed, bytes after its end, and a file that is none; with and without roots."""
    data = attached.read_bytes()
    words = ("verify", "audit", "-q", "--key", "key.pub", "--tsa-roots", authority / "root.pem")
    start = data.find(bytes.fromhex("060b2a864886f70d0109100104"))  # id-ct-TSTInfo: what follows is signed
    changed = {
        number: run_on(data[:number] + bytes([data[number] ^ 1]) + data[number + 1 :], attached, run, words)
        for number in range(start, len(data), 29)
    }
    assert {4} == {*changed.values()}, changed
    for damaged in (data + b"\0", data[:-1], b"", b"x"):
        attached.write_bytes(damaged)
        assert 4 == run(*words)[0]
        assert 4 == run("verify", "audit", "-q", "--key", "key.pub")[0]
    attached.write_bytes(data)
    assert 0 == run(*words)[0]


def run_on(data, path, run, words):
    """The exit code of verifying with these bytes as the timestamp."""
    path.write_bytes(data)
    return run(*words)[0]


def test_the_timestamp_of_another_signature_is_not_attached(attached, place, run, authority):
    """Nor is it accepted where somebody put it."""
    other = Ed25519Signer.generate()
    with Staging(place / "other") as work:
        audit_folder.write_audit(work, samples.manifest(), other)
        work.commit()

    code, _, err = run("timestamp", "attach", "other", "answer.tsr")
    assert (code, "none of the envelope's signatures" in err) == (5, True)
    run("timestamp", "query", "other", "-o", "q2")
    answered(authority, place / "q2", place / "a2")
    _, out, _ = run("timestamp", "attach", "other", "a2")
    shutil.copy(attached, place / out.splitlines()[0])
    (place / "other.pub").write_bytes(other.verifier().public_pem())
    assert 4 == run("verify", "other", "--key", "other.pub")[0]


def test_a_timestamp_under_another_name_does_not_belong(attached, run):
    """Its name follows from the signature: one more file is an added file."""
    attached.rename(attached.with_name("manifest.dsse.0123456789abcdef.tsr"))

    assert 4 == run("verify", "audit", "--key", "key.pub")[0]


def test_a_refusal_is_no_timestamp(place, run, authority):
    """The authority's answer to a query that it does not understand."""
    (place / "bad.tsq").write_bytes(b"0\x03\x02\x01\x01")
    answered(authority, place / "bad.tsq", place / "bad.tsr")

    code, _, err = run("timestamp", "attach", "audit", "bad.tsr")

    assert (code, "did not grant" in err or "no answer" in err) == (5, True)
    assert not list((place / "audit").glob("*.tsr"))


def test_a_key_counts_at_the_proven_time(place, run, authority):
    """An allowed signer whose time is over signed within it, as the timestamp proves: only then it counts."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(place / "k")], check=True)
    from auditor.signing import keys

    with Staging(place / "by-ssh") as work:
        audit_folder.write_audit(work, samples.manifest(), keys.load_signer(place / "k"))
        work.commit()
    run("timestamp", "query", "by-ssh", "-o", "q")
    answered(authority, place / "q", place / "a")
    assert 0 == run("timestamp", "attach", "by-ssh", "a")[0]
    words = ("verify", "by-ssh/manifest.dsse.json", "--allowed-signers", "allowed")
    roots = ("--tsa-roots", authority / "root.pem")
    line = (place / "k.pub").read_text()
    now = datetime.now(timezone.utc)

    (place / "allowed").write_text(f'alice valid-before="{now.year - 1}0101Z" {line}')
    assert (4, 4) == (run(*words)[0], run(*words, *roots)[0]), "the time is proven, and is after the end"
    (place / "allowed").write_text(f'alice valid-after="{now.year - 1}0101Z",valid-before="{now.year + 1}0101Z" {line}')
    assert (0, 0) == (run(*words)[0], run(*words, *roots)[0])


def test_each_signature_has_its_own_timestamp(place, run, authority):
    """With two signatures the query must name one; both can be stamped."""
    other = Ed25519Signer.generate()
    (place / "other.pem").write_bytes(other.private_pem())
    run("sign", "audit", "--key", "other.pem")

    assert 2 == run("timestamp", "query", "audit")[0]
    for number, signer in enumerate((SIGNER, other)):
        assert 0 == run("timestamp", "query", "audit", "--keyid", signer.keyid[:12], "-o", f"q{number}")[0]
        answered(authority, place / f"q{number}", place / f"a{number}")
        assert 0 == run("timestamp", "attach", "audit", f"a{number}")[0]
    code, out, _ = run("verify", "audit", "--key", "key.pub", "--tsa-roots", authority / "root.pem", "--json")
    assert (code, len(json.loads(out)["timestamps"])) == (0, 2)
