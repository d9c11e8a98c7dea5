"""The audited image, the Python inside it, and their launcher."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from docker.errors import DockerException, ImageNotFound
from docker.types import DeviceRequest

from ...errors import InterpreterError, UsageError
from ...interpreter import discovery
from ...interpreter.discovery import Audited
from ...manifest.models import Digest, Fact, Subject
from .launcher import TROUBLE, InImage, confined

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.images import Image

IDENTIFY_SECONDS = 60
NO_COMMAND = ("executable file not found", "no such file or directory", "not a directory", "permission denied")
"""Error texts of the engine for a missing executable."""
NOT_STARTED = (126, 127)
"""Exit codes of a container whose executable is missing, if the engine does not check it."""
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,511}")


@dataclass(frozen=True)
class AuditedImage:
    """An audited image."""

    client: DockerClient
    name: str
    """The user's name for it."""
    image_id: str
    """`sha256:...`: the digest of its configuration."""
    addresses: tuple[str, ...]
    """`NAME@sha256:...` in registries, as far as the engine knows."""
    variables: Mapping[str, str]
    folder: str
    """Its working folder."""

    @property
    def subject(self) -> Subject:
        """The image as a subject: by its registry digest if there is one, else by its own digest."""
        if self.address:
            name, _, digest = self.address.partition("@sha256:")
            return Subject(name=f"oci:{name}", digest=Digest(sha256=digest))
        return Subject(name=f"image:{self.name}", digest=Digest(sha256=self.image_id.removeprefix("sha256:")))

    @property
    def address(self) -> str:
        """Its address in a registry, preferably in the repository that the user named; empty if there is none."""
        repository = self.name.partition("@")[0]
        folder, slash, last = repository.rpartition("/")
        repository = folder + slash + last.partition(":")[0]
        own = [address for address in sorted(self.addresses) if address.partition("@")[0] == repository]
        return next(iter([*own, *sorted(self.addresses)]), "")

    @property
    def facts(self) -> dict[str, Fact]:
        """Facts about the image from the engine, which the container cannot read itself."""
        source = "the container engine, queried before the audit"
        known = {"host.container.image_digest": self.address.partition("@")[2]} if self.address else {}
        return {
            **{key: Fact(state="value", role="software", value=told, source=source) for key, told in known.items()},
            "host.container.image": Fact(state="value", role="identity", value=self.name, source=source),
            "host.container.image_id": Fact(state="value", role="software", value=self.image_id, source=source),
        }


def choose(client: DockerClient, name: str) -> AuditedImage:
    """The local image of this name. Raises UsageError if there is none; nothing is pulled."""
    if not REFERENCE.fullmatch(name):
        raise UsageError(f"{name!a} is not an image name", "Nothing was audited. Use NAME[:TAG] or NAME@sha256:....")
    try:
        image = client.images.get(name)
    except ImageNotFound as problem:
        raise UsageError(
            f"the container engine has no image {name}",
            f"Nothing was audited, and auditor never pulls images. Run `docker pull {name}` first.",
        ) from problem
    return AuditedImage(client, name, str(image.id), _addresses(image), _variables(image), _folder(image))


def _addresses(image: Image) -> tuple[str, ...]:
    return tuple(str(address) for address in image.attrs.get("RepoDigests") or ())


def _variables(image: Image) -> dict[str, str]:
    told = (image.attrs.get("Config") or {}).get("Env") or []
    return dict(entry.split("=", 1) for entry in told if "=" in entry)


def _folder(image: Image) -> str:
    return str((image.attrs.get("Config") or {}).get("WorkingDir") or "/")


def discover(chosen: AuditedImage, given: str = "") -> Audited:
    """
    The Python to audit in the image: the given one, else the first candidate.

    Raises UsageError if there is none, InterpreterError if the given one does not answer.
    """
    tried = []
    for path, reason in [(given, "given with --python")] if given else _candidates(chosen):
        said = _identified(chosen, path)
        if said:
            found, version, frameworks = said
            return Audited(found, f"{reason}, in the image {chosen.name}", version, frameworks)
        tried.append(path)
    raise UsageError(
        f"no Python answers in the image {chosen.name}; tried: {', '.join(tried)}",
        "Nothing was audited. Give its path inside the image with --python.",
    )


def _candidates(chosen: AuditedImage) -> Iterator[tuple[str, str]]:
    for variable, reason in (
        ("VIRTUAL_ENV", "the virtual environment that the image activates ($VIRTUAL_ENV)"),
        ("CONDA_PREFIX", "the conda environment that the image activates"),
    ):
        if chosen.variables.get(variable):
            yield posixpath.join(chosen.variables[variable], "bin", "python"), reason
    yield posixpath.join(chosen.folder, ".venv", "bin", "python"), "./.venv"
    yield "python3", "python3 on PATH"
    yield "python", "python on PATH"


def _identified(chosen: AuditedImage, path: str) -> tuple[str, tuple[int, ...], tuple[str, ...]] | None:
    """The interpreter's real path, version and frameworks; None if there is no such file. Raises InterpreterError."""
    program = f"{discovery.IDENTIFY}\nsys.stdout.write('|' + json.dumps(sys.executable))"
    try:
        container = chosen.client.containers.create(
            chosen.image_id, entrypoint=[path], command=["-B", "-c", program], **confined()
        )
    except TROUBLE as problem:
        raise _no_answer(path, str(problem)) from problem
    try:
        container.start()
        ended = container.wait(timeout=IDENTIFY_SECONDS)
        printed = container.logs(stdout=True, stderr=False).decode("utf-8", "replace")
    except DockerException as problem:
        if any(words in str(problem).lower() for words in NO_COMMAND):
            return None
        raise _no_answer(path, str(problem)) from problem
    finally:
        container.remove(force=True, v=True)
    if ended["StatusCode"] in NOT_STARTED:
        return None
    _, marker, said = printed.rpartition(discovery.MARKER)
    if ended["StatusCode"] or not marker:
        raise _no_answer(path, f"exit code {ended['StatusCode']}")
    told, _, executable = said.partition("|")
    return json.loads(executable), *discovery.identified(path, told)


def _no_answer(path: str, told: str) -> InterpreterError:
    return InterpreterError(
        f"{path} in the image is not a working Python ({told})",
        "Nothing was audited. Give the path of a working interpreter inside the image with --python.",
    )


def launcher(chosen: AuditedImage, audited: Audited, cache: Path, readable: Sequence[Path] = ()) -> InImage:
    """The launcher of this Python in this image; the image's user may write to `cache`."""
    return InImage(
        chosen.client, chosen.image_id, audited.path, chosen.variables, cache, tuple(readable), _devices(chosen.client)
    )


def _devices(client: DockerClient) -> list[DeviceRequest]:
    """All NVIDIA devices of the machine, if the engine supports them."""
    runtimes = client.info().get("Runtimes") or {}
    return [DeviceRequest(count=-1, capabilities=[["gpu"]])] if "nvidia" in runtimes else []
