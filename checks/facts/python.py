"""Facts about the Python interpreter: build, settings, locale, and every installed distribution. No framework."""

from __future__ import annotations

import codecs
import functools
import gc
import hashlib
import locale
import os
import platform
import random
import sys
import sysconfig
import time

from .. import fact
from ..declare import NotApplicable
from ..fact import probe
from . import _conda, _distributions, _indexes, _record


def _release():
    return "%d.%d.%d" % sys.version_info[:3] + ("" if sys.version_info[3] == "final" else sys.version.split()[0][5:])


def _hash_randomisation():
    """`random`, `fixed` (PYTHONHASHSEED is a number other than 0) or `off`."""
    chosen = os.environ.get("PYTHONHASHSEED", "random")
    if not sys.flags.hash_randomization:
        return "off"
    return "fixed" if chosen.isdigit() else "random"


def _environment_kind():
    if _conda.is_environment():
        return "conda"
    return "venv" if sys.prefix != sys.base_prefix else "none"


def _system_packages():
    """Whether a virtual environment also sees the packages of its base Python."""
    if sys.prefix == sys.base_prefix:
        raise NotApplicable("not a virtual environment")
    with open(os.path.join(sys.prefix, "pyvenv.cfg"), encoding="utf-8") as lines:
        for line in lines:
            name, _, content = line.partition("=")
            if name.strip() == "include-system-site-packages":
                return content.strip().lower() == "true"
    return False


def _revision():
    """The commit that this Python was built from. Raises Unknown when it was built outside of a checkout."""
    if not platform.python_revision():
        raise fact.Unknown("this build records no revision: it was not made in a checkout of Python's source")
    return platform.python_revision()


def _free_threaded():
    return bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def _gil():
    if not hasattr(sys, "_is_gil_enabled"):
        raise NotApplicable("this Python always has its global lock")
    return bool(sys._is_gil_enabled())


def _optimised_build():
    """Whether `--enable-optimizations` is among the options that this Python was configured with."""
    options = sysconfig.get_config_var("CONFIG_ARGS")
    if options is None:
        raise fact.Unknown("this Python does not record how it was configured")
    return "--enable-optimizations" in options


def _flags():
    return sorted("%s=%s" % (name, int(getattr(sys.flags, name))) for name in dir(sys.flags) if _is_flag(name))


def _is_flag(name):
    """Whether it is an integer flag; `dont_write_bytecode` is left out, because the audit starts Python with -B."""
    if name == "dont_write_bytecode":
        return False
    return not name.startswith("_") and isinstance(getattr(sys.flags, name), (bool, int)) and not name.startswith("n_")


def _conda_packages():
    """`name=version=build` of every package in a conda environment."""
    if not _conda.is_environment():
        raise NotApplicable("not a conda environment")
    return ["=".join(one) for one in _conda.packages()]


def _path_hooks():
    """Names of files that run code at every start (`.pth` with an import line) and can change a run unnoticed."""
    names = set()
    for entry in sys.path:
        for name in os.listdir(entry) if os.path.isdir(entry) else ():
            if name.endswith(".pth") and _runs_code(os.path.join(entry, name)):
                names.add(name)
    return sorted(names)


def _runs_code(path):
    with open(path, "rb") as lines:
        return any(line.startswith((b"import ", b"import\t")) for line in lines)


def _random_state():
    """A digest of the global generator's state: equal in two processes only if something seeded it."""
    return hashlib.sha256(repr(random.getstate()).encode("ascii")).hexdigest()


def _locale():
    return locale.setlocale(locale.LC_ALL)


