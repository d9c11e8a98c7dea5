"""The audited frameworks."""

from __future__ import annotations

FRAMEWORKS = ("torch", "tensorflow", "jax")
