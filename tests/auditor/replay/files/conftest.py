"""A state folder and a working folder for each test; no waiting for the disk."""

import os

import pytest
from made_folders import filled

from auditor.replay.files import ending, store


@pytest.fixture(autouse=True)
def _no_disk(monkeypatch):
    """Tests end processes, not the machine: what was written is there without being on the disk."""
    monkeypatch.setattr(os, "fsync", lambda _number: None)
    for module in (ending, store):
        monkeypatch.setattr(module, "sync_system", lambda _folder: None)


@pytest.fixture
def state(tmp_path, monkeypatch):
    """The state folder of this account, empty."""
    folder = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder


@pytest.fixture
def work(tmp_path, state):  # noqa: ARG001 - the store shall not lie in this account's own state folder
    """A working folder with files."""
    return filled(tmp_path / "work")
