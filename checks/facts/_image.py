"""
The container's image, as far as it can be learnt inside the container: from files of runtimes and from variables.

Docker, containerd and Kubernetes do not reveal the image to a container (the downward API has no field for it), and no
network is used. A variable's declaration is recorded as declared: each fact's source names where it came from.
"""

from __future__ import annotations

import json
import os
import re
from urllib.parse import unquote

from .. import fact
from ..declare import NotApplicable
from . import _container, _files, _limits

PODMAN = "/run/.containerenv"
"""Pairs of names and values in privileged containers and in Buildah's steps; empty in others (podman-run(1))."""
POD_ANNOTATIONS = "/etc/podinfo/annotations"
"""Where Kubernetes' documentation mounts the downward API's volume: a line `key="value"` for each annotation."""
ANNOTATION_PREFIX = "resource.opentelemetry.io/"
"""Annotations that stand for OpenTelemetry's resource attributes."""
NAMED = ("WANDB_DOCKER", "JUPYTER_IMAGE", "CI_JOB_IMAGE")
"""
Variables that hold an image's reference: Weights & Biases' (docs.wandb.ai/models/integrations/docker), JupyterHub's of
KubeSpawner and DockerSpawner, and GitLab CI's (docs.gitlab.com/ci/variables/predefined_variables).
"""
IMAGE_FILES = ("APPTAINER_CONTAINER", "SINGULARITY_CONTAINER")
"""Path or address of the image that Apptainer runs."""

_DIGEST = re.compile(r"(?:^|@)(sha256:[0-9a-f]{64})$")
_BARE_ID = re.compile(r"(?:sha256:)?([0-9a-f]{64})")

NAME = "host.container.image"
ID = "host.container.image_id"
DIGEST = "host.container.image_digest"
_SOURCES = ", ".join(
    (
        PODMAN,
        "$ECS_CONTAINER_METADATA_FILE",
        "$OTEL_RESOURCE_ATTRIBUTES",
        POD_ANNOTATIONS,
        *("$" + one for one in NAMED),
    )
)
KEYS = {
    NAME: fact.Key("identity", "name of the image", source=_SOURCES),
    ID: fact.Key("software", "digest of the image's configuration (its identifier)", source=_SOURCES),
    DIGEST: fact.Key("software", "digest of the image's manifest (NAME@sha256:DIGEST)", source=_SOURCES),
}


def facts():
    """Each of KEYS with its fact; inside a container the first source that has a value wins."""
    try:
        runtime = _container.runtime_or_reason()
        told = _limits.within(lambda: list(_told()))
    except (NotApplicable, fact.Unknown) as problem:
        state = fact.not_applicable if isinstance(problem, NotApplicable) else fact.unknown
        yield from ((key, state(str(problem), _SOURCES)) for key in KEYS)
        return
    for key in KEYS:
        found = [(content, source) for name, content, source in told if name == key]
        yield key, fact.value(*found[0]) if found else fact.unknown(_reason(runtime), _SOURCES)


def _reason(runtime):
    return (
        "%s tells a container nothing of it, and no variable declares it; `audit --subject oci:NAME@sha256:DIGEST` "
        "states it, or inside set OTEL_RESOURCE_ATTRIBUTES=oci.manifest.digest=sha256:DIGEST" % runtime
    )


def _told():
    """(key, content, source) in order of trust: runtimes before declarations."""
    yield from _of_podman()
    yield from _of_ecs()
    yield from _of_attributes(_attributes(), "$OTEL_RESOURCE_ATTRIBUTES")
    yield from _of_attributes(_annotations(), POD_ANNOTATIONS)
    for variable in NAMED:
        yield from _of_reference(os.environ.get(variable, ""), "$" + variable)
    for variable in IMAGE_FILES:
        if os.environ.get(variable):
            yield NAME, os.environ[variable], "$" + variable


def _of_podman():
    try:
        lines = _files.text(PODMAN).splitlines()
    except (NotApplicable, fact.Unknown):
        return
    told = dict(line.split("=", 1) for line in lines if "=" in line)
    yield from _of_reference(told.get("image", "").strip('"'), PODMAN)
    yield from _of_id(told.get("imageid", "").strip('"'), PODMAN)


def _of_ecs():
    """The metadata file of Amazon ECS, which exists if the agent's ECS_ENABLE_CONTAINER_METADATA is on."""
    source = "$ECS_CONTAINER_METADATA_FILE"
    try:
        told = json.loads(_files.text(os.environ.get(source[1:], "")))
    except (NotApplicable, fact.Unknown, ValueError):  # not on ECS, or the agent is still writing it
        return
    if isinstance(told, dict):
        yield from _of_reference(str(told.get("ImageName", "")), source)
        yield from _of_id(str(told.get("ImageID", "")), source)


def _of_attributes(attributes, source):
    """OpenTelemetry's names: opentelemetry.io/docs/specs/semconv/resource/container and .../registry/attributes/oci."""
    yield from _of_reference(attributes.get("oci.manifest.digest", ""), source)
    for reference in re.findall(r"[^\s\",\[\]]+", attributes.get("container.image.repo_digests", "")):
        yield from _of_reference(reference, source)
    identifier = attributes.get("container.image.id", "")
    yield from (_of_reference if "@" in identifier else _of_id)(identifier, source)
    if attributes.get("container.image.name"):
        yield NAME, attributes["container.image.name"], source


def _attributes():
    """Pairs as the specification writes them: `key=value,key=value`, values percent-encoded."""
    pairs = (pair.split("=", 1) for pair in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "").split(",") if "=" in pair)
    return {key.strip(): unquote(content.strip()) for key, content in pairs}


def _annotations():
    try:
        lines = _files.text(POD_ANNOTATIONS).splitlines()
    except (NotApplicable, fact.Unknown):
        return {}
    pairs = (line.split("=", 1) for line in lines if line.startswith(ANNOTATION_PREFIX) and "=" in line)
    return {key[len(ANNOTATION_PREFIX) :]: content.strip('"').replace('\\"', '"') for key, content in pairs}


def _of_reference(reference, source):
    """A reference `NAME[:TAG][@sha256:DIGEST]`, or a digest alone."""
    digest = _DIGEST.search(reference)
    if digest:
        yield DIGEST, digest.group(1), source
    name = reference[: digest.start()] if digest else reference
    if name:
        yield NAME, name, source


def _of_id(identifier, source):
    bare = _BARE_ID.fullmatch(identifier)
    if bare:
        yield ID, "sha256:" + bare.group(1), source
