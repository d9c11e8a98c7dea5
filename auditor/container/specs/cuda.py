"""GPUs: whether wheels or the base provide CUDA, the support period of the base, and the required driver."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from ...manifest.models import Manifest
from ...manifest.strict_json import shown
from . import base, clock
from .libraries import is_cuda, loaded
from .plan import Plan, listed, text, value
from .tables import table

RELEASE = re.compile(r"([0-9]{1,2})(?:\.([0-9]{1,2}))?(?:\.[0-9]{1,3})?")
JAX_PLUGIN = re.compile(r"jax-cuda([0-9]{2})-(?:plugin|pjrt)")
WHEELS = re.compile(r"nvidia-(?:cuda-runtime|cublas|cudnn|cuda-cudart)(?:-cu[0-9]{2})?")
Image = dict[str, Any]


def choose(manifest: Manifest, plan: Plan) -> None:
    """Note the driver, choose a base with CUDA if no wheel provides it, and settle the base."""
    wanted = _wanted(manifest, plan)
    if wanted is not None:
        _name_driver(plan, wanted)
        if not _wheels_bring_it(manifest, plan) and _may_choose(plan):
            _choose_base(manifest, plan, wanted)
    base.settle(plan)


def _wanted(manifest: Manifest, plan: Plan) -> tuple[int, int] | None:
    """The newest CUDA release that the audited frameworks were built for; None without CUDA."""
    found: dict[str, tuple[int, int]] = {}
    for framework in ("torch", "tensorflow"):
        release = value(manifest, f"{framework}.build.cuda")
        matched = RELEASE.fullmatch(release) if isinstance(release, str) else None
        if matched:
            found[framework] = int(matched[1]), int(matched[2] or 0)
        if release:
            unread = "" if matched else ", which is not a release number, so no base and no driver is chosen"
            plan.base_notes.append(f"GPU: the audited {framework} was built for CUDA {shown(release)}{unread}.")
    distributions = value(manifest, "python.distributions")
    for name in sorted(distributions) if isinstance(distributions, dict) else []:
        if plugin := JAX_PLUGIN.fullmatch(name):
            found["jax"] = int(plugin[1]), 0
    if "jax" in found:
        plan.base_notes.append(f"GPU: the audited jax has plugins for CUDA {found['jax'][0]}.")
    majors = sorted({major for major, _ in found.values()})
    if len(majors) > 1:
        plan.base_notes.append(f"CONFLICT: the audited frameworks were built for CUDA {majors[0]} and {majors[-1]}.")
    return max(found.values()) if found else None


def _name_driver(plan: Plan, wanted: tuple[int, int]) -> None:
    oldest = table("bases")["minimum_driver"].get(str(wanted[0]))
    if oldest is None:
        plan.base_notes.append(f"DRIVER: the oldest driver for CUDA {wanted[0]} is not known, so none is checked.")
        return
    plan.driver, plan.cuda = oldest, f"{wanted[0]}.{wanted[1]}"
    plan.base_notes.append(
        f"DRIVER: the host needs NVIDIA's driver {oldest} or newer (CUDA {wanted[0]}, minor version compatibility). No "
        "image holds a driver: check-driver warns at the start of a container if it is older or absent."
    )


def _wheels_bring_it(manifest: Manifest, plan: Plan) -> bool:
    """Whether wheels of the environment provide CUDA's libraries, by loaded libraries or installed packages."""
    found = [library for library in loaded(manifest) if is_cuda(library)]
    outside = [library.path for library in found if library.outside]
    if outside:
        plan.base_notes.append(f"GPU: CUDA's libraries were loaded from outside the environment: {listed(outside)}.")
        return False
    distributions = value(manifest, "python.distributions")
    wheels = [name for name in distributions if WHEELS.fullmatch(name)] if isinstance(distributions, dict) else []
    if found or wheels:
        plan.base_notes.append("GPU: wheels bring CUDA's libraries, so a base without CUDA is enough.")
        return True
    plan.base_notes.append("GPU: no library of CUDA was loaded, and no wheel of the environment brings one.")
    return False


