"""How the audited interpreter is started."""

import subprocess
import sys
from pathlib import Path

from auditor.interpreter.conversation import Request, ask
from auditor.interpreter.launcher import Here


def test_a_framework_in_the_users_own_folder_is_seen(tmp_path, monkeypatch):
    """The interpreter is started without `-s`: many users install with `pip install --user`."""
    python = str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}")
    monkeypatch.setenv("PYTHONUSERBASE", str(tmp_path))
    where = [python, "-c", "import site; print(site.getusersitepackages())"]
    site = Path(subprocess.run(where, check=True, capture_output=True, text=True).stdout.strip())
    site.mkdir(parents=True)
    (site / "torch.py").write_text("raise RuntimeError('planted in the user site')\n")
    request = Request("measure", framework="torch", steps=[{"check": "torch-same-seed"}])
    answers = list(ask(Here(python), request))  # that it began, and how the import ended

    assert ["planted in the user site" in str(answer) for answer in answers] == [False, True]
