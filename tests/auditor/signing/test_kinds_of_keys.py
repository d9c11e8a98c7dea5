"""Each kind of key: signs and verifies, refuses what is not its own, and is told from the others by its file."""

import base64
import os
import pty
import shutil
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from auditor.errors import KeyFileError, SignatureError
from auditor.signing import curves, envelope, keys, pem, ssh, sshsig
from auditor.signing.ecdsa_p256 import EcdsaP256Signer, EcdsaP256Verifier
from auditor.signing.ed25519 import Ed25519Signer, Ed25519Verifier
from auditor.signing.pem import PASSPHRASE_VARIABLE

PAYLOAD = b'{"_type":"x"}'
MESSAGE = b"message"
SSH_TYPES = {"ssh-ed25519": ["ed25519"], "ecdsa-256": ["ecdsa", "-b", "256"], "ecdsa-384": ["ecdsa", "-b", "384"]}
SSH_TYPES |= {"ecdsa-521": ["ecdsa", "-b", "521"], "rsa": ["rsa", "-b", "2048"]}


def ssh_key(path, kind="ssh-ed25519", passphrase=""):
    """A new private key of OpenSSH, made by ssh-keygen; its public half is in `PATH.pub`."""
    words = ["ssh-keygen", "-q", "-t", *SSH_TYPES[kind], "-N", passphrase, "-C", "a person", "-f", str(path)]
    subprocess.run(words, check=True)
    return path


@pytest.fixture(autouse=True)
def no_secrets(monkeypatch):
    """Neither a passphrase nor an agent from outside."""
    monkeypatch.delenv(PASSPHRASE_VARIABLE, raising=False)
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)


@pytest.fixture(scope="module")
def ssh_keys(tmp_path_factory):
    """One private key of each kind that OpenSSH has."""
    folder = tmp_path_factory.mktemp("ssh")
    return {kind: ssh_key(folder / kind, kind) for kind in SSH_TYPES}


def pem_file(path, signer, passphrase=b""):
    """A private key's PEM file."""
    path.write_bytes(signer.private_pem(passphrase))
    return path


@pytest.fixture
def signer_of(ssh_keys, tmp_path):
    """The signer of a kind, loaded from its file as the command line does."""

    def loaded(kind):
        if kind in ssh_keys:
            return keys.load_signer(ssh_keys[kind])
        made = {"ed25519": Ed25519Signer, "p256": EcdsaP256Signer}[kind].generate()
        return keys.load_signer(pem_file(tmp_path / f"{kind}.pem", made))

    return loaded


KINDS = ["ed25519", "p256", *SSH_TYPES]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_signs_and_verifies_an_envelope(signer_of, kind, tmp_path):
    """With the public key read from the file that it writes; strictly, too; and no other payload under it."""
    signer = signer_of(kind)
    (tmp_path / "key.pub").write_bytes(signer.verifier().public_file())
    (verifier,) = keys.load_verifiers(tmp_path / "key.pub")
    data = envelope.write(envelope.sign(PAYLOAD, signer))

    verified = envelope.verify(data, [verifier], strict=True)

    assert (PAYLOAD, (signer.keyid,)) == (verified.payload, verified.keyids)
    assert verifier.keyid == signer.keyid
    changed = envelope.Envelope(PAYLOAD + b" ", envelope.PAYLOAD_TYPE, envelope.read(data).signatures)
    with pytest.raises(SignatureError):
        envelope.verify(envelope.write(changed), [verifier])


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_accepts_what_another_key_signed(signer_of, kind):
    """Every other key, of the same kind and of every other kind; and damaged, empty and oversized signatures."""
    verifier = signer_of(kind).verifier()
    for other in KINDS:
        signature = signer_of(other).sign(MESSAGE)
        if other == kind and kind in SSH_TYPES:
            assert verifier.verify(MESSAGE, signature)
            continue
        assert not verifier.verify(MESSAGE, signature)
    for damaged in (b"", b"\0", b"x" * 64, b"SSHSIG", b"\xff" * 100_000):
        assert not verifier.verify(MESSAGE, damaged)


