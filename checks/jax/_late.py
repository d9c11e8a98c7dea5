"""Settings of JAX made too late: {name: (expected, observed)}; each must warn, fail or take effect."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings

from ._state import switched

LATE_FLAGS = "XLA_FLAGS set after the first computation"
LATE_DEVICES = "jax_num_cpu_devices set after the first computation"
TOLD = "an error or a warning, or its effect"


def late_devices():
    """A number of devices that is set after the first computation must report that it is too late."""
    import jax

    count = len(jax.devices())
    try:
        with warnings.catch_warnings(record=True) as heard, switched("jax_num_cpu_devices", count + 1):
            observed = TOLD if heard or len(jax.devices()) == count + 1 else "nothing"
    except RuntimeError:
        observed = TOLD
    return {LATE_DEVICES: (TOLD, observed)}


def late_flags():
    """Ask XLA too late to write its programs to a folder; any output on standard error counts as a warning."""
    import jax

    folder, before = tempfile.mkdtemp(), os.environ.get("XLA_FLAGS")
    os.environ["XLA_FLAGS"] = ("%s --xla_dump_to=%s" % (before or "", folder)).strip()
    try:
        with warnings.catch_warnings(record=True) as heard, _StandardError() as written:
            warnings.simplefilter("always")
            jax.jit(lambda value: value * 7.25 - 1)(1.0).block_until_ready()
        observed = TOLD if heard or written.text or os.listdir(folder) else "nothing"
        return {LATE_FLAGS: (TOLD, observed)}
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