def _choose_base(manifest: Manifest, plan: Plan, wanted: tuple[int, int]) -> None:
    image = _image(wanted)
    if image is None:
        plan.base_notes.append(
            f"GPU: no base for CUDA {wanted[0]}.{wanted[1]} is in the table; {plan.base} holds no CUDA. Give one with "
            "--base."
        )
        return
    pythons = table("bases")["ubuntu"]
    fitting = [release for release in image["ubuntu"] if pythons[release] == plan.python]
    ubuntu = (fitting or image["ubuntu"])[-1]
    plan.base = f"{table('bases')['repository']['name']}:{image['cuda']}-{image['flavour']}-ubuntu{ubuntu}"
    plan.cuda_base = True
    plan.base_notes.append(
        f"OTHER SYSTEM: {plan.base} is based on Ubuntu {ubuntu} and holds no Python; python3 of its distribution is "
        f"installed, which is {pythons[ubuntu]}."
    )
    if not fitting and plan.python:
        plan.base_notes.append(
            f"OTHER PYTHON: the audited one is {plan.python}, which no such image holds, so this build stops there. "
            "Give a base that has both with --base."
        )
    _tell_end(manifest, plan, image)
    _tell_cudnn(manifest, plan, image)


def _may_choose(plan: Plan) -> bool:
    """Whether no base was given, or one of NVIDIA's images by digest."""
    return not plan.choices.base or base.same_repository(plan, table("bases")["repository"]["name"])


def _image(wanted: tuple[int, int]) -> Image | None:
    """The image of this CUDA release, else of the next minor release, which is compatible; None if there is none."""
    found: list[tuple[tuple[int, int], Image]] = []
    for image in table("bases")["image"]:
        major, minor, _ = (int(part) for part in image["cuda"].split("."))
        if major == wanted[0] and minor >= wanted[1]:
            found.append(((major, minor), image))
    return min(found, key=lambda one: one[0])[1] if found else None


def _tell_end(manifest: Manifest, plan: Plan, image: Image) -> None:
    """Note the end of NVIDIA's support for the image, relative to the date of the audit."""
    known = table("bases")["driver_branch"].get(image["driver"], {})
    policy = table("bases")["policy"]
    ends, ended_by = known.get("ends"), known.get("ended_by")
    audited = clock.finished(manifest)
    if ends:
        past = audited is not None and audited.replace(tzinfo=None) >= datetime.strptime(ends, "%Y-%m")  # noqa: DTZ007 -- a month has no zone
        told = f"{'ended' if past else 'ends'} in {ends}, with the driver branch {image['driver']}"
    elif ended_by:
        past, told = True, f"had ended by {ended_by}, with the driver branch {image['driver']}"
    else:
        past, told = False, f"ends with the driver branch {image['driver']}, at a date that is not in the table"
    plan.base_notes.append(
        f"{'REMOVED' if past else 'GPU'}: support of this base {told}; NVIDIA removes its tags "
        f"{policy['months_until_removal']} months later{' and may have done so' if past else ''}. Keep a copy."
    )


def _tell_cudnn(manifest: Manifest, plan: Plan, image: Image) -> None:
    held = image.get("cudnn")
    audited = _cudnn(manifest)
    if held is None:
        plan.base_notes.append("GPU: no image of this CUDA release holds cuDNN; a package must bring it.")
    elif audited and not f"{held}.".startswith(f"{audited}."):
        plan.base_notes.append(f"OTHER BUILD: the audited cuDNN is {audited}, this base holds {held}.")


def _cudnn(manifest: Manifest) -> str:
    """The audited cuDNN version: torch reports 91002 for 9.10.2 (before 9: 8902 for 8.9.2), TensorFlow a text."""
    number = value(manifest, "torch.cudnn.version")
    if isinstance(number, int) and not isinstance(number, bool) and 1000 <= number <= 999999:
        major, minor = (10000, 100) if number >= 90000 else (1000, 100)
        return f"{number // major}.{number % major // minor}.{number % minor}"
    told = text(manifest, "tensorflow.build.cudnn") or ""
    return told if re.fullmatch(r"[0-9]{1,2}(?:\.[0-9]{1,3}){0,3}", told) else ""
