"""The recording of one process: installs the hooks that count operators, draws, seeds and optimizer steps."""

from __future__ import annotations

import atexit
import os
import random

from ..replay.python import after_import, exit_facts, randomness, threads
from ..replay.trace import sites
from . import isolated
from .process import Process
from .table import Table

AFTER_ALL_OTHERS = -(2**31)
"""Exit priority among multiprocessing's finalizers, which run from the highest to the lowest."""
FOLDER = "tables"


def begin(carrier, request):
    """Record this process from here on."""
    Session(carrier, request).follow()


def _no_digest(*_data):
    """Stands for digests of contents: what is drawn does not matter here, only that it is."""
    return 0


class Session:
    """The hooks of one process."""

    def __init__(self, carrier, request):
        self._carrier, self._request = carrier, request
        self._sites = sites.Sites(request.get("roots") or ())
        self._table = Table(os.path.join(carrier.replies, FOLDER), carrier.parent)
        self._process = Process(self._table)
        self._draws = randomness.DrawRecorder(self._process, self._sites, _no_digest, False)
        self._torch = self._tensorflow = None

    def follow(self):
        """Install every hook. A framework is hooked when the program has imported it."""
        carrier, table = self._carrier, self._table
        carrier.name_parent("%d" % os.getpid())
        carrier.hide()
        carrier.follow_children()
        isolated.follow(table)
        os.register_at_fork(after_in_child=self._forked)
        self._follow_facts()  # before the next line: exit handlers run from the last to the first
        atexit.register(self._end)
        threads.follow(self._process, self._enter_thread)
        randomness.follow_python(self._draws, random)
        self._finder = finder = after_import.installed(table.problem)
        finder.when_imported("multiprocessing.util", self._on_multiprocessing)
        finder.when_imported("numpy.random", lambda module: randomness.follow_numpy(self._draws, module))
        finder.when_imported("torch", self._on_torch)
        if self._request.get("record", True):
            finder.when_imported("jax", self._on_jax)
            finder.when_imported("tensorflow", self._on_tensorflow)

    def _follow_facts(self):
        try:
            exit_facts.follow(self._carrier)
        except Exception as problem:
            self._table.problem(problem)

    def _forked(self):
        if not self._carrier.is_spawning():
            self._table.forked()

    def _end(self):
        self._table.save(ended=True)

    def _on_multiprocessing(self, util):
        """Write the table in children of multiprocessing too, which run no atexit handlers, only finalizers."""

        def watch(session):
            util.Finalize(None, session._end, exitpriority=AFTER_ALL_OTHERS)

        util.register_after_fork(self, watch)

    def _on_torch(self, torch):
        from .torch import compiled, ops, steps

        self._table.frameworks.add("torch")
        self._finder.when_imported("torch.optim.optimizer", lambda module: steps.follow(module, self._table))
        if self._request.get("deterministic"):
            torch.use_deterministic_algorithms(True)
        if not self._request.get("record", True):
            return
        self._torch = recorder = ops.Recorder(torch, self._process, self._sites, self._draws)
        recorder.mode().__enter__()
        self._finder.when_imported(
            "torch._inductor.output_code", lambda module: compiled.follow_calls(module, recorder)
        )
        self._finder.when_imported("torch._inductor.compile_fx", recorder.regions.follow_compiling)

    def _on_jax(self, _jax):
        from .jax import calls

        self._table.frameworks.add("jax")
        calls.follow(calls.Recorder(self._process, self._sites))

    def _on_tensorflow(self, tensorflow):
        from .tensorflow import ops

        self._table.frameworks.add("tensorflow")
        self._tensorflow = ops.Recorder(self._process, self._sites)
        self._tensorflow.follow(tensorflow, self._draws)

    def _enter_thread(self):
        """Install the hooks that are per thread; returns the function to call at the end of the thread."""
        if self._tensorflow is not None:
            self._tensorflow.enter_thread()
        if self._torch is None:
            return lambda: None
        mode = self._torch.mode()
        mode.__enter__()
        return lambda: mode.__exit__(None, None, None)
