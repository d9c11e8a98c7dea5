import http.server
import os
import shutil
import socketserver
import subprocess
import sys
import threading

import pytest

from auditor.container.engine import client as clients
from auditor.errors import FAILED, EngineError, MissingExtraError


@pytest.mark.engine
def test_a_digest_comes_from_the_registry(engine):
    """A tag's digest is the one that the registry gives to whoever asks it, and a pinned name stays as it is."""
    repository = engine.base_tag.rpartition(":")[0]

    assert engine.base == clients.digest_of(engine.client, engine.base_tag)
    assert engine.base.startswith(f"{repository}@sha256:")
    assert engine.base == clients.digest_of(engine.client, engine.base)


@pytest.mark.engine
@pytest.mark.parametrize(
    "name", ["{registry}/nothing-of-that-name:1", "127.0.0.1:1/x:1", "UPPER", "--help", "", "../x"]
)
def test_a_name_without_an_answer_is_told_why(engine, name):
    """An image or registry that does not exist, or no name at all, gives no digest and a reason."""
    told = []

    assert clients.digest_of(engine.client, name.format(registry=engine.registry), tell=told.append) is None
    assert len(told) == 1
    assert told[0]


def unreachable(monkeypatch, address):
    """The error of connecting there."""
    monkeypatch.setenv("DOCKER_HOST", address)
    with pytest.raises(EngineError) as raised:
        clients.connect()
    assert FAILED == raised.value.exit_code
    return raised.value


def test_an_absent_engine_is_one_clear_message(monkeypatch, tmp_path):
    """No socket, a socket that nobody listens on, an address that is none: what happened and what to do."""
    for address in (f"unix://{tmp_path}/docker.sock", "tcp://127.0.0.1:1"):
        error = unreachable(monkeypatch, address)

        assert f"no container engine answers at {address}" in error.message
        assert "systemctl start docker" in error.hint
        assert "Nothing was built or run" in error.hint
    assert "no container engine answers" in unreachable(monkeypatch, "nonsense://x").message


def test_credentials_in_the_address_are_not_shown(monkeypatch):
    """An address with user information loses it in the message."""
    assert "hunter2" not in unreachable(monkeypatch, "tcp://someone:hunter2secret@127.0.0.1:1").message


class Ancient(http.server.BaseHTTPRequestHandler):
    """What an engine of 2013 would answer to the first question."""

    version = b'{"ApiVersion": "1.12", "Version": "0.11"}'
    status = 200

    def do_GET(self):
        """Answer."""
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.version)))
        self.end_headers()
        self.wfile.write(self.version)

    def log_message(self, *_):
        """Say nothing."""


class Strict(Ancient):
    """What engine 29 answers to a client whose API is too old."""

    version = b'{"message": "client version 1.24 is too old. Minimum supported API version is 1.44"}'
    status = 400


class Stranger(Ancient):
    """Something that speaks HTTP and is no engine."""

    version = b"{}"


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (Ancient, "no API version in common"),
        (Strict, "no API version in common"),
        (Stranger, "no container engine answers"),
    ],
)
def test_an_engine_that_speaks_another_language_is_named(monkeypatch, handler, said):
    """Too old for us, we too old for it, or no engine at all: recorded answers, as no such engine is at hand."""
    with socketserver.TCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            assert said in unreachable(monkeypatch, f"tcp://127.0.0.1:{server.server_address[1]}").message
        finally:
            server.shutdown()


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can become somebody else")
def test_a_socket_that_belongs_to_others_is_told_apart(tmp_path):
    """A user outside the engine's group reads that the engine is there, and what membership means."""
    import socket

    path = tmp_path / "docker.sock"
    program = (
        "import os, sys; from auditor.container.engine import client; from auditor.errors import EngineError, as_text\n"
        "import docker, docker.errors, requests, urllib3, urllib3.exceptions\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try: client.connect()\n"
        "except EngineError as problem: print(as_text(problem))\n"
    )
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        path.chmod(0o600)
        for folder in [tmp_path, *tmp_path.parents][:3]:
            folder.chmod(folder.stat().st_mode | 0o711)
        answer = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "DOCKER_HOST": f"unix://{path}", "DOCKER_CONFIG": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

    assert "this user may not use it" in answer.stdout, answer.stderr
    assert "root rights" in answer.stdout


def test_an_absent_package_is_named(monkeypatch):
    """Who has not installed the docker package reads how to."""
    monkeypatch.setitem(sys.modules, "docker", None)

    with pytest.raises(MissingExtraError, match="not installed: docker") as raised:
        clients.connect()

    assert "pip install 'auditor[container]'" in raised.value.hint


def test_nothing_of_the_engine_is_imported_before_it_is_needed():
    """`auditor --help` and every command without an engine do without the docker package."""
    program = (
        "import sys; import auditor.cli, auditor.container.engine.client, auditor.cli.container; "
        "print('docker' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert "False" == answer.stdout.strip()


@pytest.mark.parametrize(
    "words",
    [
        "write /opt/x: no space left on device",
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
        "Error processing tar file(exit status 1): write /big: disk quota exceeded",
    ],
)
def test_a_full_disk_is_recognised_in_the_words_of_engine_and_pip(words):
    """Messages as an engine, pip and tar gave them."""
    assert clients.is_out_of_disk(words)
    assert not clients.is_out_of_disk("no such file")
