"""Imports JAX's test harnesses without absl and without side effects on the process."""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.util
import sys
import types
import unittest

from ..declare import NotApplicable
from . import _state

MODULE = "jax._src.internal_test_util.test_harnesses"
STAND_INS = ("absl", "absl.testing", "absl.testing.absltest", "absl.testing.parameterized")
"""Modules that the harnesses import beyond JAX's requirements and use only for their test classes."""


@functools.lru_cache(maxsize=None)
def harnesses():
    """
    All harnesses, sorted by name: the order of their definition depends on memory addresses.

    Some draw their inputs from NumPy's generator at definition, so it is seeded. Raises NotApplicable if
    the release contains no harnesses.
    """
    if importlib.util.find_spec("jax._src.internal_test_util") is None:
        raise NotApplicable("this release of JAX contains no test harnesses (%s)" % MODULE)
    with _state.seeded(0), _stand_ins(), _settings_of_tests_removed():
        module = importlib.import_module(MODULE)
    return sorted(module.all_harnesses, key=lambda harness: harness.fullname)


class _StandIn(types.ModuleType):
    """A module whose functions return decorators that change nothing, and whose classes are unittest's."""

    TestCase, TestLoader = unittest.TestCase, unittest.TestLoader

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _decorating


def _decorating(*_arguments, **_named):
    """Replaces every function of absl: returns a decorator that changes nothing."""
    return lambda decorated: decorated


@contextlib.contextmanager
def _stand_ins():
    """
    Replace absl for the duration, installed or not; JAX then reads no flags from the command line.

    absl comes with TensorFlow, not with JAX, and flags registered with it cannot be removed.
    """
    from jax._src import config

    real = {name: sys.modules.get(name) for name in STAND_INS}
    parse = config.parse_flags_with_absl
    for name in STAND_INS:
        module = sys.modules[name] = _StandIn(name)
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
    config.parse_flags_with_absl = lambda: None
    try:
        yield
    finally:
        config.parse_flags_with_absl = parse
        for name, module in real.items():
            sys.modules.pop(name)
            if module is not None:
                sys.modules[name] = module


@contextlib.contextmanager
def _settings_of_tests_removed():
    """Remove the settings of JAX's tests from its configuration; their holders work unlisted."""
    from jax._src import config

    before = set(config.config.values)
    try:
        yield
    finally:
        for name in set(config.config.values) - before:
            del config.config._value_holders[name]
