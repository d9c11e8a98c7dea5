"""
The table: the effect of a difference in each fact on numbers. The first rule that matches a key decides.

One file per subject. Order matters only inside a file (special rules before general ones), since no two files match the
same key.
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
    "software": EffectRule(("*",), "may", "No rule covers this fact, and any software can change numbers.", REASONING),
    "machine": EffectRule(("*",), "may", "No rule covers this fact, and hardware can change numbers.", REASONING),
    "volatile": EffectRule(("*",), "cannot", "It changes by itself between two runs of one environment.", REASONING),
    "identity": EffectRule(
        ("*",), "cannot", "It identifies a place, a person or a device, and takes no part in a computation.", REASONING
    ),
}
"""Role to the rule for a fact that no other rule matches (another version of auditor recorded it)."""
