"""Editable installations and their checkouts."""

import json
import subprocess

import pytest
import support

from auditor.interpreter.replies import NotApplicable


def _git(folder, *arguments):
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def test_an_editable_installation_must_be_clean(site, tmp_path):
    """A committed checkout passes, an edited or a new file fails, and a monitor that the checkout names never runs."""
    checkout = tmp_path / "my checkout"
    checkout.mkdir()
    (checkout / "model.py").write_text("rate = 1\n")
    _git(checkout, "init", "-q")
    _git(checkout, "add", ".")
    _git(checkout, "commit", "-q", "-m", "first")
    trap = tmp_path / "trap"
    _git(checkout, "config", "core.fsmonitor", f"touch {trap}; true")
    site("my-model", "0.1", direct_url_json=json.dumps({"url": checkout.as_uri(), "dir_info": {"editable": True}}))
    clean = support.verdict("environment-editable-dirty")
    (checkout / "model.py").write_text("rate = 2\n")
    (checkout / "new.py").write_text("")

    found = support.verdict("environment-editable-dirty")

    assert (clean.outcome, found.outcome) == ("pass", "fail")
    assert found.evidence["broken"]["my-model"]["observed"] == "2 files changed"
    assert not trap.exists()


@pytest.mark.parametrize("record", ["{", "[]", '{"url": 5}', '{"url": "https://example.org", "dir_info": {}}'])
def test_installations_that_are_not_editable_do_not_apply(site, record):
    """Damaged records and installations from an index or a web address are no checkouts."""
    site("other", "0.1", direct_url_json=record)

    assert isinstance(support.measure("environment-editable-dirty"), NotApplicable)
