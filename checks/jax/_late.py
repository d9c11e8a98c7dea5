"""Settings of JAX made too late: {name: (expected, observed)}; each must warn, fail or take effect."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings

from ._state import switched

LATE_FLAGS = "XLA_FLAGS set after the first computation"
LATE_DEVICES = "jax_num_cpu_devices set after the first computation"


def late_settings():
    """Settings that must report that they are too late: device count and compiler flags after the first computation."""
    import jax

    count = len(jax.devices())
    told = "an error or a warning, or its effect"
    try:
        with warnings.catch_warnings(record=True) as heard, switched("jax_num_cpu_devices", count + 1):
            observed = told if heard or len(jax.devices()) == count + 1 else "nothing"
    except RuntimeError:
        observed = told
    return {LATE_DEVICES: (told, observed), LATE_FLAGS: (told, _late_flags(told))}


def _late_flags(told):
    """Ask XLA too late to write its programs to a folder; any output on standard error counts as a warning."""
    import jax

    folder, before = tempfile.mkdtemp(), os.environ.get("XLA_FLAGS")
    os.environ["XLA_FLAGS"] = ("%s --xla_dump_to=%s" % (before or "", folder)).strip()
    try:
        with warnings.catch_warnings(record=True) as heard, _StandardError() as written:
            warnings.simplefilter("always")
            jax.jit(lambda value: value * 7.25 - 1)(1.0).block_until_ready()
        return told if heard or written.text or os.listdir(folder) else "nothing"
    finally:
        if before is None:
            del os.environ["XLA_FLAGS"]
        else:
            os.environ["XLA_FLAGS"] = before
        shutil.rmtree(folder)


class _StandardError:
    """Capture what the process, including C++ code, writes to standard error."""

    def __enter__(self):
        self.text = b""
        self._kept = os.dup(2)
        self._file = tempfile.TemporaryFile()
        os.dup2(self._file.fileno(), 2)
        return self

    def __exit__(self, *problem):
        os.dup2(self._kept, 2)
        os.close(self._kept)
        self._file.seek(0)
        self.text = self._file.read()
        self._file.close()