@pytest.mark.parametrize("kind", KINDS)
def test_every_byte_of_a_signature_counts(signer_of, kind):
    """Whatever bit is flipped, byte removed or added: it does not verify."""
    signer = signer_of(kind)
    signature = signer.sign(MESSAGE)
    verifier = signer.verifier()

    for place in range(0, len(signature), max(1, len(signature) // 150)):
        assert not verifier.verify(MESSAGE, signature[:place] + bytes([signature[place] ^ 1]) + signature[place + 1 :])
        assert not verifier.verify(MESSAGE, signature[:place])
    assert not verifier.verify(MESSAGE, signature + b"\0")
    assert verifier.verify(MESSAGE, signature)


# ------------------------------------------------------------------------------------------------------------- ECDSA


def test_the_orders_of_the_curves_are_those_of_the_library():
    """A wrong digit would refuse good signatures, or accept both forms."""
    for curve in (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()):
        assert curve.group_order == curves.ORDERS[curve.name]


def test_the_other_s_verifies_but_not_strictly():
    """ECDSA has two signatures for one: both are of the same content, and --strict accepts the one that is written."""
    signer = EcdsaP256Signer.generate()
    envelope_ = envelope.sign(PAYLOAD, signer)
    r, s = decode_dss_signature(envelope_.signatures[0].sig)
    twin = encode_dss_signature(r, curves.ORDERS["secp256r1"] - s)
    data = envelope.write(envelope.Envelope(PAYLOAD, envelope.PAYLOAD_TYPE, (envelope.Signature(twin, signer.keyid),)))

    assert PAYLOAD == envelope.verify(data, [signer.verifier()]).payload
    with pytest.raises(SignatureError, match="does not"):
        envelope.verify(data, [signer.verifier()], strict=True)


def test_other_curves_are_refused(tmp_path):
    """ECDSA means P-256 here, in private and in public files."""
    other = ec.generate_private_key(ec.SECP384R1())
    (tmp_path / "k.pem").write_bytes(pem.pkcs8(other))
    (tmp_path / "k.pub").write_bytes(pem.spki(other.public_key()))
    for load, name in ((keys.load_signer, "k.pem"), (keys.load_verifiers, "k.pub")):
        with pytest.raises(KeyFileError, match="another kind"):
            load(tmp_path / name)


def test_a_p256_key_is_no_ed25519_key():
    """Each class refuses the other's files."""
    p256, edwards = EcdsaP256Signer.generate(), Ed25519Signer.generate()
    for load, data in (
        (Ed25519Signer.from_pem, p256.private_pem()),
        (EcdsaP256Signer.from_pem, edwards.private_pem()),
        (Ed25519Verifier.from_pem, p256.verifier().public_pem()),
        (EcdsaP256Verifier.from_pem, edwards.verifier().public_pem()),
    ):
        with pytest.raises(KeyFileError, match="another kind"):
            load(data, "key")


# -------------------------------------------------------------------------------------------------------- passphrases


@pytest.mark.parametrize("kind", ["ed25519", "p256"])
def test_a_pem_key_with_a_passphrase(tmp_path, monkeypatch, kind):
    """It opens with the variable; without one, and with a wrong one, it says what to do."""
    made = {"ed25519": Ed25519Signer, "p256": EcdsaP256Signer}[kind].generate()
    path = pem_file(tmp_path / "k.pem", made, b"secret")

    with pytest.raises(KeyFileError, match="encrypted"):
        keys.load_signer(path)
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "wrong")
    with pytest.raises(KeyFileError, match="cannot be decrypted"):
        keys.load_signer(path)
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "secret")
    assert made.keyid == keys.load_signer(path).keyid


ASK = """
import sys
from pathlib import Path
from auditor.signing import keys
print("id", keys.load_signer(Path(sys.argv[1])).keyid)
"""


def test_a_passphrase_is_asked_for_on_a_terminal(tmp_path):
    """Typed in, it opens the key; it is not shown, and stands in no command line."""
    made = Ed25519Signer.generate()
    path = pem_file(tmp_path / "k.pem", made, b"secret")
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-c", ASK, str(path)])
    shown = b""
    while b"Passphrase of" not in shown:
        shown += os.read(terminal, 1024)
    os.write(terminal, b"secret\n")
    try:
        while part := os.read(terminal, 1024):
            shown += part
    except OSError:
        pass  # Linux: the other side of the terminal was closed
    os.waitpid(child, 0)

    assert f"id {made.keyid}".encode() in shown
    assert b"secret" not in shown


