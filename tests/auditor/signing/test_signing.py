"""Keys: their files and modes, and the machine's own identity, also when two processes make it at once."""

import hashlib
import os
import secrets
import stat
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from auditor.errors import KeyFileError
from auditor.signing import files, local
from auditor.signing.ed25519 import Ed25519Signer, Ed25519Verifier, load_signer, load_verifier
from auditor.signing.pem import KEY_FILE_LIMIT_BYTES, PASSPHRASE_VARIABLE

NOBODY_UID = 65534


@pytest.fixture
def config(tmp_path, monkeypatch):
    """An empty configuration folder of this test's own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config"


def mode(path):
    """A file's permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


def names(folder):
    """What a folder holds, hidden files included."""
    return sorted(path.name for path in folder.iterdir())


def as_nobody(action):
    """Run `action` in a forked process without root's rights; returns the type name of its exception, else nothing."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY_UID)
                os.setuid(NOBODY_UID)
            action()
        except Exception as problem:  # noqa: BLE001 -- its name is the answer
            os.write(writer, type(problem).__name__.encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader, "rb") as answer:
        return answer.read().decode()


# ------------------------------------------------------------------------------------------------------- Ed25519


def test_the_known_answer_of_the_standard():
    """Test 3 of RFC 8032, section 7.1: key, message and signature as published."""
    secret = bytes.fromhex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7")
    public = "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"
    expected = (
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    )

    signature = Ed25519Signer(ed25519.Ed25519PrivateKey.from_private_bytes(secret)).sign(b"\xaf\x82")

    assert signature.hex() == expected
    assert Ed25519Verifier.from_hex(public, "test").verify(b"\xaf\x82", signature)
    assert not Ed25519Verifier.from_hex(public, "test").verify(b"\xaf\x83", signature)


def test_the_key_id_is_the_digest_of_the_public_key():
    """The key id is the sha256 of the DER SubjectPublicKeyInfo, the same for both halves."""
    signer = Ed25519Signer.generate()
    public = serialization.load_pem_public_key(signer.verifier().public_pem())
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    assert signer.keyid == hashlib.sha256(der).hexdigest() == signer.verifier().keyid


def test_a_private_key_is_read_back(tmp_path, monkeypatch):
    """A key written plain or encrypted opens again, and signs alike."""
    signer = Ed25519Signer.generate()
    plain, encrypted = tmp_path / "plain.pem", tmp_path / "encrypted.pem"
    plain.write_bytes(signer.private_pem())
    encrypted.write_bytes(signer.private_pem(b"open \xc3\xa9"))

    assert b"ENCRYPTED" not in plain.read_bytes()
    assert b"ENCRYPTED" in encrypted.read_bytes()
    with pytest.raises(KeyFileError, match="is encrypted"):
        load_signer(encrypted)
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "wrong")
    with pytest.raises(KeyFileError, match="cannot be decrypted"):
        load_signer(encrypted)
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "open \u00e9")

    assert load_signer(encrypted).sign(b"x") == signer.sign(b"x")
    assert load_signer(plain).sign(b"x") == signer.sign(b"x")


def other_kinds():
    """PEM texts that are no Ed25519 keys: private and public."""
    curve = ec.generate_private_key(ec.SECP256R1())
    pem = serialization.Encoding.PEM
    private = curve.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private, curve.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)


def test_each_wrong_key_file_is_told_apart(tmp_path):
    """The other half, another kind, a damaged and an oversized file, a folder and a missing one: each is named."""
    signer = Ed25519Signer.generate()
    private, public = signer.private_pem(), signer.verifier().public_pem()
    other_private, other_public = other_kinds()
    path = tmp_path / "key"
    for data, told in (
        (private, "private key"),
        (other_public, "another kind"),
        (public[:40], "no public key"),
        (b"", "no public key"),
        (b"x" * (KEY_FILE_LIMIT_BYTES + 1), "too large"),
    ):
        path.write_bytes(data)
        with pytest.raises(KeyFileError, match=told):
            load_verifier(path)
    for data, told in (
        (public, "public key"),
        (other_private, "another kind"),
        (private[:40], "no private key"),
        (b"\x00\xff", "no private key"),
    ):
        path.write_bytes(data)
        with pytest.raises(KeyFileError, match=told):
            load_signer(path)
    for missing in (tmp_path, tmp_path / "none"):
        with pytest.raises(KeyFileError, match="cannot be read"):
            load_signer(missing)


@pytest.mark.parametrize("text", ["", "zz", "00" * 31, "00" * 33])
def test_a_wrong_hex_key_is_refused(text):
    """64 hexadecimal digits, or a KeyFileError."""
    with pytest.raises(KeyFileError):
        Ed25519Verifier.from_hex(text, "test")


# --------------------------------------------------------------------------------------------------------- files


def test_a_new_file_never_replaces_one(tmp_path):
    """Creating under a taken name fails, leaves the old content, and no temporary file."""
    path = tmp_path / "key"
    path.write_bytes(b"old")

    with pytest.raises(FileExistsError):
        files.create(path, b"new", files.PRIVATE)

    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["key"]


def test_what_lies_under_the_temporary_name_is_never_written_to(tmp_path, monkeypatch):
    """A link that was planted under the name of the temporary file is no way to another file."""
    monkeypatch.setattr(secrets, "token_hex", lambda *_: "guessed")
    (tmp_path / "victim").write_bytes(b"old")
    (tmp_path / ".key.guessed").symlink_to(tmp_path / "victim")

    with pytest.raises(FileExistsError):
        files.create(tmp_path / "key", b"secret", files.PRIVATE)

    assert b"old" == (tmp_path / "victim").read_bytes()
    assert not (tmp_path / "key").exists()


def test_replacing_keeps_the_permissions(tmp_path):
    """A replaced file has the new content and its old mode."""
    path = tmp_path / "envelope"
    path.write_bytes(b"old")
    path.chmod(0o640)

    files.replace(path, b"new")

    assert (path.read_bytes(), mode(path)) == (b"new", 0o640)
    assert names(tmp_path) == ["envelope"]


def test_a_private_file_is_private_from_its_first_moment(tmp_path, monkeypatch):
    """Whatever the umask, the temporary file too is readable by its owner alone when it gets its content."""
    seen = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (seen.append(stat.S_IMODE(os.fstat(handle).st_mode)), real(handle)))
    before = os.umask(0)
    try:
        files.create(tmp_path / "key", b"secret", files.PRIVATE)
    finally:
        os.umask(before)

    assert seen[0] == 0o600
    assert mode(tmp_path / "key") == 0o600


# ------------------------------------------------------------------------------------------------ own identity


def test_the_identity_is_made_once_and_private(config):
    """The first use makes the key with mode 0600, in a folder with mode 0700; later uses find it."""
    assert local.existing() is None

    made = local.identity()

    path = config / "auditor" / "identity.pem"
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert local.identity().keyid == made.keyid == local.existing().keyid
    assert names(path.parent) == ["identity.pem"]


def test_without_xdg_the_identity_lies_in_the_home_folder(tmp_path, monkeypatch):
    """An unset, empty or relative XDG_CONFIG_HOME means ~/.config."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for named in ("", "relative/config"):
        monkeypatch.setenv("XDG_CONFIG_HOME", named)
        assert local.config_folder() == tmp_path / ".config" / "auditor"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    assert local.config_folder() == tmp_path / ".config" / "auditor"


