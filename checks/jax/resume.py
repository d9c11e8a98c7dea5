"""
Training that is saved, loaded in a fresh process and continued gives what uninterrupted training gives.

Why: a state that is restored incompletely or rounded trains on without an error, and to another result (jax#1078,
maxtext#4343). The check saves everything through `numpy.savez` after N steps of a model with dropout, and compares 2N
steps with N more in a fresh process: with the step traced again and with the same step saved by `jax.export`. The
finding names the part, when loaded and when continued.

Remedy: save what the finding names. A full checkpoint holds parameters, the optimizer's moments and count, the position
in the data, and the key as `jax.random.key_data(key)`, restored by `wrap_key_data`. Keep each array's dtype:
`numpy.savez` does not know bfloat16 and returns `|V2`, so save `array.view("uint16")` and the name of its dtype.
"""

from __future__ import annotations

import os
import tempfile

from ..declare import Check
from ..lacking import Lacking
from ..process import child
from . import _training
from .same_seed import _step

CHECK = Check(tier="full", rule="expected", compiles=True)


def measure(settings):
    """For each part, its digest without interruption and its digest in the process that continued from the file."""
    import jax

    step, lacking = jax.jit(_step), Lacking()
    with tempfile.TemporaryDirectory(prefix="auditor-resume-") as folder:
        paths = {"state": os.path.join(folder, "state.npz")}
        half, _ = _training.train(_training.start(), step)
        _training.save(half, paths["state"])
        with lacking.case(_training.EXPORTED):
            paths["exported"] = _training.export(half, os.path.join(folder, "step.bin"))
        whole = _training.parts(*_training.train(half, step))
        told = child.run("jax._training.resumed", paths)
    plain = dict.fromkeys(told, whole)
    plain["loaded"] = _training.parts(half)
    reading = {
        "%s: %s" % (stage, part): {"expected": plain[stage][part], "observed": found}
        for stage, parts in told.items()
        for part, found in parts.items()
    }
    return dict(reading, conditions=lacking.conditions)
