"""Environment variables that contain several flags."""

from __future__ import annotations

LISTS_OF_FLAGS = ("TF_XLA_FLAGS", "XLA_FLAGS")
"""Variables whose flags are joined: a remedy's flags are added to the existing ones."""
