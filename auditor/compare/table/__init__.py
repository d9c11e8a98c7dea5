"""
The table: what a difference of each fact can do to numbers, as data. The first rule that meets a key decides.

One file per subject; order matters only inside a file and between a file's special cases and its general ones, since
no two files meet the same key.
"""

from __future__ import annotations

from .accelerators import ACCELERATORS
from .code import CODE
from .jax import JAX
from .machine import MACHINE
from .packages import PACKAGES
from .python import PYTHON
from .rule import REASONING, Basis, CauseKind, Effect, EffectRule
from .tensorflow import TENSORFLOW
from .torch import TORCH
from .variables import VARIABLES

__all__ = ["BY_ROLE", "RULES", "Basis", "CauseKind", "Effect", "EffectRule"]

RULES: tuple[EffectRule, ...] = (
    *TORCH,
    *TENSORFLOW,
    *JAX,
    *PACKAGES,
    *VARIABLES,
    *PYTHON,
    *MACHINE,
    *ACCELERATORS,
    *CODE,
)

BY_ROLE: dict[str, EffectRule] = {
    "software": EffectRule(
        ("*",), "may", "No rule knows this fact, and software can do anything to numbers.", REASONING
    ),
    "machine": EffectRule(("*",), "may", "No rule knows this fact, and hardware can do much to numbers.", REASONING),
    "volatile": EffectRule(("*",), "cannot", "It changes by itself between two runs of one environment.", REASONING),
    "identity": EffectRule(
        ("*",), "cannot", "It names a place, a person or a device; it is not what computes.", REASONING
    ),
}
"""What holds for a fact that no rule meets (another auditor recorded it), by its role."""
