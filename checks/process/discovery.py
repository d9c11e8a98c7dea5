"""Finds checks and files of facts by walking the folder: there is no registry to forget."""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import os
import sys

PAYLOAD = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
"""The folder of the payload, `checks/`."""
PACKAGE = __package__.rpartition(".")[0]
"""The name under which the payload is loaded."""
NOT_CHECKS = ("factors", "facts", "process", "recorders")
OWN = "own"
"""The folder name under which a user's own checks stand beside ours: `own-NAME`."""
_own = []


def add_own(folder):
    """
    Take in a user's folder of checks, as the package `own` beside ours: its files import `..declare` as ours do.

    Raises NotADirectoryError when there is no such folder.
    """
    folder = os.path.realpath(folder)
    if not os.path.isdir(folder):
        raise NotADirectoryError(folder)
    name = "%s.%s" % (PACKAGE, OWN)
    spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = [folder]
    package = importlib.util.module_from_spec(spec)
    sys.modules[name] = package
    _own[:] = [folder]


def check_modules():
    """Ids of all checks (`torch-same-seed`) and the names of their modules, sorted by id."""
    found = {}
    for folder in _own:
        for name in _python_files(folder):
            found["%s-%s" % (OWN, name.replace("_", "-"))] = "%s.%s" % (OWN, name)
    for folder in sorted(os.listdir(PAYLOAD)):
        if folder in NOT_CHECKS or folder.startswith("_") or not os.path.isdir(os.path.join(PAYLOAD, folder)):
            continue
        for name in _python_files(folder):
            found["%s-%s" % (folder, name.replace("_", "-"))] = "%s.%s" % (folder, name)
    return found


def fact_groups():
    """Names of the files of facts, sorted."""
    return sorted(_python_files("facts"))


def load(module):
    """Import a module of the payload by its name below the package (`torch.same_seed`)."""
    return importlib.import_module("." + module, PACKAGE)


def framework_of(check_id):
    """The folder of a check: `torch`, `tensorflow`, `jax`, `python`, `environment`."""
    return check_modules()[check_id].split(".")[0]


def _python_files(folder):
    """Module names in a folder; names that begin with `_` are helpers."""
    return [
        name[:-3]
        for name in sorted(os.listdir(os.path.join(PAYLOAD, folder)))  # an absolute folder stays what it is
        if name.endswith(".py") and not name.startswith("_")
    ]
