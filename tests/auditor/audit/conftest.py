"""A copy of the payload into which a test plants checks."""

import shutil

import pytest

from auditor import shipped
from auditor.interpreter import conversation

GOOD = '''"""
{title}.

Why: a planted check for a test of the audit loop.

Remedy: none is needed.
"""
from ..declare import Check
CHECK = Check(severity="high", tier="quick", rule="identical", across={across}, {more})

def measure(settings):
{body}
'''


@pytest.fixture
def payload(tmp_path, monkeypatch):
    """A copy of the payload, into which `plant` writes checks; both loading and running use it."""
    copy = tmp_path / "payload" / "checks"
    shutil.copytree(shipped.folder("checks"), copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(conversation, "folder", lambda name: copy.parent / name)

    def plant(name, body, across=("repeat",), more=""):
        (copy / "python" / f"{name}.py").write_text(
            GOOD.format(title=name.title(), across=across, more=more, body=body)
        )

    return plant
