"""pylock.toml (PEP 751, https://packaging.python.org/en/latest/specifications/pylock-toml/)."""

from __future__ import annotations

from . import markers, toml
from .model import Lock, Locked, Unreadable, commit, long_text, name, table, tables, text, texts


def read(content, place):
    """The packages of an installation without extras, and those that extras and groups may add. Raises Unreadable."""
    document = toml.load(content)
    version = text(document.get("lock-version"), "lock-version")
    if version.split(".")[0] != "1":
        raise Unreadable("its format has the version %r, and only 1 is known" % version)
    default = frozenset(texts(document.get("default-groups"), "default-groups"))
    certain = place.alone  # beside another lock it is an export, perhaps with other groups
    packages = [
        _locked(one, certain and markers.applies(_marker(one), default))
        for one in tables(document.get("packages"), "packages")
        if markers.may_apply(_marker(one))
    ]
    told = () if certain else ("missing packages: another lock lies beside it",)
    return Lock(
        tuple(packages), requires_python=text(document.get("requires-python"), "requires-python"), not_compared=told
    )


def _marker(one):
    return long_text(one.get("marker"), "marker")


def _locked(one, required):
    checkout = commit(table(one.get("vcs"), "vcs").get("commit-id"))
    folder = bool(table(one.get("directory"), "directory"))
    version = "" if folder else text(one.get("version"), "version")
    return Locked(name(one.get("name")), version=version, commit=checkout, required=required)
