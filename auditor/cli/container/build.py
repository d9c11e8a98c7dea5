"""`auditor container build`."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...container import extra
from ...container.engine import build as builds
from ...container.engine import checked_wheels, trees
from ...container.engine import client as clients
from ...container.engine.context import DOCKERFILE, LOG
from ...container.engine.order import NETWORKS
from ...errors import FINDINGS, OK, UsageError
from ...quoting.inert import visible
from ...signing.enclosing import refuse_inside_signed, signed_folder

if TYPE_CHECKING:
    import docker

DEFAULT_NAME = "auditor-rebuilt"
DIFFERENCES_SHOWN = 20
LOCK = "requirements.lock"
SPECS = "specs"


@click.command("build")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("-t", "--tag", metavar="NAME", default=DEFAULT_NAME, show_default=True, help="Name of the image.")
@click.option("--twice", is_flag=True, help="Build twice without cache and compare all files.")
@click.option(
    "--wheelhouse",
    "wheels",
    metavar="WHEELS",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Install only from this folder, checked against requirements.lock; no network.",
)
@click.option("--network", type=click.Choice(NETWORKS), help="Network of the build steps.")
@click.option(
    "--build-arg",
    "arguments",
    multiple=True,
    metavar="NAME[=VALUE]",
    help="Set an ARG; the default VALUE is the environment's.",
)
@click.option(
    "--log",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Log file  [default: DIR/build.log, or beside a signed audit folder]",
)
@click.option("-q", "--quiet", is_flag=True, help="Do not show progress.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(  # noqa: PLR0917 - click passes options by name
    folder: Path,
    tag: str,
    wheels: Path | None,
    network: str | None,
    arguments: Sequence[str],
    log: Path | None,
    *,
    twice: bool,
    quiet: bool,
    as_json: bool,
) -> int:
    """
    Build the specification in DIR with the container engine that `docker` uses.

    DIR contains a Dockerfile, or is an audit folder with one in specs/. With --twice, exit code 1 means that two builds
    differ, and the differing files are listed. `docker buildx` is used if available (DOCKER_BUILDKIT=0 disables it).
    """
    extra.require("`auditor container build`")
    folder = _specification(folder)
    log = _log(folder, log)
    checked = checked_wheels.checked(wheels, folder / LOCK) if wheels else None
    options: dict[str, Any] = {
        "network": _network(network, checked is not None),
        "buildargs": {**_arguments(arguments), **({} if checked is None else {"PIP_NO_INDEX": "1"})},
        "wheels": checked,
        "progress": None if quiet else _show,
    }
    client = clients.connect()
    built = builds.build(client, folder, tag, log=log, **options)
    result: dict[str, Any] = {"image": built.image, "tag": tag, "builder": built.builder}
    result["seconds"] = round(built.seconds, 1)
    if twice:
        result["twice"] = _again(client, folder, built, log, options)
    _print(result, as_json=as_json)
    return FINDINGS if twice and result["twice"]["differences"] else OK


def _specification(folder: Path) -> Path:
    """The folder itself, or its specs/. Raises UsageError."""
    for candidate in (folder, folder / SPECS):
        if (candidate / DOCKERFILE).is_file():
            return candidate
    raise UsageError(
        f"there is no {DOCKERFILE} in {folder} or in its {SPECS}/",
        "Nothing was built. Write a specification with `auditor container write MANIFEST`.",
    )


def _log(folder: Path, named: Path | None) -> Path:
    """The log's file: not in a signed audit folder, where it would be a file that was not signed."""
    if named is not None:
        refuse_inside_signed(named, "Name another file with --log.")
        return named
    root = signed_folder(folder)
    return folder / LOG if root is None else root.with_name(f"{root.name}.{LOG}")


def _network(asked: str | None, from_wheels: bool) -> str:  # noqa: FBT001 - a private function with one caller
    if from_wheels and asked not in (None, "none"):
        raise UsageError(
            f"--wheelhouse builds without a network, so --network {asked} cannot be used",
            "Nothing was built. Leave out one of the options.",
        )
    return "none" if from_wheels else asked or "default"


def _arguments(words: Sequence[str]) -> dict[str, str]:
    """Name to value; a NAME without a value takes it from the environment. Raises UsageError."""
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals and name not in os.environ:
            raise UsageError(
                f"--build-arg {name}: the environment has no such variable",
                "Nothing was built. Export it, or write --build-arg NAME=VALUE.",
            )
        found[name] = value if equals else os.environ[name]
    return found


def _again(
    client: docker.DockerClient, folder: Path, built: builds.Built, log: Path, options: dict[str, Any]
) -> dict[str, Any]:
    """Build again under a temporary name, which is removed afterwards, and compare both images."""
    name = f"auditor-twice-{secrets.token_hex(6)}"
    try:
        second = builds.build(client, folder, name, log=log.with_name(f"{log.name}.second"), **options)
        known: dict[str, Any] = {}
        first_files, second_files = (trees.tree(client, image, known) for image in (built.image, second.image))
        equal, layers = trees.shared_layers(client, built.image, second.image)
        found = [
            *trees.settings_differences(client, built.image, second.image),
            *trees.differences(first_files, second_files),
        ]
    finally:
        clients.untag(client, name)
    return {
        "files": len(first_files),
        "layers": layers,
        "equal_layers": equal,
        "differences": [{"path": item.path, "aspects": item.aspects, "text": item.text} for item in found],
    }


def _show(line: str) -> None:
    click.echo(visible(line), err=True)


def _print(result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(result, indent=2))
        return
    click.echo(f"{result['tag']}: {result['image']}, by {result['builder']} in {result['seconds']} s")
    twice = result.get("twice")
    if not twice:
        return
    layers = f"layers equal: {twice['equal_layers']} of {twice['layers']}"
    found = twice["differences"]
    if not found:
        click.echo(f"Built twice without cache: all {twice['files']} paths are equal; {layers}.")
        return
    click.echo(f"Built twice without cache: {len(found)} of {twice['files']} paths differ; {layers}.")
    for item in found[:DIFFERENCES_SHOWN]:
        click.echo(visible(f"  {item['path']}: {item['text']}"))
    if len(found) > DIFFERENCES_SHOWN:
        click.echo(f"  and {len(found) - DIFFERENCES_SHOWN} more; --json lists all.")
