"""conda-lock.yml (https://conda.github.io/conda-lock/): packages by platform and category, from conda and pip."""

from __future__ import annotations

import dataclasses

from . import conda, yaml
from .model import Elsewhere, Lock, Locked, Unreadable, commit, long_text, name, table, tables, text


def read(content, place):
    """The packages of this platform; those of the category `main` are required. Raises Unreadable or Elsewhere."""
    del place
    document = table(yaml.load(content), "the document")
    version = text(document.get("version"), "version")
    if version != "1":
        raise Unreadable("its format has the version %r, and only 1 is known" % version)
    here = conda.subdir()
    entries = [one for one in tables(document.get("package"), "package") if one.get("platform") == here]
    if not entries:
        raise Elsewhere("it has no packages for the platform %s" % here)
    return Lock(tuple(_locked(one) for one in entries))


def _locked(one):
    address = long_text(one.get("url"), "url")
    required = one.get("category", "main") == "main" and one.get("optional") != "true"
    if one.get("manager") == "conda":
        return dataclasses.replace(conda.archive(address), required=required)
    revision = commit(address.rpartition("#")[2]) or commit(address.rpartition("@")[2])
    local = address.startswith(("file:", "."))
    version = "" if local else text(one.get("version"), "version")
    return Locked(name(one.get("name")), version=version, commit=revision, required=required)
