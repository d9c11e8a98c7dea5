"""The one place that connects to a container engine, and that turns each way of failing into one clear message."""

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
"""The engine may write a large image to its disk before it sends the first byte of it."""
PINNED = re.compile(r"[^\s@]+@sha256:[0-9a-f]{64}")
NO_ROOM = ("no space left on device", "disk quota exceeded")
_NO_ENGINE = (
    "Nothing was built or run, and nothing was changed. Start it (`systemctl start docker`, or `dockerd` as root), or "
    "name another one in DOCKER_HOST; `docker version` shows what answers."
)


def connect() -> docker.DockerClient:
    """
    The engine that the `docker` command would use: DOCKER_HOST, else the current context, else the default socket.

    Raises EngineError when there is none, when it may not be used, or when it is too old; MissingExtraError without
    the packages of `auditor[container]`.
    """
    extra.require("a container engine")
    import docker  # noqa: PLC0415 - a command that needs no engine shall not pay for it, nor fail without it

    try:
        client = docker.from_env()
    except Exception as problem:  # the SDK wraps everything it meets, TLS and contexts included, in bare exceptions
        raise _unreachable(problem) from problem
    client.api.timeout = SILENCE_SECONDS
    return client


def _unreachable(problem: Exception) -> EngineError:
    """Why no engine answers, by the error that lies below the SDK's own."""
    import docker.errors  # noqa: PLC0415 - see connect

    below = [*_chain(problem)]
    where = os.environ.get("DOCKER_HOST") or "the default socket or the current context of `docker`"
    where = told(where, os.environ)
    if any(isinstance(error, docker.errors.InvalidVersion) for error in below) or "is too old" in str(problem):
        return EngineError(
            f"the container engine at {where} and the docker package have no API version in common: {problem}",
            "Nothing was built or run. Update the engine (1.24, Docker 1.12, is the oldest API that is spoken).",
        )
    if any(isinstance(error, PermissionError) or _number(error) == errno.EACCES for error in below):
        return EngineError(
            f"there is a container engine at {where}, but this user may not use it",
            "Nothing was built or run. Whoever may use that socket is root on this machine: join the group that owns "
            "it (`docker`), or use a rootless engine and name its socket in DOCKER_HOST.",
        )
    reason = told(str(below[-1]) or type(below[-1]).__name__, os.environ)
    return EngineError(f"no container engine answers at {where}: {reason}", _NO_ENGINE)


def _chain(problem: BaseException) -> Iterator[BaseException]:
    """An exception and what lies below it: its causes, its contexts, and exceptions among its arguments."""
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
    Turn what the engine or the connection to it raises inside into EngineError; `deed` says what was being done.

    A full disk of the engine is named as such wherever it shows.
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
                "This part of the work was not done. The engine's own words are the reason; its log may hold more.",
            )
        ) from problem
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as problem:
        raise EngineError(
            f"the connection to the container engine broke while {deed}: {told(str(problem), os.environ)}",
            "This part of the work was not done. See whether the engine still runs (`docker version`), and try again.",
        ) from problem


def is_out_of_disk(text: str) -> bool:
    """Whether an engine's or a build step's words say that a disk is full."""
    return any(words in text.lower() for words in NO_ROOM)


def out_of_disk(deed: str, words: str) -> EngineError:
    """The one message for a full disk."""
    return EngineError(
        f"out of disk while {deed}: {words}",
        "Nothing was finished. `docker system df` shows what the engine's folder holds; make room there (old images "
        "and build caches are the usual find), or move the engine's data-root to a larger disk, and try again.",
    )


def told(text: str, secrets: os._Environ[str] | dict[str, str]) -> str:
    """A text of the engine without the secrets of these variables, and without what looks like one."""
    return str(redact(text, secrets))


def digest_of(client: docker.DockerClient, reference: str, *, tell: Callable[[str], None] | None = None) -> str | None:
    """
    `NAME@sha256:...` for an image name, as its registry answers through the engine; None when it does not.

    A name that carries a digest is given back as it is. `tell` gets the reason when there is no answer. The digest is
    that of the index where the image is made for several platforms, so that it pins all of them.
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
    """NAME of NAME:TAG, where a port of the registry is no tag."""
    head, slash, last = reference.rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"


def untag(client: docker.DockerClient, name: str) -> None:
    """Take a name of ours away, and the image with it if it had no other; nothing where it is not there."""
    import docker.errors  # noqa: PLC0415 - see connect

    with explained(f"removing {name}"), contextlib.suppress(docker.errors.ImageNotFound):
        client.images.remove(name)
