"""What the recorder tells torch's compiler: to skip every function of the recorder, in all of its folders."""

from __future__ import annotations

import json
import subprocess
import sys

from support import ROOT

ASKS = """
import json, sys, types
sys.path.insert(0, ROOT)
from checks.recorders.replay import session
from checks.recorders.replay.torch import mode

told = []
frames = types.SimpleNamespace(
    _FrameExecStrategy=lambda *actions: actions,
    _FrameAction=types.SimpleNamespace(SKIP="skip", DEFAULT="default"),
    set_code_exec_strategy=lambda code, strategy: told.append((code.co_filename, code.co_name, strategy)),
)
dynamo = types.SimpleNamespace(eval_frame=frames)
answer = mode._hide_from_compiler(types.SimpleNamespace(_C=types.SimpleNamespace(_dynamo=dynamo)))
old = mode._hide_from_compiler(types.SimpleNamespace(_C=types.SimpleNamespace()))
print(json.dumps([answer, old, [(file.partition("recorders/replay/")[2], *rest) for file, *rest in told]]))
"""


def test_the_compiler_skips_the_functions_of_every_folder_of_the_recorder():
    """Hooks of Python's generators and the writer of records run inside compiled programs too, inner functions too."""
    code = ASKS.replace("ROOT", repr(str(ROOT)))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    answer, old, told = json.loads(done.stdout)

    assert (True, False) == (answer, old)
    assert all(["skip", "default"] == strategy for _, _, strategy in told)
    assert {
        ("torch/ops.py", "dispatch"),
        ("python/randomness.py", "drawn"),
        ("trace/writer.py", "append"),
        ("session.py", "begin"),
    } <= {(file, name) for file, name, _ in told}
