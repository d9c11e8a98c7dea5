"""
Counts every operator of torch's eager mode by signature: forward, backward, optimizers.

A dispatch mode sees them below autograd, before they run, since some change their inputs. Views and allocations
compute nothing and are not counted.
"""

from __future__ import annotations

import sys
from threading import get_ident

from ...replay.python import randomness
from ...replay.torch import generators
from ...replay.torch.kinds import Kind
from ...replay.torch.mode import mode_class
from ...replay.torch.modules import Modules
from ...replay.torch.paused import Pausable
from ...replay.trace.format import ALLOCATES, ENTERS, READS_OUT
from . import statistics
from .arguments import Described
from .compiled import Regions

UNCOUNTED = ("profiler::", "prim::device", "aten::detach", "aten::is_pinned", "aten::record_stream")
"""Beginnings of operators that compute nothing and are no views by their schema."""
DRAWN = "torch draw"


class Recorder(Pausable):
    """The bodies of the hook. An error of the recorder becomes a problem and never reaches the program."""

    def __init__(self, torch, process, sites, draws):
        super().__init__()
        self._torch, self._process, self._sites = torch, process, sites
        self.table = process.table
        self.described = Described(torch)
        self._generators = generators.Generators(torch, process, sites, lambda *_data: 0)
        randomness.follow_torch(draws, torch, self._generators)
        self._modules = Modules()
        self._modules.follow(torch)
        self._kinds, self._lines = {}, {}
        self.regions = Regions(self)
        self._class = mode_class(torch, self._dispatch())

    def mode(self):
        """A new mode; each thread activates its own."""
        return self._class()

    def _dispatch(self):
        paused, note, problem = self._paused, self._note, self._process.problem

        def dispatch(_mode, func, _types, args=(), kwargs=None):
            kwargs = kwargs or {}
            if not (paused and get_ident() in paused):
                try:
                    note(func, args, kwargs, sys._getframe(1))
                except Exception as error:
                    problem(error)
            return func(*args, **kwargs)

        return dispatch

    def _note(self, func, args, kwargs, frame):
        known = self._kinds.get(id(func)) or self._kind(func)
        if not known[1]:
            return
        name, _, loose, draws, _ = known
        key = (name, self.settings(), self.described.key(loose, args, kwargs))
        table = self.table
        entry = table.entry(key)
        if entry is None:
            document = self.described.document(args, kwargs)
            entry = table.new(key, name, document, settings_document(self._torch, key[1]))
            if entry is None:
                table.beyond(name)
                table.tick()
                return
        calls = entry.calls + 1
        if not calls & (calls - 1):
            self._measure(entry, args, kwargs)
        site = self.line(frame)
        backward = self._torch._C._current_graph_task_id() != -1
        table.called(entry, site, self._modules.path_of_operation(), backward)
        if draws:
            self._drew(name, site, args, kwargs)

    def line(self, frame):
        """The text of the user's line from this frame outwards; empty if there is none."""
        return self._sites.line(self._process.task.stream, self._lines, frame) or ""

    def settings(self):
        """What decides about a kernel besides the arguments."""
        torch = self._torch
        return (
            torch.is_grad_enabled(),
            torch.get_num_threads(),
            torch._C._get_deterministic_algorithms(),
            torch.is_inference_mode_enabled(),
        )

    def _measure(self, entry, args, kwargs):
        """The statistics of the inputs, at the first call and each 2^k-th."""
        before = entry.statistics or []
        found = [statistics.of(self._torch, one) for one in tensors_of(self._torch, (*args, *kwargs.values()))]
        padded = [*before, *[None] * (len(found) - len(before))]
        entry.statistics = [statistics.merged(old, new) for old, new in zip(padded, found)]

    def _drew(self, name, site, args, kwargs):
        if self._generators._passed(args, kwargs) is not None:
            return  # a generator of the program's own has a seed by its making
        generators_ = self._generators
        generator = generators_._default_of(args, kwargs)
        generators_.state(args, kwargs)
        seeded = generator.initial_seed() not in generators_._from_system
        self.table.drew("%s (%s)" % (DRAWN, name), site, seeded)

    def _kind(self, func):
        """(name, whether it is counted, loose arguments, whether it draws, the operator kept alive)."""
        try:
            kind = Kind(self._torch, func)
        except Exception as error:
            self._process.problem(error)
            found = self._kinds[id(func)] = ("", False, frozenset(), False, func)
            return found
        silent = (kind.views and not kind.flags & ENTERS) or kind.flags & (ALLOCATES | READS_OUT | ENTERS)
        counted = not silent and not kind.name.startswith(UNCOUNTED)
        found = (kind.name, counted, self.described.loose(func), kind.draws, func)
        self._kinds[id(func)] = found
        return found


def settings_document(torch, settings):
    """The settings as JSON."""
    grad, threads, deterministic, inference = settings
    mode = "inference" if inference else "grad" if grad else "no-grad"
    return {"mode": mode, "threads": threads, "deterministic": bool(deterministic)}


def tensors_of(torch, value):
    """The tensors in arguments, in order; those of lists too."""
    found = []
    for one in value:
        if isinstance(one, torch.Tensor):
            found.append(one)
        elif isinstance(one, (list, tuple)):
            found += tensors_of(torch, one)
    return found
