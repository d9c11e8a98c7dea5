"""
A real container engine, registry and base image for tests: `engine`, `image_name`, `buildx`, `containerd_engine`.

An engine that runs is used; else dockerd is started, as root and where it is installed (`make test` installs it), and
stopped at the end. The registry is always one of its own. What takes long, the base image's tree, the registry's
storage and the buildx plugin, is kept in the user's cache folder. What cannot be had skips with the reason.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from auditor.container.engine import client as clients
from auditor.errors import EngineError

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "auditor-tests"
SECONDS_TO_START = 60
PACKAGES = "python3,python3-venv,ca-certificates"
RECIPE = "1"
"""Part of the cache's names: raise it when the base image's making changes."""
NEWER_SUITE = "trixie"
"""Debian 12 has no docker-buildx, and an engine of 2020; those of the next release run on it."""


@dataclass(frozen=True)
class Engine:
    """What tests may use."""

    client: object
    """A docker.DockerClient; DOCKER_HOST names its engine where it is not the default one."""
    base: str
    """A Debian with Python and venv: NAME@sha256:... in the registry, and present in the engine."""
    base_tag: str
    """The same by its tag."""
    root_folder: Path
    """The tree that the base image was made of; nobody writes into it."""
    registry: str
    """HOST:PORT, without a password."""


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """A running engine and registry, for the session."""
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(_engine())
        with _locked("base"):
            tree = _tree()
            registry = stack.enter_context(_registry())
            tag = f"{registry}/auditor-test-base:{tree.name}"
            _base_image(client, tree, tag)
        digest = clients.digest_of(client, tag)
        assert digest, tag
        client.images.pull(digest)
        yield Engine(client, digest, tag, tree, registry)
        for name in (tag, digest):
            clients.untag(client, name)


@pytest.fixture
def image_name(engine) -> Iterator[str]:
    """A name for an image that is removed after the test, with every other one whose name begins so."""
    name = f"auditor-test-{secrets.token_hex(6)}"
    yield name
    for image in engine.client.images.list():
        for tag in image.tags:
            if tag.startswith(name):
                engine.client.images.remove(tag, force=True)


@pytest.fixture(scope="session")
def buildx() -> Iterator[str]:
    """A folder for DOCKER_CONFIG that holds the buildx plugin, of a newer Debian where this one has none."""
    if not shutil.which("docker"):
        pytest.skip("no `docker` command: buildx is a part of it")
    folder = CACHE / f"buildx-{NEWER_SUITE}"
    with _locked("buildx"):
        if not folder.exists():
            _fetched(folder, ["docker-buildx"], ["docker-buildx"])
    with tempfile.TemporaryDirectory() as fresh:  # the command writes its state there
        shutil.copytree(folder, Path(fresh) / "cli-plugins")
        yield fresh


@pytest.fixture(scope="session")
def containerd_engine() -> Iterator[str]:
    """The address of a newer engine that keeps its images in containerd's store, as Docker does from 29 on."""
    if not _is_root() or not shutil.which("runc"):
        pytest.skip(f"no newer engine: {_why_not('runc')}")
    folder = CACHE / f"engine-{NEWER_SUITE}"
    with _locked("newer-engine"):
        if not folder.exists():
            _fetched(folder, ["docker.io", "containerd"], ["dockerd", "containerd", "containerd-shim-runc-v2"])
    with tempfile.TemporaryDirectory() as fresh:
        config = Path(fresh) / "daemon.json"
        config.write_text('{"features": {"containerd-snapshotter": true}}')
        path = f"{folder}{os.pathsep}{os.environ['PATH']}"
        with dockerd(None, "--config-file", str(config), path=path) as address:
            yield address


