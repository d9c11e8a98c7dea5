"""The states of the generators that a training loop may draw from, as digests by name."""

from __future__ import annotations

import random
import sys

from ....factors.wrappers import in_place_of

MOST_OWN = 64
"""Own NumPy generators that are kept; later ones are not told."""


class GeneratorStates:
    """Of one process. It keeps what it watches alive, so that no address is used twice."""

    def __init__(self, sites, digest_bytes, function):
        self._sites, self._digest, self._function = sites, digest_bytes, function
        self._own, self._loaders = {}, {}

    def follow_numpy(self, numpy_random):
        """Wrap `default_rng`, to know the program's own generators."""
        plain = numpy_random.default_rng

        def default_rng(*arguments, **named):
            made = plain(*arguments, **named)
            self._keep(made)
            return made

        numpy_random.default_rng = in_place_of(plain, default_rng)

    def _keep(self, made):
        frame = sys._getframe(2)
        if len(self._own) >= MOST_OWN or not self._sites.is_users(frame):
            return
        place = "%s:%d" % (frame.f_code.co_filename.rpartition("/")[2], frame.f_lineno)
        known = [one for one in self._own if one.startswith("numpy.random.default_rng at %s" % place)]
        self._own["numpy.random.default_rng at %s%s" % (place, " (%d)" % (len(known) + 1) if known else "")] = made

    def of_loader(self, number, generator):
        """A data loader draws from this generator of the program's."""
        self._loaders["torch.Generator of data loader %d" % number] = generator

    def now(self, torch):
        """Name to digest, as hexadecimal text."""
        found = {"python": self._of(repr(random._inst.getstate()))}
        numpy = sys.modules.get("numpy.random")
        if numpy is not None:
            found["numpy"] = self._of(_state(numpy.mtrand._rand._bit_generator.state))
        for name, one in self._own.items():
            found[name] = self._of(_state(one.bit_generator.state))
        found["torch"] = self._of_torch(torch.default_generator)
        for name, generator in self._loaders.items():
            found[name] = self._of_torch(generator)
        return found

    def _of(self, text):
        return "%016x" % self._digest(text.encode())

    def _of_torch(self, generator):
        state = generator.get_state()
        return "%016x" % self._function(state.data_ptr(), state.numel())


def _state(value):
    """A bit generator's state as text; arrays whole."""
    if isinstance(value, dict):
        return ";".join("%s=%s" % (name, _state(value[name])) for name in sorted(value))
    return value.tobytes().hex() if hasattr(value, "tobytes") else repr(value)
