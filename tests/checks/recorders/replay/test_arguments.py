"""The arguments of an operation as text: short, and without the content of what it takes."""

import json
import subprocess

import pytest
from support import AUDITED, ROOT

SCRIPT = """
import importlib, importlib.util, json, sys
spec = importlib.util.spec_from_file_location("entry", sys.argv[1] + "/checks/__main__.py")
entry = importlib.util.module_from_spec(spec)
spec.loader.exec_module(entry)
entry._load_payload(sys.argv[1] + "/checks")
import torch
told = importlib.import_module("_auditor_checks.recorders.replay.torch.inputs")._scalar
storage = torch.zeros(3).untyped_storage()
storage.__class__.__repr__ = None  # reading it element by element takes seconds for a batch of images
values = [storage, torch.float32, torch.device("cpu"), torch.strided, torch.Size([2]), torch.Generator()]
values.append([1, None, "a"])
print(json.dumps([told(one, torch.Tensor) for one in values]))
"""


@pytest.mark.frameworks
def test_what_holds_data_is_told_by_its_type():
    """A storage, as workers send it, is neither read nor compared by its text."""
    done = subprocess.run([AUDITED, "-c", SCRIPT, str(ROOT)], capture_output=True, check=True, text=True)

    expected = ["UntypedStorage", "torch.float32", "device(type='cpu')", "torch.strided", "[2]", "Generator"]
    assert [*expected, "[1, None, 'a']"] == json.loads(done.stdout)