PROBES = {
    "python.version": probe("software", "version", "sys.version_info", _release),
    "python.implementation": probe("software", "implementation", "platform", platform.python_implementation),
    "python.build": probe("software", "build number and date", "platform", lambda: " ".join(platform.python_build())),
    "python.compiler": probe("software", "compiler that built Python", "platform", platform.python_compiler),
    "python.revision": probe("software", "revision of Python's source", "platform", _revision),
    "python.cache_tag": probe("software", "bytecode cache tag", "sys", lambda: sys.implementation.cache_tag),
    "python.platform": probe("software", "platform that Python was built for", "sysconfig", sysconfig.get_platform),
    "python.optimised": probe("software", "built with profile optimisation", "sysconfig", _optimised_build),
    "python.debug": probe("software", "debug build", "sys", lambda: hasattr(sys, "gettotalrefcount")),
    "python.free_threaded": probe("software", "built without the global lock", "sysconfig", _free_threaded),
    "python.gil": probe("software", "whether the global lock is on", "sys", _gil),
    "python.flags": probe("software", "command line flags in force", "sys.flags", _flags),
    "python.executable": probe("identity", "path of the interpreter", "sys.executable", lambda: sys.executable),
    "python.prefix": probe("identity", "path of the environment", "sys.prefix", lambda: sys.prefix),
    "python.base_prefix": probe("identity", "path of the base Python", "sys", lambda: sys.base_prefix),
    "python.path": probe("identity", "folders that imports search", "sys.path", lambda: list(sys.path)),
    "python.environment": probe("software", "venv, conda or none", "sys.prefix", _environment_kind),
    "python.environment.system_packages": probe("software", "sees system packages", "pyvenv.cfg", _system_packages),
    "python.hash.randomisation": probe("software", "string hash: random, fixed, off", "sys.flags", _hash_randomisation),
    "python.hash.algorithm": probe("software", "string hash algorithm", "sys", lambda: sys.hash_info.algorithm),
    "python.hash.width": probe("software", "width of hashes", "sys.hash_info", lambda: sys.hash_info.width, "bit"),
    "python.random_state": probe("volatile", "state of the random module", "random.getstate", _random_state),
    "python.hash.sample": probe("volatile", "hash of 'auditor' in this process", "hash", lambda: hex(hash("auditor"))),
    "python.gc.enabled": probe("software", "cyclic collector on", "gc", gc.isenabled),
    "python.gc.thresholds": probe("software", "collector's thresholds", "gc", lambda: list(gc.get_threshold())),
    "python.byte_order": probe("software", "byte order", "sys", lambda: sys.byteorder),
    "python.float.mantissa": probe("software", "float mantissa", "sys", lambda: sys.float_info.mant_dig, "bit"),
    "python.float.rounding": probe("software", "rounding mode, 1 is to nearest", "sys", lambda: sys.float_info.rounds),
    "python.float.repr_style": probe("software", "how floats are printed", "sys", lambda: sys.float_repr_style),
    "python.recursion_limit": probe("software", "recursion limit", "sys", sys.getrecursionlimit),
    "python.switch_interval": probe(
        "software", "thread switch interval", "sys", lambda: round(sys.getswitchinterval() * 1e6), "microsecond"
    ),
    "python.encoding.filesystem": probe("software", "encoding of file names", "sys", sys.getfilesystemencoding),
    "python.encoding.preferred": probe(
        "software",
        "encoding of opened files",
        "locale",
        lambda: codecs.lookup(locale.getpreferredencoding(False)).name,
    ),
    "python.encoding.stdout": probe("volatile", "encoding of standard output", "sys", lambda: sys.stdout.encoding),
    "python.utf8_mode": probe("software", "UTF-8 mode", "sys.flags", lambda: bool(sys.flags.utf8_mode)),
    "python.locale": probe("software", "locale settings in force", "locale", _locale),
    "python.time_zone": probe("software", "names of the time zone", "time", lambda: list(time.tzname)),
    "python.time_zone.offset": probe("software", "seconds west of UTC", "time", lambda: time.timezone, "second"),
    "python.warnings": probe("software", "warning options", "sys", lambda: list(sys.warnoptions)),
    "python.start_up_hooks": probe("software", ".pth files that run code", "sys.path", _path_hooks),
    "python.distributions": probe("software", "every installed distribution", "dist-info", _distributions.described),
    "python.distributions.installers": probe(
        "identity", "installer of each distribution", "INSTALLER", _distributions.installers
    ),
    "python.distributions.addresses": probe(
        "identity",
        "addresses of distributions that did not come from an index",
        "direct_url.json",
        _distributions.addresses,
    ),
    "python.conda_packages": probe("software", "packages of a conda environment", "conda-meta", _conda_packages),
    "python.index": probe("identity", "package indexes that pip and uv use", "configuration", _indexes.configured),
}


def _verified(request, place):
    """Files that differ from their RECORD (`place` 0) or are gone (1); compared only on request."""
    if not request.get("verify_files"):
        raise NotApplicable(
            "not requested: `--verify-files` of `auditor audit` and `auditor probe` reads every installed file"
        )
    return _compared()[place]


@functools.lru_cache(maxsize=1)
def _compared():
    folders = [path for path in _distributions.metadata_folders() if path.endswith(".dist-info")]
    return _record.differences(folders)


VERIFIED = {
    "python.distributions.changed": probe(
        "software", "installed files that differ from RECORD", "RECORD", lambda request: _verified(request, 0)
    ),
    "python.distributions.missing": probe(
        "software", "recorded files that are gone", "RECORD", lambda request: _verified(request, 1)
    ),
}
KEYS = dict(fact.keys(PROBES), **fact.keys(VERIFIED))


def collect(request):
    """Every fact about the interpreter."""
    yield from fact.answers(PROBES)
    yield from fact.answers(VERIFIED, request)
