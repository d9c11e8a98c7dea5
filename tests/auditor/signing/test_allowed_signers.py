"""OpenSSH's allowed_signers files are read as ssh-keygen reads them; what is not understood is refused."""

import subprocess
from datetime import datetime, timezone

import pytest

from auditor.errors import KeyFileError
from auditor.signing import allowed_signers, keys, ssh, sshsig

MESSAGE = b"message"


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    """A private key of OpenSSH."""
    path = tmp_path_factory.mktemp("ssh") / "k"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)], check=True)
    return path


@pytest.fixture
def file_of(key, tmp_path):
    """An allowed_signers file; KEY in its lines stands for the key's kind and base64."""

    def made(text):
        path = tmp_path / "allowed"
        path.write_text(text.replace("KEY", key.with_name("k.pub").read_text().strip()))
        return path

    return made


def ssh_keygen_accepts(path, key, principal):
    """Whether `ssh-keygen -Y verify` accepts a signature in our namespace by this file, for this principal."""
    signature = path.with_name("signature")
    signature.write_bytes(sshsig.armored(keys.load_signer(key).sign(MESSAGE)))
    words = ["ssh-keygen", "-Y", "verify", "-f", str(path), "-I", principal, "-n", ssh.NAMESPACE, "-s", str(signature)]
    return subprocess.run(words, input=MESSAGE, capture_output=True, check=False).returncode == 0


def ours_accepts(path, principal):
    """Whether the same file makes this key count for this signer, here and now."""
    try:
        found = allowed_signers.trusted_keys(path)
    except KeyFileError:
        return False
    now = datetime.now(timezone.utc)
    return any(key.counts_at(now) and allowed_signers.names_match(key.name, principal) for key in found)


CASES = [
    ("alice@example.org KEY\n", True),
    ("alice@example.org KEY with a comment\n", True),
    ("# a comment\n\nalice@example.org KEY\n", True),
    ("bob@example.org,alice@example.org KEY\n", True),
    ("*@example.org KEY\n", True),
    ("al?ce@example.org KEY\n", True),
    ("*@example.org,!alice@example.org KEY\n", False),
    ("!alice@example.org,*@example.org KEY\n", False),
    ("bob@example.org KEY\n", False),
    ('alice@example.org namespaces="auditor-dsse-v1" KEY\n', True),
    ('alice@example.org namespaces="git,auditor-*" KEY\n', True),
    ('alice@example.org namespaces="git" KEY\n', False),
    ('alice@example.org namespaces="git,file" KEY\n', False),
    ('alice@example.org valid-after="20200101" KEY\n', True),
    ('alice@example.org valid-after="20200101Z" KEY\n', True),
    ('alice@example.org valid-before="20200101" KEY\n', False),
    ('alice@example.org valid-after="29990101" KEY\n', False),
    ('alice@example.org valid-before="299901012359" KEY\n', True),
    ('alice@example.org valid-after="20200101000000",valid-before="20210101" KEY\n', False),
    ('alice@example.org namespaces="auditor-dsse-v1",valid-before="29990101" KEY\n', True),
]


@pytest.mark.parametrize(("text", "accepted"), CASES)
def test_each_line_counts_as_in_ssh_keygen(file_of, key, text, accepted):
    """The same file, the same signer, the same answer; `ssh-keygen -Y verify` is asked beside ours."""
    path = file_of(text)

    assert accepted == ours_accepts(path, "alice@example.org")
    assert accepted == ssh_keygen_accepts(path, key, "alice@example.org")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nobody\n",
        "alice\n",
        "KEY\n",
        "alice cert-authority KEY\n",
        "alice no-touch-required KEY\n",
        "alice valid-after=20200101 KEY\n",
        'alice valid-after="yesterday" KEY\n',
        'alice valid-after="20201301" KEY\n',
        'alice namespaces="git KEY\n',
        "alice ssh-ed25519 AAAA\n",
        "alice sk-ssh-ed25519@openssh.com AAAA\n",
        'alice namespaces="git" KEY\n',
    ],
)
def test_a_file_that_is_not_understood_trusts_nobody(file_of, text):
    """A line that is skipped in silence would look like distrust of a signer, and an option like its absence."""
    with pytest.raises(KeyFileError):
        allowed_signers.trusted_keys(file_of(text))


def test_a_file_that_is_no_text_is_refused(tmp_path):
    """As every other file of keys."""
    (tmp_path / "allowed").write_bytes(b"\xff\xfe")

    with pytest.raises(KeyFileError, match="UTF-8"):
        allowed_signers.trusted_keys(tmp_path / "allowed")


def test_local_time_is_local(file_of, monkeypatch):
    """Without Z a time is that of the machine's zone, as ssh-keygen reads it."""
    import time

    monkeypatch.setenv("TZ", "Etc/GMT-5")
    time.tzset()
    try:
        (one,) = allowed_signers.trusted_keys(file_of('a valid-after="202001010000" KEY\n'))
        (other,) = allowed_signers.trusted_keys(file_of('a valid-after="202001010000Z" KEY\n'))
    finally:
        monkeypatch.undo()
        time.tzset()

    assert 5 == (other.valid_after - one.valid_after).total_seconds() / 3600
