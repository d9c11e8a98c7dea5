"""Facts about NumPy, which all three frameworks use: its BLAS and its choice of instruction sets."""

from __future__ import annotations

import hashlib
import importlib.util
import sys

from .. import fact
from ..declare import NotApplicable
from ..fact import probe


def _imported():
    """NumPy, imported if it is not loaded: takes about 0.1 s."""
    if "numpy" not in sys.modules and importlib.util.find_spec("numpy") is None:
        raise NotApplicable("numpy is not installed")
    import numpy

    return numpy


def _configured(*names):
    """A reader of one entry of `numpy.show_config(mode="dicts")`."""

    def read():
        numpy = _imported()
        try:
            told = numpy.show_config(mode="dicts")
        except TypeError:
            raise fact.Unknown("NumPy before 1.25 prints its configuration but does not return it") from None
        for name in names:
            if name not in told:
                raise NotApplicable("this build of NumPy does not name its %s" % " ".join(names))
            told = told[name]
        return told

    return read


def _random_state():
    """A digest of the legacy global generator's state: equal in two processes only if something seeded it."""
    name, words, place, *_ = _imported().random.get_state()
    return hashlib.sha256(words.tobytes() + ("%s %d" % (name, place)).encode("ascii")).hexdigest()


def _error_state():
    return sorted("%s=%s" % pair for pair in _imported().geterr().items())


_SOURCE = "numpy.show_config"
_BLAS = ("Build Dependencies", "blas")
APART = True
"""Importing NumPy takes as long as all other groups together, so this group gets its own process."""

PROBES = {
    "numpy.version": probe("software", "release", "numpy.__version__", lambda: _imported().__version__),
    "numpy.blas.name": probe("software", "BLAS", _SOURCE, _configured(*_BLAS, "name")),
    "numpy.blas.version": probe("software", "version of the BLAS", _SOURCE, _configured(*_BLAS, "version")),
    "numpy.blas.build": probe(
        "software", "build options of the BLAS", _SOURCE, _configured(*_BLAS, "openblas configuration")
    ),
    "numpy.lapack.name": probe("software", "LAPACK", _SOURCE, _configured("Build Dependencies", "lapack", "name")),
    "numpy.compiler.name": probe("software", "C compiler", _SOURCE, _configured("Compilers", "c", "name")),
    "numpy.compiler.version": probe(
        "software", "version of the C compiler", _SOURCE, _configured("Compilers", "c", "version")
    ),
    "numpy.simd.baseline": probe(
        "software", "SIMD extensions always used", _SOURCE, _configured("SIMD Extensions", "baseline")
    ),
    "numpy.simd.found": probe(
        "machine", "SIMD extensions chosen here", _SOURCE, _configured("SIMD Extensions", "found")
    ),
    "numpy.random_state": probe("volatile", "state of the global generator", "numpy.random.get_state", _random_state),
    "numpy.errors": probe("software", "handling of floating-point errors", "numpy.geterr", _error_state),
}
KEYS = fact.keys(PROBES)


def collect(request):
    """Every fact about NumPy; in passive mode (at the end of a real run) only if the program has imported it."""
    if request.get("passive") and "numpy" not in sys.modules:
        return dict.fromkeys(PROBES, fact.not_applicable("this process did not import numpy"))
    return fact.answers(PROBES)
