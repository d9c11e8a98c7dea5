"""JAX's own test harnesses, imported without absl, and without leaving anything behind in the process."""

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
"""What the harnesses import beyond JAX's own requirements, and use for nothing but their own test classes."""


@functools.lru_cache(maxsize=None)
def harnesses():
    """
    All harnesses, sorted by their names: the order in which they are defined follows addresses in memory.

    Some draw their inputs from NumPy's generator while they are defined, so it is seeded. Raises NotApplicable where
    the release carries no harnesses.
    """
    if importlib.util.find_spec("jax._src.internal_test_util") is None:
        raise NotApplicable("this release of JAX carries no test harnesses (%s)" % MODULE)
    with _state.seeded(0), _stand_ins(), _settings_of_tests_removed():
        module = importlib.import_module(MODULE)
    return sorted(module.all_harnesses, key=lambda harness: harness.fullname)


class _StandIn(types.ModuleType):
    """A module whose every function gives a decorator that changes nothing, and whose classes are unittest's."""

    TestCase, TestLoader = unittest.TestCase, unittest.TestLoader

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _decorating


def _decorating(*_arguments, **_named):
    """What stands for every function of absl: a decorator that changes nothing."""
    return lambda decorated: decorated


@contextlib.contextmanager
def _stand_ins():
    """
    absl, whether installed or not, is replaced for the duration, and JAX reads no flags from the command line.

    absl comes with TensorFlow and not with JAX, and registering flags with it cannot be undone.
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
    """Take the settings of JAX's own tests out of its configuration again: the holders work without being listed."""
    from jax._src import config

    before = set(config.config.values)
    try:
        yield
    finally:
        for name in set(config.config.values) - before:
            del config.config._value_holders[name]
