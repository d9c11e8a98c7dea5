"""Which framework a recorded step belongs to: its name says so."""

from __future__ import annotations

PYTHON = ("numpy.", "random.", "time.", "datetime.", "os.", "uuid.", "secrets.", "glob.", "pathlib.", "concurrent.")
PYTHON_NAMES = ("line", "print")


def framework_of(name: str) -> str:
    """`torch`, `tensorflow`, `jax` or `python`: names of torch are qualified, those of others have prefixes."""
    if "::" in name or name.startswith(("inductor:", "torch.")):
        return "torch"
    if name.startswith("tf."):
        return "tensorflow"
    if name in PYTHON_NAMES or name.startswith(PYTHON):
        return "python"
    return "jax"
