"""
Validates crates with roc-validator, in an environment that `make crates` made; prints one JSON object.

The validator fetches JSON-LD contexts over the network. Here it gets the copy that the library `rocrate` carries
(RO-Crate 1.3, which defines all terms of 1.1), and any other address fails.
"""

import importlib.resources
import json
import sys
from pathlib import Path

from rocrate.rocrate import ROCrate
from rocrate_validator import services
from rocrate_validator.models import Severity, ValidationSettings
from rocrate_validator.utils import document_loader, http

KNOWN = "https://w3id.org/ro/crate/1.1/context"
CONTEXT = importlib.resources.files("rocrate") / "data" / "ro-crate.jsonld"


class Answer:
    """What an HTTP client answers."""

    status_code = 200
    headers = {"Content-Type": "application/ld+json"}
    text = CONTEXT.read_text("utf-8")

    def json(self):
        """The context."""
        return json.loads(self.text)


def fetched(_requester, url, **_how):
    """The one document that there is."""
    if url != KNOWN:
        raise RuntimeError(f"there is no network, and {url} is not known")
    return Answer()


def issues(crate, severity):
    """What the validator says, each with its severity."""
    settings = ValidationSettings(
        rocrate_uri=crate,
        profile_identifier="process-run-crate-0.5",
        requirement_severity=severity,
        skip_availability_check=True,
    )
    found = services.validate(settings).get_issues()
    return [f"{one.severity.name}: {one.message}" for one in found]


def read(crate):
    """What an independent reader of crates sees: name, and each file with its digest and size."""
    found = ROCrate(crate)
    return {
        "name": found.name,
        "files": {one.id: [one["sha256"], one["contentSize"]] for one in found.data_entities},
    }


if __name__ == "__main__":
    http.HttpRequester.get = fetched
    document_loader.install_document_loader()
    crate, folder = sys.argv[1:3]
    print(  # noqa: T201 - the caller reads it
        json.dumps(
            {
                "required": issues(crate, Severity.REQUIRED),
                "recommended": issues(crate, Severity.RECOMMENDED),
                "read": read(folder) if Path(folder).is_dir() else None,
            }
        )
    )
