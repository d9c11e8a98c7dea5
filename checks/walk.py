"""Finds checks and files of facts by walking the folder: there is no registry to forget."""

from __future__ import annotations

import importlib
import os

HERE = os.path.dirname(os.path.realpath(__file__))
NOT_CHECKS = ("facts", "recorders")


def check_modules():
    """Ids of all checks (`torch-same-seed`) and the names of their modules, sorted by id."""
    found = {}
    for folder in sorted(os.listdir(HERE)):
        if folder in NOT_CHECKS or not os.path.isdir(os.path.join(HERE, folder)):
            continue
        for name in _python_files(folder):
            found["%s-%s" % (folder, name.replace("_", "-"))] = "%s.%s" % (folder, name)
    return found


def fact_groups():
    """Names of the files of facts, sorted."""
    return sorted(_python_files("facts"))


def load(module):
    """Import a module of the payload by its name below the package (`torch.same_seed`)."""
    return importlib.import_module("." + module, __package__)


def framework_of(check_id):
    """The folder of a check: `torch`, `tensorflow`, `jax`, `python`, `environment`."""
    return check_modules()[check_id].split(".")[0]


def _python_files(folder):
    """Module names in a folder; names that begin with `_` are helpers."""
    return [
        name[:-3]
        for name in sorted(os.listdir(os.path.join(HERE, folder)))
        if name.endswith(".py") and not name.startswith("_")
    ]