# ---------------------------------------------------------------------------------------------------------------- SSH


def test_an_ssh_key_with_a_passphrase(tmp_path, monkeypatch):
    """ssh-keygen gets the passphrase from the variable through a script of ours; a wrong one is an error."""
    path = ssh_key(tmp_path / "k", passphrase="secret of mine")
    signer = keys.load_signer(path)

    monkeypatch.setenv(PASSPHRASE_VARIABLE, "wrong")
    with pytest.raises(KeyFileError, match="could not sign"):
        signer.sign(MESSAGE)
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "secret of mine")
    assert signer.verifier().verify(MESSAGE, signer.sign(MESSAGE))


def test_a_key_in_ssh_agent_signs(tmp_path, monkeypatch):
    """Named by its public half alone, while the agent holds the private one; without the agent it cannot."""
    path = ssh_key(tmp_path / "k")
    public = tmp_path / "elsewhere" / "k.pub"
    public.parent.mkdir()
    shutil.copy(tmp_path / "k.pub", public)
    signer = keys.load_signer(public)
    with pytest.raises(KeyFileError, match="could not sign"):
        signer.sign(MESSAGE)
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(tmp_path / "socket")], stdout=subprocess.PIPE)
    try:
        assert agent.stdout.readline()
        monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "socket"))
        subprocess.run(["ssh-add", "-q", str(path)], check=True, stderr=subprocess.DEVNULL)
        path.unlink()

        assert signer.verifier().verify(MESSAGE, signer.sign(MESSAGE))
    finally:
        agent.terminate()
        agent.communicate()


def test_a_signature_for_another_purpose_does_not_count(ssh_keys):
    """One that the same key made for git, or for a file, over the same bytes."""
    verifier = keys.load_signer(ssh_keys["ssh-ed25519"]).verifier()
    for namespace, counts in ((ssh.NAMESPACE, True), ("git", False), ("file", False), (f"{ssh.NAMESPACE} ", False)):
        words = ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", str(ssh_keys["ssh-ed25519"])]
        made = subprocess.run(words, input=MESSAGE, check=True, capture_output=True).stdout

        assert counts == verifier.verify(MESSAGE, sshsig.unarmored(made))


def test_an_embedded_key_is_never_trusted(ssh_keys):
    """The signature names its key; that of another key is refused even if the signature itself is sound."""
    signature = sshsig.parse(keys.load_signer(ssh_keys["ssh-ed25519"]).sign(MESSAGE))
    victim = keys.load_signer(ssh_keys["ecdsa-256"]).verifier()
    renamed = sshsig.write(
        sshsig.SshSignature(
            base64.b64decode(victim.public_file().split()[1]),
            signature.namespace,
            signature.reserved,
            signature.hash_name,
            signature.form,
            signature.blob,
        )
    )

    assert not victim.verify(MESSAGE, renamed)
    assert not victim.verify(MESSAGE, sshsig.write(signature))


def test_rsa_with_sha1_is_refused(ssh_keys):
    """`ssh-rsa` as the signature's form means SHA-1; the key itself may be named so."""
    from dataclasses import replace

    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.serialization import load_ssh_private_key

    verifier = keys.load_signer(ssh_keys["rsa"]).verifier()
    parsed = sshsig.parse(keys.load_signer(ssh_keys["rsa"]).sign(MESSAGE))
    private = load_ssh_private_key(ssh_keys["rsa"].read_bytes(), None)
    old = private.sign(parsed.signed_bytes(MESSAGE), padding.PKCS1v15(), hashes.SHA1())

    assert not verifier.verify(MESSAGE, sshsig.write(replace(parsed, form=b"ssh-rsa", blob=old)))
    assert not verifier.verify(MESSAGE, sshsig.write(replace(parsed, hash_name=b"sha1")))
    assert verifier.verify(MESSAGE, sshsig.write(parsed))


