"""The frameworks that are audited: the one list of them."""

from __future__ import annotations

FRAMEWORKS = ("torch", "tensorflow", "jax")
