"""One process's recording: put together from its request, and followed into forks, threads and to its end."""

from __future__ import annotations

import atexit
import os
import random

from ... import settings, walk
from . import after_import, digests, jax_calls, outside, randomness, sites, tasks, torch_compiled, torch_ops

AFTER_ALL_OTHERS = -(2**31)
"""The exit priority among multiprocessing's finalizers, which run from the highest to the lowest."""


def begin(carrier, request):
    """Record this process from here on."""
    settings.before_program(request.get("factors") or {})
    algorithm, function = digests.chosen(request.get("portable", False))
    session = Session(carrier, request, algorithm, function)
    session.follow()


class Session:
    """The pieces of one process's recording."""

    def __init__(self, carrier, request, algorithm, function):
        self._carrier, self._request, self._function = carrier, request, function
        self._detail = request.get("tier") == "detail"
        self._sites = sites.Sites(request.get("roots") or ())
        self._process = tasks.Process(carrier.replies, carrier.parent or "main", algorithm, self._detail)
        self._draws = randomness.Watch(self._process, self._sites, self._of_bytes)
        self._recorder = self._torch = None

    def _of_bytes(self, data):
        return digests.of_bytes(self._function, data)

    def follow(self):
        """Install every hook. Frameworks are hooked when the program has imported them."""
        process, carrier = self._process, self._carrier
        carrier.child_token = process.next_child
        carrier.name_parent(process.lineage)
        carrier.hide()
        carrier.follow_children()
        os.register_at_fork(before=process.before_fork, after_in_child=process.forked)
        atexit.register(process.end)
        tasks.follow_threads(process, self._enter_thread)
        randomness.follow_python(self._draws, random)
        outside.follow(outside.Watch(process, self._sites, self._of_bytes), random)
        self._finder = finder = after_import.installed()
        finder.when_imported("multiprocessing.util", self._end_with_multiprocessing)
        finder.when_imported("numpy.random", lambda module: randomness.follow_numpy(self._draws, module))
        finder.when_imported("torch", self._torch_is_there)
        finder.when_imported("jax", self._jax_is_there)

    def _end_with_multiprocessing(self, util):
        """Multiprocessing ends its children without atexit, and a child forgets its parent's finalizers first."""

        def watch(process):
            util.Finalize(None, process.end, exitpriority=AFTER_ALL_OTHERS)

        util.register_after_fork(self._process, watch)

    def _torch_is_there(self, torch):
        try:
            self._torch = torch
            self._apply("torch", torch)
            self._recorder = torch_ops.Recorder(torch, self._process, self._sites, self._function, self._detail)
            randomness.follow_torch(self._draws, torch)
            torch_ops.mode(torch, self._recorder).__enter__()
            self._finder.when_imported("torch._inductor.output_code", self._inductor_is_there)
        except Exception as problem:
            self._process.task.problem(problem)

    def _jax_is_there(self, jax):
        try:
            self._apply("jax", jax)
            from jax._src import pjit

            recorder = jax_calls.Recorder(jax, self._process, self._sites, self._function, self._request)
            jax_calls.follow(pjit, recorder)
        except Exception as problem:
            self._process.task.problem(problem)

    def _inductor_is_there(self, output_code):
        try:
            torch_compiled.follow(output_code, self._recorder, self._process, self._sites)
        except Exception as problem:
            self._process.task.problem(problem)

    def _apply(self, framework, module):
        """Factors and cures that are calls of the framework; a seed is the cure of an unseeded draw."""
        factors = dict(self._request.get("factors") or {})
        if framework == "jax":
            factors.pop("framework-switch", None)  # it has none; where it is tried, another framework's is meant
        if factors:
            walk.load("%s._state" % framework).apply(factors)
        if "seed" in factors and framework == "torch":
            module.manual_seed(int(factors["seed"]))

    def _enter_thread(self):
        """In a new thread: what is kept per thread. Returns what its end must call."""
        if self._recorder is None:
            return lambda: None
        mode = torch_ops.mode(self._torch, self._recorder)
        mode.__enter__()
        return lambda: mode.__exit__(None, None, None)
