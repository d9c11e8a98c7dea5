"""Connects to the container engine, and translates its errors into messages."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ...errors import EngineError
from ...privacy.secrets import redact
from .. import extra

if TYPE_CHECKING:
    import docker

SILENCE_SECONDS = 3600
"""Read timeout: the engine may write a large image to its disk before it sends the first byte."""
PINNED = re.compile(r"[^\s@]+@sha256:[0-9a-f]{64}")
NO_ROOM = ("no space left on device", "disk quota exceeded")
_NO_ENGINE = (
    "Nothing was built or run. Start the engine (`systemctl start docker`, or `dockerd` as root), or name another one "
    "in DOCKER_HOST; `docker version` shows whether one answers."
)


def connect() -> docker.DockerClient:
    """
    The engine that the `docker` command uses: DOCKER_HOST, else the current context, else the default socket.

    Raises EngineError if there is none, or it is not accessible or too old; MissingExtraError without the packages of
    `auditor[container]`.
    """
    extra.require("a container engine")
    import docker  # noqa: PLC0415 - a command that needs no engine shall not pay for it, nor fail without it

    try:
        client = docker.from_env()
    except Exception as problem:  # the SDK raises various exceptions, also for TLS and contexts
        raise _unreachable(problem) from problem
    client.api.timeout = SILENCE_SECONDS
    return client


def _unreachable(problem: Exception) -> EngineError:
    """The error for an engine that does not answer, from the cause below the SDK's exception."""
    import docker.errors  # noqa: PLC0415 - see connect

    below = [*_chain(problem)]
    where = os.environ.get("DOCKER_HOST") or "the default socket or the current context of `docker`"
    where = told(where, os.environ)
    if any(isinstance(error, docker.errors.InvalidVersion) for error in below) or "is too old" in str(problem):
        return EngineError(
            f"the container engine at {where} and the docker package have no API version in common: {problem}",
            "Nothing was built or run. Update the engine (the oldest supported API is 1.24, of Docker 1.12).",
        )
    if any(isinstance(error, PermissionError) or _number(error) == errno.EACCES for error in below):
        return EngineError(
            f"there is a container engine at {where}, but this user may not use it",
            "Nothing was built or run. Join the group that owns the socket (`docker`; members have root rights), or "
            "use a rootless engine and name its socket in DOCKER_HOST.",
        )
    reason = told(str(below[-1]) or type(below[-1]).__name__, os.environ)
    return EngineError(f"no container engine answers at {where}: {reason}", _NO_ENGINE)


def _chain(problem: BaseException) -> Iterator[BaseException]:
    """An exception and its causes, contexts and exception arguments."""
    seen: list[BaseException] = []
    waiting: list[object] = [problem]
    while waiting:
        error = waiting.pop()
        if isinstance(error, BaseException) and error not in seen:
            seen.append(error)
            waiting += [error.__context__, error.__cause__, getattr(error, "reason", None), *error.args]
    return iter(seen)


def _number(error: BaseException) -> int | None:
    return error.errno if isinstance(error, OSError) else None


@contextlib.contextmanager
def explained(deed: str) -> Iterator[None]:
    """
    Translate exceptions of the engine or its connection into EngineError; `deed` names the current operation.

    A full disk of the engine gets its own message.
    """
    import docker.errors  # noqa: PLC0415 - see connect
    import requests.exceptions  # noqa: PLC0415 - see connect
    import urllib3.exceptions  # noqa: PLC0415 - see connect

    try:
        yield
    except docker.errors.DockerException as problem:
        text = told(str(getattr(problem, "explanation", None) or problem), os.environ)
        raise (
            out_of_disk(deed, text)
            if is_out_of_disk(text)
            else EngineError(
                f"the container engine refused while {deed}: {text}",
                "This step was not completed. The engine's log may have more details.",
            )
        ) from problem
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as problem:
        raise EngineError(
            f"the connection to the container engine broke while {deed}: {told(str(problem), os.environ)}",
            "This step was not completed. Check that the engine runs (`docker version`), and try again.",
        ) from problem


def is_out_of_disk(text: str) -> bool:
    """Whether the output of an engine or a build step reports a full disk."""
    return any(words in text.lower() for words in NO_ROOM)


def out_of_disk(deed: str, words: str) -> EngineError:
    """The error for a full disk."""
    return EngineError(
        f"out of disk while {deed}: {words}",
        "This was not completed. `docker system df` shows what uses the engine's disk: remove old images and build "
        "caches, or move the engine's data-root to a larger disk, and try again.",
    )


def told(text: str, secrets: os._Environ[str] | dict[str, str]) -> str:
    """A text of the engine, with secrets redacted."""
    return str(redact(text, secrets))


def digest_of(client: docker.DockerClient, reference: str, *, tell: Callable[[str], None] | None = None) -> str | None:
    """
    `NAME@sha256:...` of an image name, from its registry through the engine; None without an answer.

    A name with a digest is returned unchanged. `tell` receives the reason if there is no answer. For a multi-platform
    image it is the digest of the index, which pins all platforms.
    """
    if PINNED.fullmatch(reference):
        return reference
    try:
        with explained(f"asking the registry for {reference}"):
            data = client.images.get_registry_data(reference)
    except EngineError as problem:
        if tell:
            tell(problem.message)
        return None
    return f"{_without_tag(reference)}@{data.id}"


def _without_tag(reference: str) -> str:
    """NAME of NAME:TAG; a registry's port is not a tag."""
    head, slash, last = reference.rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"


def untag(client: docker.DockerClient, name: str) -> None:
    """Remove an image name, and the image if it has no other name; ignore a missing one."""
    import docker.errors  # noqa: PLC0415 - see connect

    with explained(f"removing {name}"), contextlib.suppress(docker.errors.ImageNotFound):
        client.images.remove(name)
