"""
JAX's process state: what is compared around every check, how settings are applied and seeds restored.

JAX has no global generator to restore: its keys are values that a program passes. Measured with jaxlib 0.10.2:
`NPROC=1` in the environment gives one busy thread (processor time 1.0 times wall time in matmul and element-wise work,
1.9 without); `--xla_cpu_multi_thread_eigen=false` alone changes nothing (still 2.0).
"""

from __future__ import annotations

import contextlib
import random

from ..lacking import NotInThisRelease


def snapshot():
    """Names to short values of all of JAX's configuration, of this thread's settings, and of the devices."""
    import jax

    state = {"jax setting %s" % name: repr(value) for name, value in jax.config.values.items()}
    for name in ("jax_enable_x64", "jax_default_matmul_precision", "jax_default_device", "jax_disable_jit"):
        state["jax setting %s in this thread" % name] = repr(getattr(jax.config, name))  # context managers set it
    state["jax devices"] = [str(device) for device in jax.devices()]
    return state


def apply(chosen):
    """
    Apply the settings that JAX sets by a call: none, because thread count and XLA's flags are environment variables.

    Raises ValueError for `framework-switch`: JAX has no such switch that can be called, and a cure that silently
    does nothing would be reported as ineffective.
    """
    if "framework-switch" in chosen:
        raise ValueError("JAX has no determinism switch that can be called; XLA_FLAGS is read when the process starts")


@contextlib.contextmanager
def seeded(seed):
    """Seed Python and NumPy for the duration, and restore both generators afterwards."""
    import numpy

    python_state, numpy_state = random.getstate(), numpy.random.get_state()
    random.seed(seed)
    numpy.random.seed(seed)
    try:
        yield
    finally:
        random.setstate(python_state)
        numpy.random.set_state(numpy_state)


def setting(name):
    """The current value of one of JAX's configuration values. Raises NotInThisRelease if this JAX has none."""
    import jax

    if name not in jax.config.values:
        raise NotInThisRelease("jax.config.%s" % name)
    return jax.config.values[name]


@contextlib.contextmanager
def switched(name, value):
    """
    Set one of JAX's configuration values for the duration, for all threads, and restore it afterwards.

    Raises NotInThisRelease if this JAX has no such value.
    """
    import jax

    before = setting(name)
    jax.config.update(name, value)
    try:
        yield
    finally:
        jax.config.update(name, before)
