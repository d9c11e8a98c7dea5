"""The `docker buildx` command, which builds with BuildKit: the docker SDK cannot."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ...errors import EngineError
from .client import explained
from .journal import Journal
from .order import Order

if TYPE_CHECKING:
    import docker

LOG = logging.getLogger(__name__)
SECONDS_TO_ANSWER = 30
SECONDS_TO_END = 20
REWRITING = "rewrite-timestamp=true"
"""BuildKit from 0.13 on sets the times in all layers to SOURCE_DATE_EPOCH; older ones pass over the word."""
CONTAINERD_STORE = "io.containerd.snapshotter"


def version(client: docker.DockerClient) -> str:
    """
    The version of `docker buildx`, where it is there and can rewrite the times in an image; else empty.

    It cannot where it builds inside an engine that keeps images without containerd's store: that exporter passes over
    the option (measured with 20.10 and 26.1), and BuildKit leaves the times of its mount points in /etc, so that no
    two images were equal. DOCKER_BUILDKIT=0 asks for the classic builder, as it does of `docker build`.
    """
    if os.environ.get("DOCKER_BUILDKIT") == "0":
        return ""
    found = re.search(r"buildx (v?\d\S*)", _said("version"))  # `docker` of podman answers as buildah
    if not found:
        return ""
    with explained("asking how the engine keeps its images"):
        status = client.info().get("DriverStatus") or []
    inside = re.search(r"^Driver:\s+docker\s*$", _said("inspect"), re.MULTILINE)
    return "" if inside and not any(CONTAINERD_STORE in str(value) for _, value in status) else found[1]


def _said(*words: str) -> str:
    """What `docker buildx` answers; nothing where it is not there or fails."""
    command = shutil.which("docker")
    if not command:
        return ""
    try:
        answer = subprocess.run(
            [command, "buildx", *words],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS_TO_ANSWER,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""  # a command that does not start is a command that is not there
    return "" if answer.returncode else answer.stdout


def run(client: docker.DockerClient, context: IO[bytes], order: Order, journal: Journal) -> str:
    """
    Build, load the image into the engine, and return its id. Raises EngineError.

    Engines with containerd's image store refuse to rewrite times while they unpack (measured with 26.1); there the
    finished build is exported to a file, and that is loaded.
    """
    try:
        _call(context, order, journal, f"type=docker,{REWRITING}", cache=order.cache)
    except EngineError as problem:
        if "rewrite-timestamp" not in problem.message:
            raise
        journal.line("auditor: this engine rewrites times on export alone; the build is exported and loaded.")
        _export(client, context, order, journal)
    with explained(f"looking for {order.tag} after the build"):
        return str(client.images.get(order.tag).id)


def _export(client: docker.DockerClient, context: IO[bytes], order: Order, journal: Journal) -> None:
    """Export the build that was just made, which all comes from the cache, and load it."""
    with tempfile.TemporaryDirectory(prefix="auditor-image-") as folder:
        path = Path(folder) / "image.tar"
        _call(context, order, journal, f"type=docker,{REWRITING},dest={path}", cache=True)
        with explained(f"loading {order.tag} into the engine"), path.open("rb") as handle:
            client.images.load(handle)


def _call(context: IO[bytes], order: Order, journal: Journal, output: str, *, cache: bool) -> None:
    command = [shutil.which("docker") or "docker", "buildx", "build", "--progress", "plain", "--output", output]
    command += ["--tag", order.tag, "--network", order.network, "--provenance", "false"]  # which holds the time
    context.seek(0)
    command += [] if cache else ["--no-cache"]
    environment = dict(os.environ)
    if order.epoch is not None:
        environment["SOURCE_DATE_EPOCH"] = str(order.epoch)
    for name, value in order.buildargs.items():
        if name.startswith(("PIP_", "UV_")):  # may hold credentials, and any user reads command lines in /proc
            environment[name] = value
            command += ["--build-arg", name]
        else:
            command += ["--build-arg", f"{name}={value}"]
    for name, value in order.labels.items():
        command += ["--label", f"{name}={value}"]
    words = _words_of([*command, "-"], context, environment, journal)
    if words:
        raise journal.failure(words)


def _words_of(command: list[str], context: IO[bytes], environment: dict[str, str], journal: Journal) -> str:
    """Run the command to its end; its last error line, or nothing when it succeeded."""
    error = ""
    with _started(command, context, environment) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        for line in process.stdout:
            journal.line(line)
            error = line.strip().removeprefix("ERROR: ") if line.startswith("ERROR: ") else error
        code = process.wait()
    return (error or f"docker buildx ended with exit code {code}") if code else ""


@contextlib.contextmanager
def _started(command: list[str], context: IO[bytes], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The running command, which does not outlive the block."""
    pairs = zip(["", *command], command, strict=False)
    LOG.debug("runs %s", [word.partition("=")[0] if before == "--build-arg" else word for before, word in pairs])
    try:
        process = subprocess.Popen(
            command,
            stdin=context,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            text=True,
            errors="replace",
        )
    except OSError as problem:
        raise EngineError(
            f"`docker buildx` cannot be started: {problem.strerror}",
            "Nothing was built. DOCKER_BUILDKIT=0 does without.",
        ) from problem
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                process.kill()
        process.wait()
