"""
An environment variable states whether TF32 may be used.

Why: on NVIDIA GPUs since Ampere, libraries may round the factors of float32 products to 10 mantissa bits. Defaults
differ between frameworks and versions (pytorch#67384, pytorch#61890), so the same script gives other digits elsewhere.

Remedy: export `NVIDIA_TF32_OVERRIDE=0` in the job that launches training (1 does not force TF32 on). Or set the
frameworks' own switches, which this check does not read.
"""

from __future__ import annotations

from ..declare import Check, NotApplicable
from . import _gpu, _started

CHECK = Check(tier="quick", rule="expected", remedy_env={"NVIDIA_TF32_OVERRIDE": "0"})


def measure(settings):
    """The value of NVIDIA_TF32_OVERRIDE when the process started."""
    obstacle = _gpu.nvidia_obstacle()
    if obstacle:
        raise NotApplicable("no usable NVIDIA GPU here (%s)" % obstacle)
    return _started.lint("NVIDIA_TF32_OVERRIDE", ("0", "1").__contains__, "0 or 1")
