"""The SBOM that wheel and sdist carry (PEP 770): what they contain, as CycloneDX JSON. `make docs` writes it."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

from auditor import __version__

ROOT = Path(__file__).resolve().parent.parent
VENDORED = {"packaging": "Apache-2.0 OR BSD-2-Clause", "tomli": "MIT"}
"""Folder below checks/_vendored to the licence of the distribution of that name."""
LICENSE = "Apache-2.0"


def text(root: Path = ROOT) -> str:
    """The whole file. No time and no serial number: the same tree gives the same bytes."""
    contained = [component(name, version_of(path), VENDORED[name]) for name, path in vendored(root).items()]
    program: dict[str, Any] = {"type": "application", "bom-ref": "auditor", "name": "auditor", "version": __version__}
    program["licenses"] = [{"expression": LICENSE}]
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": program},
        "components": contained,
        "dependencies": [
            {"ref": program["bom-ref"], "dependsOn": [one["bom-ref"] for one in contained]},
            *({"ref": one["bom-ref"]} for one in contained),
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def component(name: str, version: str, licence: str) -> dict[str, Any]:
    """One library of others, named by its package URL."""
    url = f"pkg:pypi/{name}@{version}"
    return {
        "type": "library",
        "bom-ref": url,
        "name": name,
        "version": version,
        "licenses": [{"expression": licence}],
        "purl": url,
    }


def vendored(root: Path) -> dict[str, Path]:
    """Name to folder of each distribution of others in the payload. Raises KeyError for one without a licence here."""
    folder = root / "checks" / "_vendored"
    found = {path.parent.name: path.parent for path in sorted(folder.glob("*/__init__.py"))}
    for name in found:
        VENDORED[name]
    return found


def version_of(package: Path) -> str:
    """The `__version__` that a package assigns, read without running it."""
    for node in ast.parse((package / "__init__.py").read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__version__":
            return str(ast.literal_eval(node.value))
    raise ValueError(f"{package} names no __version__")
