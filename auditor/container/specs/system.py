"""The image's system packages: loaded system libraries, locale, time zone."""

from __future__ import annotations

import re

from ...manifest.models import Manifest
from ...manifest.strict_json import shown
from ...quoting import shell
from .base import OFFICIAL
from .libraries import debian_package, in_every_base, is_cuda, loaded
from .plan import Plan, listed, text, texts

PLAIN_LOCALES = re.compile(r"(?:C|POSIX)(?:\.(?:UTF-8|utf8))?|")
ZONE = re.compile(r"[A-Z][A-Za-z0-9_+-]{1,40}(?:/[A-Z][A-Za-z0-9_+-]{0,40}){0,2}")
"""A zone of the IANA database; other values of TZ are rules that need no file."""
LOCALE = re.compile(r"([a-z]{2,3}_[A-Z]{2})\.(?:UTF-8|utf-8|UTF8|utf8)(@[a-z]{1,20})?")
UTC = ("UTC", "GMT", "Universal", "Zulu")


def choose(manifest: Manifest, plan: Plan) -> None:
    """Choose Debian packages from loaded libraries and variables, and note what is left out."""
    if plan.cuda_base:
        plan.system |= {"python3"}
        plan.build_system |= {"python3", "python3-venv"}
    _choose_libraries(manifest, plan)
    _choose_locales(manifest, plan)
    _choose_zone(manifest, plan)
    if plan.build_system & {"git"}:
        plan.build_system |= {"ca-certificates"}
    _tell_packages(plan)


def _choose_libraries(manifest: Manifest, plan: Plan) -> None:
    unknown = []
    for library in loaded(manifest):
        if not library.outside or in_every_base(library) or (plan.cuda_base and is_cuda(library)):
            continue
        if package := debian_package(library):
            plan.system.add(package)
            plan.system_notes.append(f"{package}: {shown(library.name)} was loaded from the audited system.")
        else:
            unknown.append(library.path)
    if unknown:
        plan.system_notes.append(
            f"LEFT OUT: loaded from outside the environment, and in no known package: {listed(unknown)}."
        )


def _choose_locales(manifest: Manifest, plan: Plan) -> None:
    effective = text(manifest, "python.locale")
    for name, content in sorted(plan.environment.items()):
        wanted = name in ("LANG", "LC_ALL") or name.startswith("LC_")
        if not wanted or PLAIN_LOCALES.fullmatch(content) or content == "C.utf8":
            continue
        found = LOCALE.fullmatch(content)
        if not found:
            plan.system_notes.append(f"LEFT OUT: the locale {shown(content)} of {name}: only UTF-8 ones are made.")
        elif effective is not None and found[1] not in effective:
            plan.system_notes.append(
                f"LEFT OUT: the locale {shown(content)} of {name}: it was not in effect in the audited Python."
            )
        else:
            plan.locales.add(str(shell.locale_name(f"{found[1]}.UTF-8{found[2] or ''}")))
            plan.system.add("locales")
            plan.system_notes.append(f"locales: {name} asks for {content}.")


def _choose_zone(manifest: Manifest, plan: Plan) -> None:
    zone = plan.environment.get("TZ")
    if zone is None:
        names = texts(manifest, "python.time_zone")
        if names and any(name not in UTC for name in names):
            plan.system_notes.append(
                f"LEFT OUT: the time zone {shown(names)} is the audited machine's, and the manifest does not "
                "name it: this image has UTC. Set TZ if results depend on dates."
            )
    elif ZONE.fullmatch(zone.removeprefix(":")) and zone not in UTC and not _official(plan):
        plan.system.add("tzdata")
        plan.system_notes.append(f"tzdata: TZ is {zone}.")


def _official(plan: Plan) -> bool:
    """Whether the base is one of the official Python images, which hold tzdata."""
    return plan.base_name.startswith(f"{OFFICIAL}:")


def _tell_packages(plan: Plan) -> None:
    wanted = sorted(plan.system | plan.build_system)
    if not wanted:
        if plan.choices.snapshot:
            plan.system_notes.append("No Debian package is needed, so the snapshot archive is not used.")
    elif plan.choices.snapshot:
        plan.system_notes.append(f"Debian packages come from the snapshot archive of {plan.choices.snapshot}.")
    else:
        plan.system_notes.append(
            f"UNPINNED: Debian packages ({listed(wanted)}) have the versions of the build's day; `--snapshot` "
            "takes them from an archive of a fixed time."
        )
