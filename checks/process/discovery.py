"""Finds checks and groups of facts by listing folders. There is no registry to keep up to date."""

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
"""Folders of the payload that hold no checks."""
OWN = "own"
"""Package and id prefix of the user's own checks: `own-NAME`."""
_own = []


def add_own(folder):
    """
    Add a user's folder of checks as the package `own`, whose files import `..declare` as built-in checks do.

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
    """Ids of all checks (`torch-same-seed`) to module names (`torch.same_seed`), the user's own first, then by id."""
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
    """Names of the groups of facts, sorted; each is a file in `facts/`."""
    return sorted(_python_files("facts"))


def load(module):
    """Import a module of the payload by its name below the package (`torch.same_seed`)."""
    return importlib.import_module("." + module, PACKAGE)


def _python_files(folder):
    """Names of the modules in a folder, sorted, without helpers, whose names begin with `_`."""
    return [
        name[:-3]
        for name in sorted(os.listdir(os.path.join(PAYLOAD, folder)))  # an absolute folder is used as it is
        if name.endswith(".py") and not name.startswith("_")
    ]