@contextlib.contextmanager
def _engine():
    """The engine that answers, else one of our own."""
    try:
        client = clients.connect()
    except EngineError as problem:
        absent = problem.message
    else:
        yield client
        return
    if os.environ.get("DOCKER_HOST"):
        pytest.skip(f"DOCKER_HOST is set, and {absent}")
    if os.geteuid() != 0 or not shutil.which("dockerd"):
        pytest.skip(f"{absent}; and none can be started: {_why_not('dockerd')}")
    with dockerd() as address:
        os.environ["DOCKER_HOST"] = address
        try:
            yield clients.connect()
        finally:
            del os.environ["DOCKER_HOST"]


def _why_not(command: str) -> str:
    return f"{command} is not installed (`make test` as root on Debian installs it)" if _is_root() else "not root"


def _is_root() -> bool:
    return os.geteuid() == 0


@contextlib.contextmanager
def dockerd(data_root: Path | None = None, *options: str, path: str = "") -> Iterator[str]:
    """A daemon of our own, which ends with the block; its address."""
    folder = Path(tempfile.mkdtemp(prefix="auditor-dockerd-", dir="/tmp"))  # a socket's path must be short
    address = f"unix://{folder}/docker.sock"
    command = [
        shutil.which("dockerd", path=path or None) or "dockerd",
        *options,
        "--iptables=false",
        "--ip6tables=false",
        "--bridge=none",
        "--host",
        address,
    ]
    command += ["--data-root", str(data_root or folder / "data"), "--exec-root", str(folder / "exec")]
    command += ["--pidfile", str(folder / "pid")]
    with (folder / "log").open("wb") as log:
        environment = {**os.environ, "PATH": path or os.environ["PATH"]}
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, env=environment)
    try:
        _await(process, folder / "log", lambda: _answers_docker(folder / "docker.sock"))
        yield address
    finally:
        process.terminate()
        process.wait(SECONDS_TO_START)
        for mounted in folder.glob("exec/netns/*"):  # the daemon leaves its network namespace mounted
            subprocess.run(["umount", "--lazy", str(mounted)], capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _answers_docker(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection, contextlib.suppress(OSError):
        connection.settimeout(5)
        connection.connect(str(path))
        connection.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
        return b"200 OK" in connection.recv(4096)
    return False


@contextlib.contextmanager
def _registry() -> Iterator[str]:
    """A registry on a free port, over the storage that is kept; HOST:PORT."""
    if not shutil.which("docker-registry"):
        pytest.skip(f"no registry: {_why_not('docker-registry')}")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with tempfile.TemporaryDirectory() as folder:
        storage, config, log = CACHE / "registry", Path(folder) / "config.yml", Path(folder) / "log"
        config.write_text(
            f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {storage}}}}}\nhttp: {{addr: '{address}'}}\n"
        )
        with log.open("wb") as handle:
            process = subprocess.Popen(["docker-registry", "serve", str(config)], stdout=handle, stderr=handle)
        try:
            _await(process, log, lambda: _answers_http(f"http://{address}/v2/"))
            yield address
        finally:
            process.terminate()
            process.wait(SECONDS_TO_START)


def _answers_http(url: str) -> bool:
    with contextlib.suppress(OSError):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        return opener.open(url, timeout=5).status == 200
    return False


def _await(process: subprocess.Popen, log: Path, answers) -> None:
    """Wait until it answers; skip with its last words when it ends or stays silent."""
    end = time.monotonic() + SECONDS_TO_START
    while not answers():
        if process.poll() is not None or time.monotonic() > end:
            words = log.read_text(errors="replace").strip().splitlines()[-1:]
            pytest.skip(f"{process.args[0]} does not start here: {' '.join(words)[:400]}")
        time.sleep(0.1)


@contextlib.contextmanager
def _locked(name: str) -> Iterator[None]:
    """Two test runs at once make a thing once."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _codename() -> str:
    """This Debian's name; the mirror of its sources has its packages, and its keyring their key."""
    release = Path("/etc/os-release").read_text() if Path("/etc/os-release").exists() else ""
    found = re.search(r'^VERSION_CODENAME="?([a-z]+)', release, re.MULTILINE)
    if not found or not re.search(r"^ID=debian$", release, re.MULTILINE):
        pytest.skip("no base image: this machine is no Debian, whose mirror it would be made from")
    return found[1]


