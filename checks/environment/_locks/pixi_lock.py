"""pixi.lock (https://pixi.sh/latest/workspace/lockfile/): packages by environment and platform, from conda and PyPI."""

from __future__ import annotations

import os
import sys

from . import conda, yaml
from .model import Elsewhere, Lock, Locked, Unreadable, commit, long_text, name, table, tables, text

_FORMATS = ("4", "5", "6", "7")


def read(content, place):
    """The packages of the environment that this Python belongs to. Raises Unreadable or Elsewhere."""
    document = table(yaml.load(content), "the document")
    version = text(document.get("version"), "version")
    if version not in _FORMATS:
        raise Unreadable("its format has the version %r, and only %s are known" % (version, ", ".join(_FORMATS)))
    environment = _environment(table(document.get("environments"), "environments"), place)
    entries = _of_platform(document, environment)
    described = {_address(one): one for one in tables(document.get("packages"), "packages")}
    packages, left = [], []
    for entry in entries:
        if "conda" in entry and conda.is_archive(long_text(entry["conda"], "conda")):
            packages.append(conda.archive(entry["conda"]))
        elif "pypi" in entry:
            packages.append(_distribution(described.get(long_text(entry["pypi"], "pypi")), entry["pypi"]))
        else:
            left.append("a package that is built from sources")
    return Lock(tuple(packages), not_compared=tuple(left))


def _environment(environments, place):
    """The environment of this Python by the name of its folder, or the only one."""
    prefix, name_of_folder = os.path.split(os.path.realpath(sys.prefix))
    ours = os.path.realpath(os.path.join(place.folder, ".pixi", "envs"))
    if prefix == ours and name_of_folder in environments:
        return table(environments[name_of_folder], "an environment")
    if len(environments) == 1:
        return table(next(iter(environments.values())), "an environment")
    raise Elsewhere("it has %d environments, and this Python is in none of them" % len(environments))


def _of_platform(document, environment):
    platforms = table(environment.get("packages"), "packages")
    wanted = conda.subdir()
    if wanted in platforms:
        return tables(platforms[wanted], "packages")
    declared = document.get("platforms")
    others = tables(declared, "platforms") if declared and isinstance(declared[0], dict) else []
    named = [one.get("name") for one in others if one.get("subdir") == wanted and one.get("name") in platforms]
    if len(named) == 1:
        return tables(platforms[named[0]], "packages")
    raise Elsewhere("it has no packages for the platform %s" % wanted)


def _address(one):
    return next((long_text(one[key], key) for key in ("pypi", "conda", "url", "path") if key in one), "")


def _distribution(one, address):
    if one is None:
        raise Unreadable("it does not describe a package that it lists")
    folder = not address.startswith(("http:", "https:", "git+", "file:"))
    revision = commit(address.rpartition("#")[2]) or commit(address.rpartition("@")[2])
    archive = address.split("#")[0].endswith((".whl", ".gz", ".zip", ".bz2"))
    version = "" if folder and not archive else text(one.get("version"), "version")
    return Locked(name(one.get("name")), version=version, commit=revision if address.startswith("git+") else "")
