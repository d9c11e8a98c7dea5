"""
Training that is saved, loaded in a fresh process and continued gives what uninterrupted training gives.

Why: a checkpoint that misses a part trains on without an error and to another result: the optimizer's moments, the
position in the epoch, the generators, the scaler of mixed precision (lightning#17543, lightning#18098,
transformers#11323, transformers#8874). The check saves everything after N steps, continues in another process for N
steps, and compares with 2N uninterrupted steps. The finding names the part: each part is read directly, not through its
`state_dict`, when saved and when loaded.

Remedy: save the parts that the finding names as lost. A full checkpoint holds the `state_dict` of model, optimizer,
scheduler and scaler; the states of the generators of Python, NumPy, torch and CUDA; the loader's generator as it stood
at the start of the epoch; and the number of batches done in that epoch. Load it with `weights_only=True`.
"""

from __future__ import annotations

import os
import tempfile

from ..declare import Check
from ..process import child
from . import _state, _training

CHECK = Check(tier="full", rule="expected", needs=("numpy",))
CHILD_SECONDS = 300
"""Several times the duration of importing torch and a dozen small steps on 2 cores under load."""


def measure(settings):
    """For each part, its digest without interruption and its digest in the process that continued."""
    values = {}
    with tempfile.TemporaryDirectory(prefix="auditor-resume-") as folder:
        for prefix, device in _state.devices():
            runs = {kind: os.path.join(folder, "%s-%s" % (device.type, kind)) for kind in _training.OPTIMIZERS}
            plain = {kind: _training.straight(kind, device.type, path) for kind, path in runs.items()}
            jobs = [{"kind": kind, "device": device.type, "path": path} for kind, path in runs.items()]
            found = child.run("torch._training.resumed_all", jobs, timeout_seconds=CHILD_SECONDS)
            for kind, other in zip(runs, found):
                for stage, left, right in zip(("loaded", "continued"), plain[kind], other):
                    values.update(_pairs("%s%s %s: " % (prefix, kind, stage), left, right))
    return values


def _pairs(prefix, plain, other):
    """The digest of each part on both sides; `nothing` for a part that one side lacks."""
    return {
        prefix + name: {"expected": plain.get(name, "nothing"), "observed": other.get(name, "nothing")}
        for name in sorted({*plain, *other})
    }
