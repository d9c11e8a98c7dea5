"""What the example looks like in every format: read the golden files as a user would."""

import io
import os
from pathlib import Path

import audit_example
import pytest

from auditor.container import specs
from auditor.render import markdown, terminal

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "render"


def _report():
    return markdown.render(audit_example.manifest(), audit_example.PAYLOAD_SHA256)


def _spec(name):
    return specs.files(audit_example.manifest(), audit_example.PAYLOAD_SHA256)[name]


def _summary():
    stream = io.StringIO()
    paths = {
        "report": "audits/20261122T120045Z/report.md",
        "manifest (signed)": "audits/20261122T120045Z/manifest.dsse.json",
    }
    terminal.show(audit_example.manifest(), stream, paths)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("report.md", _report),
        ("Dockerfile", lambda: _spec("Dockerfile")),
        ("requirements.txt", lambda: _spec("requirements.txt")),
        ("apptainer.def", lambda: _spec("apptainer.def")),
        ("devcontainer.json", lambda: _spec(".devcontainer/devcontainer.json")),
        ("terminal.txt", _summary),
    ],
)
def test_the_example_is_written_as_the_golden_file_says(name, make):
    """A change of wording is seen in review. AUDITOR_REGENERATE=1 writes the files again."""
    found = make()
    path = GOLDEN / name
    if os.environ.get("AUDITOR_REGENERATE"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(found, encoding="utf-8")

    assert path.read_text(encoding="utf-8") == found
