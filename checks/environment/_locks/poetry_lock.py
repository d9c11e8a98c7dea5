"""poetry.lock (https://python-poetry.org/docs/basic-usage/): a list of packages with the groups that need them."""

from __future__ import annotations

from . import markers, toml
from .model import Lock, Locked, Unreadable, commit, long_text, name, table, tables, text, texts

_MAIN = "main"
_WITH_GROUPS = (2, 1)
"""The first version of the format that says which groups need a package, and under which markers."""


def read(content, place):
    """The packages of the main group, and those that extras and other groups may add. Raises Unreadable."""
    del place
    document = toml.load(content)
    metadata = table(document.get("metadata"), "metadata")
    version = _format(metadata)
    packages = [_locked(one, version) for one in tables(document.get("package"), "package") if _can_be_here(one)]
    told = () if version >= _WITH_GROUPS else ("missing packages: its format does not say which groups need a package",)
    return Lock(
        tuple(packages),
        requires_python=text(metadata.get("python-versions"), "python-versions"),
        not_compared=told,
    )


def _format(metadata):
    told = text(metadata.get("lock-version"), "lock-version")
    try:
        major, minor = [int(part) for part in told.split(".")]
    except ValueError:
        raise Unreadable("it does not tell the version of its format") from None
    if major not in (1, 2):
        raise Unreadable("its format has the version %s, and only 1 and 2 are known" % told)
    return major, minor


def _markers(one):
    """The markers of a package: of each group that has one of its own, or one for all."""
    told = one.get("markers")
    if isinstance(told, dict):
        return {group: long_text(marker, "markers") for group, marker in told.items()}
    return {group: long_text(told, "markers") for group in _groups(one)}


def _groups(one):
    return texts(one.get("groups"), "groups") or [_MAIN]


def _can_be_here(one):
    own = _markers(one)
    return any(markers.may_apply(own.get(group, "")) for group in _groups(one))


def _locked(one, version):
    source = table(one.get("source"), "source")
    kind = text(source.get("type"), "source")
    needed = _MAIN in _groups(one) and one.get("optional") is not True and version >= _WITH_GROUPS
    return Locked(
        name(one.get("name")),
        version="" if kind == "directory" else text(one.get("version"), "version"),
        commit=commit(source.get("resolved_reference")) if kind == "git" else "",
        required=needed and markers.applies(_markers(one).get(_MAIN, "")),
    )
