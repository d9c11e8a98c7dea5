"""XLA's autotuning: not on a CPU; the text of kernels that is compared is the same in two processes."""

import json

import pytest
import support
from jax_judging import verdict

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
MEASURED = """
import jax.numpy, json
from _auditor_checks.jax import autotune

kept = {path!r}
if {first}:
    told = autotune.in_child({{}})
else:
    before, again = json.load(open(kept)), autotune.in_child({{}})
    jax.numpy.tanh = jax.numpy.sin
    other = autotune.in_child({{}})
    told = [autotune.compared(before, again, again), autotune.compared(before, other, other)]
json.dump(told, open(kept, "w"))
"""


def _measured(folder, first):
    """What the check's child gave in a fresh process, and the check's own answer there."""
    setup, path = folder / "setup.py", folder / "told.json"
    setup.write_text(MEASURED.format(path=str(path), first=first))
    reply = support.measure("jax-autotune", setup=str(setup))
    return reply, json.loads(path.read_text())


def test_kernels_are_compared_and_a_cpu_tunes_none(tmp_path):
    """Another process gives the same kernels and bits, another function others; on a CPU none is timed."""
    reply, _ = _measured(tmp_path, first=True)
    _, (same, other) = _measured(tmp_path, first=False)
    found = verdict("jax-autotune", other)

    assert ("not-applicable", True) == (reply.tag, "times no kernels" in reply.reason)
    assert "pass" == verdict("jax-autotune", same).outcome
    assert ("fail", "documented") == (found.outcome, found.known)
    assert {"matmul bfloat16"} == {name.split(",")[0] for name in found.evidence["broken"]}
    assert 3 == len(found.evidence["broken"])