@pytest.mark.parametrize("bits", [0o604, 0o640, 0o660, 0o644, 0o610])
def test_an_identity_open_to_others_is_refused(config, bits):
    """A key that others can read, write or run is refused, with its mode, for signing and for verifying."""
    local.identity()
    (config / "auditor" / "identity.pem").chmod(bits)

    for use in (local.identity, local.existing):
        with pytest.raises(KeyFileError, match=f"open to other users .mode {bits:04o}"):
            use()


def test_a_damaged_identity_is_never_replaced(config):
    """A key that does not open is an error: a silent new one would change who signs."""
    local.identity()
    path = config / "auditor" / "identity.pem"
    path.write_bytes(b"damaged")

    with pytest.raises(KeyFileError, match="no private key"):
        local.identity()
    assert path.read_bytes() == b"damaged"


def test_an_unwritable_configuration_folder_is_a_clear_error(config, tmp_path, monkeypatch):
    """A folder that cannot be made or written is a KeyFileError that says what to do."""
    config.mkdir()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(KeyFileError, match="cannot be written") as problem:
        local.identity()
    assert "--no-sign" in problem.value.hint

    monkeypatch.setenv("XDG_CONFIG_HOME", str(config))
    config.chmod(0o555)
    for folder in (tmp_path, *tmp_path.parents[:3]):
        if folder.stat().st_uid == os.geteuid():
            folder.chmod(folder.stat().st_mode | 0o111)
    try:
        assert as_nobody(local.identity) == "KeyFileError"
    finally:
        config.chmod(0o755)
    assert names(config) == []


MAKE = """
import sys
sys.stdin.readline()
from auditor.signing import local
print(local.identity().keyid)
"""


def test_processes_that_start_at_once_end_with_one_key(config):
    """Of many processes that make the identity at the same moment, all get the same key, and one file remains."""
    for _ in range(3):
        children = [
            subprocess.Popen(
                [sys.executable, "-c", MAKE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ
            )
            for _ in range(6)
        ]
        for child in children:
            child.stdin.write("\n")
            child.stdin.flush()
        keyids = {child.communicate()[0] for child in children}

        assert len(keyids) == 1
        assert "" not in keyids
        assert names(config / "auditor") == ["identity.pem"]
        (config / "auditor" / "identity.pem").unlink()
