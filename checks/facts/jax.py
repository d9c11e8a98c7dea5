"""Facts about JAX: releases, backends, devices, and every current value of its configuration."""

from __future__ import annotations

import importlib
import re

from .. import fact
from ..declare import NotApplicable
from ..fact import probe
from . import _distributions, _jax_names
from ._live import answers, at, named

FRAMEWORK = "jax"
_PLUGIN = re.compile(r"jax-.*(plugin|pjrt)|libtpu|.*pjrt-plugin.*")


def _configuration(name):
    """A reader of one configuration value."""

    def read():
        import jax

        if name not in jax.config.values:
            raise NotApplicable("this release of JAX has no %s" % name)
        return named(_current(name))

    return read


def _current(name):
    """The effective value: the attribute respects context managers, `values` has names that are no attributes."""
    import jax

    return getattr(jax.config, name) if hasattr(jax.config, name) else jax.config.values[name]


def _undeclared():
    """`name=value` of configuration names of this release that are not listed here."""
    import jax

    beyond = sorted(set(jax.config.values) - set(_jax_names.CONFIGURATION))
    return ["%s=%s" % (name, named(_current(name))) for name in beyond]


def _backend_version(name):
    def read():
        import jax
        from jax._src import xla_bridge

        if not hasattr(xla_bridge, name):
            raise NotApplicable("this release of JAX does not report it")
        version = getattr(xla_bridge, name)(jax.default_backend())
        if version is None:
            raise NotApplicable(
                "the backend %s is built into jaxlib and has no version of its own" % jax.default_backend()
            )
        return str(version)

    return read


def _devices():
    """`id: kind, platform, N byte` of every device."""
    import jax

    found = []
    for device in jax.devices():
        told = device.memory_stats() if hasattr(device, "memory_stats") else None
        limit = (told or {}).get("bytes_limit")
        text = "%s: %s, %s" % (device.id, device.device_kind, device.platform)
        found.append(text if limit is None else "%s, %d byte" % (text, limit))
    return found


def _platform_version():
    """The platform version of the first device's client: releases of CUDA and cuDNN on a GPU, of libtpu on a TPU."""
    import jax

    return jax.devices()[0].client.platform_version


def _plugins():
    """`name==version` of every installed PJRT plugin."""
    installed = _distributions.installed()
    return ["%s==%s" % (name, installed[name]["version"]) for name in installed if _PLUGIN.fullmatch(name)]


def _commit(module):
    """A reader of the commit in a module's version file; JAX writes it into builds other than releases."""

    def read():
        commit = getattr(importlib.import_module(module), "_git_hash", None)
        if not commit:
            raise NotApplicable("%s names no commit" % module)
        return commit

    return read


PROBES = {
    "jax.version": probe("software", "release", "jax.__version__", at("jax", "__version__")),
    "jax.git_version": probe("software", "commit that JAX was built from", "jax.version", _commit("jax.version")),
    "jax.jaxlib.version": probe("software", "release of jaxlib", "jaxlib.__version__", at("jaxlib", "__version__")),
    "jax.jaxlib.git_version": probe(
        "software", "commit that jaxlib was built from", "jaxlib.version", _commit("jaxlib.version")
    ),
    "jax.plugins": probe("software", "PJRT plugins", "dist-info", _plugins),
    "jax.backend": probe("machine", "default backend", "jax.default_backend", at("jax", "default_backend()")),
    "jax.backend.platform": probe(
        "software", "version of the backend's platform", "platform_version", _platform_version
    ),
    "jax.backend.pjrt": probe("software", "PJRT", "xla_bridge", _backend_version("backend_pjrt_c_api_version")),
    "jax.backend.stablehlo": probe(
        "software", "StableHLO", "xla_bridge", _backend_version("backend_stablehlo_version")
    ),
    "jax.backend.xla": probe("software", "XLA", "xla_bridge", _backend_version("backend_xla_version")),
    "jax.devices": probe("machine", "devices", "jax.devices", _devices),
    "jax.devices.count": probe(
        "machine", "number of devices in all processes", "jax.device_count", at("jax", "device_count()")
    ),
    "jax.devices.local": probe(
        "machine", "number of devices of this process", "jax.local_device_count", at("jax", "local_device_count()")
    ),
    "jax.processes": probe("machine", "number of processes", "jax.process_count", at("jax", "process_count()")),
    "jax.config.undeclared": probe(
        "software", "configuration values that have no key of their own, sorted", "jax.config", _undeclared
    ),
}
PROBES.update(
    {
        "jax.config." + name: probe(
            "identity" if name in _jax_names.PLACES else "software",
            "configuration value",
            "jax.config",
            _configuration(name),
        )
        for name in _jax_names.CONFIGURATION
    }
)
KEYS = fact.keys(PROBES)
STARTING = (
    *("jax.backend", "jax.backend.platform", "jax.backend.pjrt", "jax.backend.stablehlo", "jax.backend.xla"),
    *("jax.devices", "jax.devices.count", "jax.devices.local", "jax.processes"),
)
"""Each calls `xla_bridge.backends()`, which allocates an accelerator's memory."""


def _started():
    from jax._src import xla_bridge

    return xla_bridge.backends_are_initialized()


def collect(request):
    """Every fact about JAX."""
    return answers(request, PROBES, STARTING, _started)
