"""Installs what tells optimizer steps and written paths, in runs that are compared with a resumed one."""

from __future__ import annotations

import functools

from ..trace import digests
from . import written
from .generators import GeneratorStates
from .notes import Notes
from .optimizers import Optimizers


class Resumable:
    """Of one process."""

    def __init__(self, process, sites, function):
        self._process, self._sites, self._function = process, sites, function
        self._notes = Notes(process)
        self._generators = GeneratorStates(sites, functools.partial(digests.of_bytes, function), function)

    def follow(self, finder):
        """What needs no framework."""
        written.follow(self._notes, self._process.folder)
        finder.when_imported("numpy.random", self._generators.follow_numpy)

    def follow_torch(self, torch, recorder, finder):
        """Once the program has imported torch."""
        written.follow_torch(self._notes, torch)
        hooks = Optimizers(torch, self._process, self._sites, recorder, self._generators, self._notes)
        hooks.follow(finder)


def wanted(process, sites, function, request):
    """The hooks of this process; None if the request does not ask for them."""
    return Resumable(process, sites, function) if request.get("steps") else None