def mirror() -> str:
    """The Debian mirror that this machine's apt sources name, comments left out."""
    folder = Path("/etc/apt")
    paths = [folder / "sources.list", *sorted(folder.glob("sources.list.d/*.sources"))]
    for path in [*paths, *sorted(folder.glob("sources.list.d/*.list"))]:
        text = path.read_text() if path.exists() else ""
        for line in text.splitlines():
            found = re.match(r"(?:URIs:|deb\s+(?:\[[^]]*\]\s+)?)\s*(\S+/debian/?)(?:\s|$)", line)
            if found:
                return found[1]
    pytest.skip("no base image: apt's sources name no Debian mirror")


def _tree() -> Path:
    """The base image's files, made by debootstrap once."""
    codename = _codename()
    tree = CACHE / f"{codename}-{RECIPE}"
    if tree.exists():
        return tree
    if not _is_root() or not shutil.which("debootstrap"):
        pytest.skip(f"no base image: {_why_not('debootstrap')}")
    partial = Path(tempfile.mkdtemp(prefix=f"{tree.name}-partial-", dir=CACHE))
    partial.chmod(0o755)
    try:
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", codename, str(partial), mirror()]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        if done.returncode:
            pytest.skip(f"no base image: debootstrap failed: {done.stdout.strip().splitlines()[-1:]}")
        for path in [*partial.glob("var/cache/apt/archives/*.deb"), *partial.glob("var/lib/apt/lists/*_*")]:
            path.unlink()
        partial.rename(tree)
    finally:
        if partial.exists():
            shutil.rmtree(partial)
    return tree


def _base_image(client, tree: Path, tag: str) -> None:
    """The base image in registry and engine: pulled where the kept storage has it, else imported and pushed."""
    if clients.digest_of(client, tag):
        client.images.pull(tag)
        return
    with tempfile.NamedTemporaryFile(suffix=".tar") as archive:
        command = ["tar", "--create", "--file", archive.name, "--numeric-owner", "--sort=name", "--one-file-system"]
        subprocess.run([*command, "--directory", str(tree), "."], check=True)
        repository, _, name = tag.rpartition(":")
        client.api.import_image_from_file(archive.name, repository=repository, tag=name)
    for event in client.api.push(repository, tag=name, stream=True, decode=True):
        assert "error" not in event, event


def _fetched(folder: Path, packages: list[str], wanted: list[str]) -> None:
    """Files of a newer Debian's packages put into a folder; nothing is installed."""
    keyring = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb") or not keyring.exists():
        pytest.skip(f"this machine has no apt to fetch Debian's {' and '.join(packages)} with")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        (work / "lists").mkdir()
        (work / "cache").mkdir()
        (work / "sources.list").write_text(f"deb [signed-by={keyring}] {mirror()} {NEWER_SUITE} main\n")
        options = [f"Dir::Etc::SourceList={work}/sources.list", "Dir::Etc::SourceParts=/dev/null"]
        options += [f"Dir::State::Lists={work}/lists", f"Dir::Cache={work}/cache", "APT::Sandbox::User=root"]
        flags = [word for option in options for word in ("--option", option)]
        for deed in (["update"], ["download", *packages]):
            done = subprocess.run(["apt-get", *flags, *deed], cwd=work, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"{packages} cannot be had: apt-get {deed[0]} failed: {done.stderr.strip()[-300:]}")
        for package in work.glob("*.deb"):
            subprocess.run(["dpkg-deb", "--extract", str(package), str(work / "tree")], check=True)
        partial = Path(tempfile.mkdtemp(prefix=f"{folder.name}-partial-", dir=CACHE))
        for item in wanted:
            programs = [path for path in work.glob(f"tree/**/{item}") if path.is_file() and os.access(path, os.X_OK)]
            shutil.copy2(programs[0], partial / item)
        partial.rename(folder)
