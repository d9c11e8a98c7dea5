"""The engine's classic builder, through the docker SDK."""

from __future__ import annotations

import contextlib
import re
import time
from typing import IO, TYPE_CHECKING, Any

from .client import explained
from .journal import Journal
from .order import Order

if TYPE_CHECKING:
    import docker

CONFLICT = 409
SECONDS_TO_END_A_STEP = 60
"""How long the engine may take to end the step of an interrupted build: 0.2 s where it is idle."""
_IMAGE = re.compile(r"\s*---> ([0-9a-f]{12,64})\s*")


def name(client: docker.DockerClient) -> str:
    """The name of the builder."""
    with explained("asking for the engine's version"):
        return f"the classic builder of engine {client.version().get('Version', 'of unknown version')}"


def run(client: docker.DockerClient, context: IO[bytes], order: Order, journal: Journal) -> str:
    """
    Build, and return the image's id. Raises EngineError.

    Afterwards the unnamed images of the other stages are removed, since each is as large as an environment, and without
    a cache they are not used again.
    """
    with explained("listing the images there are"):
        before = set() if order.cache else {str(image.id) for image in client.images.list(all=True)}
    made = _Made()
    try:
        with explained(f"building {order.tag}"):
            return _follow(client, context, order, journal, made)
    finally:
        if not order.cache:
            _remove(client, made, before, journal)


class _Made:
    """The images that a build reported, by their short ids."""

    def __init__(self) -> None:
        self.images: list[str] = []
        self.final = ""


def _follow(client: docker.DockerClient, context: IO[bytes], order: Order, journal: Journal, made: _Made) -> str:
    """Send the context and read the builder's events to the end."""
    events = client.api.build(
        fileobj=context,
        custom_context=True,
        tag=order.tag,
        nocache=not order.cache,
        network_mode=None if order.network == "default" else order.network,
        buildargs=dict(order.buildargs),
        labels=dict(order.labels),
        rm=True,
        forcerm=True,
        decode=True,
    )
    with contextlib.closing(events):  # an interrupted build ends when its connection does
        for event in events:
            if "error" in event:
                raise journal.failure(str(event["error"]))
            _hear(event, journal, made)
    if not made.final:
        raise journal.failure("the builder ended without an image")
    return made.final


def _hear(event: dict[str, Any], journal: Journal, made: _Made) -> None:
    if "stream" in event:
        text = str(event["stream"])
        journal.write(text)
        made.images += [match[1] for line in text.splitlines() if (match := _IMAGE.fullmatch(line))]
    elif "status" in event and not event.get("progressDetail"):  # not each kilobyte of a pulled base image
        journal.line(" ".join(str(event[key]) for key in ("id", "status") if event.get(key)))
    elif "aux" in event and "ID" in event["aux"]:
        made.final = str(event["aux"]["ID"])


def _remove(client: docker.DockerClient, made: _Made, before: set[str], journal: Journal) -> None:
    """Remove the unnamed images that the build made, from the top; ancestors of the image are kept."""
    with explained("removing the images of the build's other stages"):
        kept = {made.final, *_ancestors(client, made.final)}
        for image in reversed(made.images):
            try:
                attributes = client.images.get(image).attrs
                named = attributes.get("RepoTags") or attributes.get("RepoDigests")
                if attributes["Id"] not in before | kept and not named:
                    _remove_one(client, attributes["Id"])
            except _problem() as problem:  # in use, or already removed
                journal.line(f"{image} was not removed: {problem.explanation}")


def _remove_one(client: docker.DockerClient, image: str) -> None:
    """Remove an image; retry while the last step of an interrupted build still uses it."""
    end = time.monotonic() + SECONDS_TO_END_A_STEP
    while True:
        try:
            client.api.remove_image(image, noprune=True)
        except _problem() as problem:
            if problem.status_code != CONFLICT or time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return


def _ancestors(client: docker.DockerClient, image: str) -> list[str]:
    found: list[str] = []
    while image:
        try:
            image = str(client.images.get(image).attrs.get("Parent") or "")
        except _problem():
            return found
        found.append(image)
    return found


def _problem() -> Any:
    import docker.errors  # noqa: PLC0415 - a command that needs no engine shall not pay for it

    return docker.errors.APIError
