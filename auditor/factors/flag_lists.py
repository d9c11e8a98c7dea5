"""Variables that hold several flags."""

from __future__ import annotations

LISTS_OF_FLAGS = ("TF_XLA_FLAGS", "XLA_FLAGS")
"""Variables that hold several flags: a remedy's flags are added to the audited ones."""
