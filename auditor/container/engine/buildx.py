"""Builds with BuildKit through the `docker buildx` command, since the docker SDK does not support BuildKit."""

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
"""BuildKit from 0.13 on sets the timestamps of all layers to SOURCE_DATE_EPOCH; older versions ignore the option."""
CONTAINERD_STORE = "io.containerd.snapshotter"


def version(client: docker.DockerClient) -> str:
    """
    The version of `docker buildx` if it is available and can rewrite timestamps; else empty.

    It cannot inside an engine without containerd's image store: that exporter ignores the option (measured with 20.10
    and 26.1), and BuildKit keeps the times of its mount points in /etc, so that no two images are equal.
    DOCKER_BUILDKIT=0 selects the classic builder, as for `docker build`.
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
    """The output of `docker buildx`; empty if it is not available or fails."""
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
        return ""  # cannot be started, so it is not available
    return "" if answer.returncode else answer.stdout


def run(client: docker.DockerClient, context: IO[bytes], order: Order, journal: Journal) -> str:
    """
    Build, load the image into the engine, and return its id. Raises EngineError.

    Engines with containerd's image store refuse to rewrite timestamps while they unpack (measured with 26.1); the build
    is then exported to a file, which is loaded.
    """
    try:
        _call(context, order, journal, f"type=docker,{REWRITING}", cache=order.cache)
    except EngineError as problem:
        if "rewrite-timestamp" not in problem.message:
            raise
        journal.line("auditor: this engine rewrites timestamps only on export, so the build is exported and loaded.")
        _export(client, context, order, journal)
    with explained(f"looking for {order.tag} after the build"):
        return str(client.images.get(order.tag).id)


def _export(client: docker.DockerClient, context: IO[bytes], order: Order, journal: Journal) -> None:
    """Export the finished build from the cache, and load it."""
    with tempfile.TemporaryDirectory(prefix="auditor-image-") as folder:
        path = Path(folder) / "image.tar"
        _call(context, order, journal, f"type=docker,{REWRITING},dest={path}", cache=True)
        with explained(f"loading {order.tag} into the engine"), path.open("rb") as handle:
            client.images.load(handle)


def _call(context: IO[bytes], order: Order, journal: Journal, output: str, *, cache: bool) -> None:
    command = [shutil.which("docker") or "docker", "buildx", "build", "--progress", "plain", "--output", output]
    command += ["--tag", order.tag, "--network", order.network, "--provenance", "false"]  # provenance contains the time
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
    """Run the command to its end; its last error line, or empty if it succeeded."""
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
    """The running command, which is ended with the block."""
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
            "Nothing was built. DOCKER_BUILDKIT=0 selects the classic builder.",
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
