"""A project of each test's own."""

import pytest
from gating import Project

from auditor.signing.ed25519 import Ed25519Signer


@pytest.fixture
def project(tmp_path, monkeypatch, capsys):
    """A folder with a key of CI, and no policy."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    signer = Ed25519Signer.generate()
    (folder / "ci.pub").write_bytes(signer.verifier().public_pem())
    (folder / "ci.pem").write_bytes(signer.private_pem())
    return Project(folder, signer, capsys)
