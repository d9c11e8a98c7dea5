"""Installed distributions: version, wheel tag, installer and origin (PEP 376, 427, 610)."""

from __future__ import annotations

import functools
import json
import os
import re
import sys

from . import _secrets

_FROM_INDEX = ("pip", "uv", "poetry", "pdm", "hatch")
"""Installers that write a direct_url.json (PEP 610) for every package that does not come from an index."""


_APART = ("installer", "url")
"""Separate facts: the installer and the mirror do not change the package."""


@functools.lru_cache(maxsize=1)
def installed():
    """
    PEP 503 name to `{"version", "wheel_tag", "origin", ...}`, for every folder on `sys.path`.

    The first folder wins, as in an import. Reading four small files of each distribution is three times faster than
    importlib.metadata, which parses whole METADATA files.
    """
    found = {}
    for path in metadata_folders():
        one = _distribution(path)
        if one is not None:
            found.setdefault(normalised(one.pop("name")), one)
    return dict(sorted(found.items()))


def metadata_folders():
    """Every dist-info and egg-info on `sys.path`, in import order."""
    return [path for entry in sys.path for path in _metadata_folders(entry or os.curdir)]


def name_of(folder):
    """The PEP 503 name of the distribution in a dist-info folder; empty for a remnant without a name."""
    return normalised(_headers(os.path.join(folder, "METADATA")).get("name", ""))


def described():
    """The result of `installed` without what differs between two installations of the same software."""
    return {name: {key: one[key] for key in one if key not in _APART} for name, one in installed().items()}


def installers():
    """`name=installer` of every distribution that records its installer."""
    return ["%s=%s" % (name, one["installer"]) for name, one in installed().items() if one.get("installer")]


def addresses():
    """`name: address` of every distribution that was installed from an address instead of an index."""
    return ["%s: %s" % (name, one["url"]) for name, one in installed().items() if one.get("url")]


def normalised(name):
    """The PEP 503 form of a distribution's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _metadata_folders(entry):
    try:
        names = os.listdir(entry)
    except OSError:  # not a folder, or gone: an import skips it as well
        return []
    return [os.path.join(entry, name) for name in sorted(names) if name.endswith((".dist-info", ".egg-info"))]


def _distribution(path):
    """One distribution; None if its metadata has no name or version (a remnant of a failed removal)."""
    plain = os.path.isfile(path)
    headers = _headers(path if plain else os.path.join(path, "METADATA")) or _headers(os.path.join(path, "PKG-INFO"))
    if not headers.get("name") or not headers.get("version"):
        return None
    one = {"name": headers["name"], "version": headers["version"]}
    if path.endswith(".dist-info"):
        wheel = _headers(os.path.join(path, "WHEEL"), every=("tag",))
        one["wheel_tag"] = " ".join(sorted(wheel.get("tag", [])))
        one["installer"] = _text(os.path.join(path, "INSTALLER")).strip()
        one.update(_origin(_text(os.path.join(path, "direct_url.json")), one["installer"]))
    return one


def _headers(path, every=()):
    """The headers of a metadata file up to its first empty line; headers in `every` become lists."""
    found = {}
    try:
        with open(path, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                name, colon, content = line.partition(":")
                if not colon and not line.strip():
                    break
                name = name.lower()
                if name in every:
                    found.setdefault(name, []).append(content.strip())
                elif colon and name not in found:
                    found[name] = content.strip()
                    if not every and "name" in found and "version" in found:
                        break  # the rest of the file is not needed
    except OSError:  # an absent file has no headers: the caller tries the next
        return {}
    return found


def _text(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as handle:
            return handle.read()
    except OSError:  # optional file: absent means not recorded
        return ""


def _origin(content, installer):
    """The origin from a direct_url.json (PEP 610), without credentials; without the file, judged by the installer."""
    if not content:
        return {"origin": "index" if installer in _FROM_INDEX else "unknown"}
    try:
        told = json.loads(content)
        return _told(told)
    except (ValueError, TypeError, AttributeError):
        return {"origin": "unreadable direct_url.json"}


def _told(told):
    one = {}
    if "vcs_info" in told:
        one["origin"] = str(told["vcs_info"].get("vcs"))
        one["commit"] = str(told["vcs_info"].get("commit_id"))
        one["requested_revision"] = _secrets.bare_address(str(told["vcs_info"].get("requested_revision", "")))
    elif "dir_info" in told:
        one["origin"] = "folder"
        one["editable"] = bool(told["dir_info"].get("editable", False))
    else:
        one["origin"] = "archive"
        hashes = told.get("archive_info", {}).get("hashes") or {}
        old = told.get("archive_info", {}).get("hash")
        listed = ["%s=%s" % pair for pair in sorted(hashes.items())] or ([str(old)] if old else [])
        one["archive_hash"] = " ".join(listed)
    if one["origin"] != "folder":  # a folder's path identifies the machine
        one["url"] = _secrets.bare_address(str(told.get("url", "")))
    return one