def test_a_file_of_keys_as_code_hosts_publish_it(ssh_keys, tmp_path):
    """Several lines, each of another kind; comments and empty lines do not count."""
    lines = [(path.with_name(f"{path.name}.pub")).read_text() for path in ssh_keys.values()]
    (tmp_path / "alice.keys").write_text(f"{lines[0]}# old\n\n{''.join(lines[1:])}")

    found = keys.load_verifiers(tmp_path / "alice.keys")

    assert [keys.load_signer(path).keyid for path in ssh_keys.values()] == [one.keyid for one in found]
    assert found[0].kind == "SSH (ssh-ed25519)"


WEAK = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC5g0WUJhdHgUr1tF1wd0f8xF6cZ8r"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ssh-ed25519", "an OpenSSH key belongs|damaged"),
        ("ssh-ed25519 AAAA", "damaged"),
        ("ssh-ed25519 !!!!", "damaged"),
        ("ssh-dss AAAAB3NzaC1kc3MAAACBAP", "belongs"),
        ("sk-ssh-ed25519@openssh.com AAAAGnNr", "belongs"),
        ("ssh-ed25519-cert-v01@openssh.com AAAAIHNz", "belongs"),
        (WEAK, "damaged"),
        ("ecdsa-sha2-nistp256 AAAAC3NzaC1lZDI1NTE5AAAAIGVmZ2g=", "damaged"),
    ],
)
def test_what_is_no_key_of_openssh_is_refused(tmp_path, text, told):
    """Damaged lines, keys of tokens, certificates, and kinds that no longer count."""
    (tmp_path / "k.pub").write_text(text + "\n")

    with pytest.raises(KeyFileError, match=told):
        keys.load_verifiers(tmp_path / "k.pub")


def test_a_short_rsa_key_is_refused(tmp_path):
    """1024 bits no longer count."""
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-b", "1024", "-N", "", "-f", str(tmp_path / "k")], check=True)

    with pytest.raises(KeyFileError, match="1024 bits"):
        keys.load_verifiers(tmp_path / "k.pub")


def test_a_private_key_of_openssh_verifies_nothing(ssh_keys, tmp_path):
    """As with PEM: it is named where a public key belongs."""
    with pytest.raises(KeyFileError, match="private key"):
        keys.load_verifiers(ssh_keys["ssh-ed25519"])
    (tmp_path / "cut").write_bytes(
        ssh_keys["ssh-ed25519"].read_bytes()[:120] + b"\n-----END OPENSSH PRIVATE KEY-----\n"
    )
    with pytest.raises(KeyFileError, match="can be read"):
        keys.load_signer(tmp_path / "cut")


def test_one_key_in_two_files_has_one_id(ssh_keys, tmp_path):
    """The same Ed25519 key as PEM and as a line of OpenSSH: one owner, though their signatures differ in form."""
    line = ssh_keys["ssh-ed25519"].with_name("ssh-ed25519.pub")
    (tmp_path / "k.pub").write_bytes(pem.spki(load_ssh_public_key(line.read_bytes())))

    assert keys.load_verifiers(line)[0].keyid == keys.load_verifiers(tmp_path / "k.pub")[0].keyid


def test_ecdsa_of_openssh_is_written_in_one_form(ssh_keys):
    """ssh-keygen takes either s; what stands in an envelope has the smaller, so that --strict can hold."""
    signer = keys.load_signer(ssh_keys["ecdsa-256"])
    for _ in range(4):
        signature = signer.sign(MESSAGE)
        reader = sshsig.Reader(sshsig.parse(signature).blob)
        r, s = reader.integer(), reader.integer()
        other = curves.ORDERS["secp256r1"] - s
        blob = sshsig.string(sshsig.shortest(r)) + sshsig.string(sshsig.shortest(other))
        parsed = sshsig.parse(signature)
        fields = (parsed.public_key, parsed.namespace, parsed.reserved, parsed.hash_name, parsed.form)
        twin = sshsig.write(sshsig.SshSignature(*fields, blob))

        assert s < other
        assert signer.verifier().is_only_form(signature)
        assert signer.verifier().verify(MESSAGE, twin)
        assert not signer.verifier().is_only_form(twin)
