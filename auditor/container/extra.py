"""The optional packages of container work, which `pip install 'auditor[container]'` installs."""

from __future__ import annotations

import importlib.util

from ..errors import MissingExtraError

MODULES = {"docker": "docker", "pypi_simple": "pypi-simple", "requests": "requests", "urllib3": "urllib3"}
"""Import name to distribution name; pyproject.toml has the versions."""


def require(work: str) -> None:
    """Raise MissingExtraError if a package of the extra is absent; `work` says what needs it."""
    absent = [name for module, name in MODULES.items() if not _is_installed(module)]
    if absent:
        raise MissingExtraError(
            f"{work} needs Python packages that are not installed: {', '.join(absent)}",
            "Nothing was done. They are an extra of auditor. Install it beside auditor: "
            "pip install 'auditor[container]'",
        )


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # an import hook refuses it, or a broken entry of sys.modules
        return False
