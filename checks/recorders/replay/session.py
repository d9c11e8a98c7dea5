"""The recording of one process: creates the recorders that the request asks for and installs their hooks."""

from __future__ import annotations

import atexit
import contextlib
import os
import random
import sys

from ...process import discovery, settings
from .jax import callbacks as jax_callbacks
from .jax import calls as jax_calls
from .jax import reads as jax_reads
from .python import (
    after_import,
    exit_facts,
    loads,
    looked_for,
    names,
    numpy_memory,
    outside,
    printed,
    randomness,
    read_numbers,
    seeding,
    tasks,
    threads,
)
from .resume import resumable
from .torch import compiled as torch_compiled
from .torch import generators as torch_generators
from .torch import ops as torch_ops
from .torch import reads as torch_reads
from .torch import zoom as torch_zoom
from .trace import digests, sites

AFTER_ALL_OTHERS = -(2**31)
"""Exit priority among multiprocessing's finalizers, which run from the highest to the lowest."""


def begin(carrier, request):
    """Apply the request's settings and record this process from here on."""
    settings.before_program(request.get("factors") or {})
    algorithm, function = digests.chosen(request.get("portable", False))
    session = Session(carrier, request, algorithm, function)
    session.follow()


class Session:
    """The recorders of one process."""

    def __init__(self, carrier, request, algorithm, function):
        self._carrier, self._request, self._function = carrier, request, function
        self._detail = request.get("tier") in ("detail", "lines")
        self._sites = sites.Sites(request.get("roots") or ())
        self._process = tasks.Process(carrier.replies, carrier.parent, algorithm, self._detail)
        self._process.numbers = read_numbers.wanted(self._process, request)
        self._draws = randomness.DrawRecorder(self._process, self._sites, self._of_bytes, self._detail)
        self._recorder = self._torch = self._tensorflow = self._lines = None
        self._resumable = resumable.wanted(self._process, self._sites, self._function, request)

    def _of_bytes(self, data):
        return digests.of_bytes(self._function, data)

    def follow(self):
        """Install every hook. A framework is hooked when the program has imported it."""
        process, carrier = self._process, self._carrier
        carrier.child_token = process.next_child
        carrier.name_parent(process.lineage)
        carrier.hide()
        carrier.follow_children()
        os.register_at_fork(before=process.before_fork, after_in_child=process.forked)
        os.register_at_fork(after_in_child=self._note_process)
        self._note_process()
        self._follow_facts()  # before the next line: exit handlers run from the last to the first
        lines = self._printed = printed.Printed(process, carrier.replies)
        lines.follow()
        atexit.register(lines.end)  # it runs after `process.end`
        atexit.register(process.end)
        threads.follow(process, self._enter_thread)
        randomness.follow_python(self._draws, random)
        outside_recorder = outside.OutsideRecorder(process, self._sites, self._of_bytes)
        outside.follow(outside_recorder, random)
        looked_for.follow(process.looked_for)
        self._finder = finder = after_import.installed(self._failed)
        if self._request.get("earlier"):
            loads.follow(loads.Loads(process, self._sites, self._request["earlier"]), finder)
        finder.when_imported("tempfile", lambda module: names.follow_tempfile(process.names, module))
        finder.when_imported("multiprocessing.util", self._on_multiprocessing)
        finder.when_imported("numpy", self._on_numpy)
        finder.when_imported("numpy.random", lambda module: randomness.follow_numpy(self._draws, module))
        finder.when_imported("torch", self._on_torch)
        finder.when_imported("jax", self._on_jax)
        finder.when_imported("tensorflow", self._on_tensorflow)
        if self._resumable is not None:
            self._resumable.follow(finder)
        if self._request.get("tier") == "lines":
            outside.follow_process_number(outside_recorder)
            self._follow_lines()

    def _follow_facts(self):
        if not self._request.get("facts"):
            return
        try:
            exit_facts.follow(self._carrier)
        except Exception as problem:
            self._process.problem(problem)

    def _note_process(self):
        """Leave the process id and the interpreter for the host: traces hold neither."""
        with contextlib.suppress(OSError):
            path = os.path.join(self._carrier.replies, "pids", "%d" % os.getpid())
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                os.write(handle, os.fsencode(sys.executable or ""))
            finally:
                os.close(handle)

    def _failed(self, error):
        self._process.problem(error)

    def _follow_lines(self):
        """In the tier `lines`: record every statement of the user's files."""
        try:
            from .python import lines  # it imports `dis` and `ast`, which no other tier needs

            self._lines = lines.following(self._process, self._sites, self._of_bytes)
            self._draws.generators = self._lines.generators
        except Exception as problem:
            self._process.problem(problem)

    def _on_multiprocessing(self, util):
        """Close the streams in children of multiprocessing too, which run no atexit handlers, only finalizers."""

        def watch(process):
            util.Finalize(None, process.end, exitpriority=AFTER_ALL_OTHERS)
            util.Finalize(None, self._printed.end, exitpriority=AFTER_ALL_OTHERS)

        util.register_after_fork(self._process, watch)

    def _on_numpy(self, numpy):
        byte = (self._request.get("factors") or {}).get("memory-fill")
        if byte is not None:
            numpy_memory.fill(numpy, 255 - int(byte))  # glibc fills fresh memory with the complement of MALLOC_PERTURB_

    def _on_torch(self, torch):
        self._torch = torch
        generators = torch_generators.Generators(torch, self._process, self._sites, self._function)
        self._apply("torch", torch)
        self._recorder = torch_ops.Recorder(torch, self._process, self._sites, self._function, self._detail, generators)
        randomness.follow_torch(self._draws, torch, generators)
        generators.follow()
        torch_reads.follow(torch, self._recorder, self._process, self._sites)
        self._recorder.mode().__enter__()
        if self._resumable is not None:
            self._resumable.follow_torch(torch, self._recorder, self._finder)
        self._finder.when_imported("torch._inductor.output_code", self._on_inductor)

    def _on_jax(self, jax):
        self._apply("jax", jax)
        recorder = jax_calls.Recorder(self._process, self._sites, self._function, self._request)
        jax_calls.follow(recorder)
        jax_callbacks.follow(recorder.launches)
        jax_reads.follow(recorder)

    def _on_tensorflow(self, tensorflow):
        self._apply("tensorflow", tensorflow)
        from .tensorflow import ops as tensorflow_ops
        from .tensorflow import summaries

        self._tensorflow = tensorflow_ops.Recorder(self._process, self._sites, self._function, self._detail)
        randomness.follow_tensorflow(self._draws, tensorflow, self._tensorflow)
        self._tensorflow.follow()
        summaries.follow(self._tensorflow, tensorflow.summary)

    def _on_inductor(self, output_code):
        zoom = None
        if self._request.get("zoom"):
            zoom = torch_zoom.Zoom(self._recorder, self._process, self._sites, self._request["zoom"])
            self._finder.when_imported("torch._inductor.compile_fx", zoom.follow)
        torch_compiled.follow(output_code, self._recorder, self._process, self._sites, zoom)

    def _apply(self, framework, module):
        """Apply the factors and cures that are calls of the framework."""
        factors = dict(self._request.get("factors") or {})
        if framework == "jax":
            factors.pop("framework-switch", None)  # JAX has none: another framework's switch is meant
        if framework == "tensorflow" and factors.pop("framework-switch", "off") == "on":
            module.config.experimental.enable_op_determinism()  # `_state.apply` sets a seed too, a cure of its own
        if factors:
            discovery.load("%s._state" % framework).apply(factors)
        if "seed" in factors and framework in ("torch", "tensorflow"):
            getattr(seeding, framework)(module, int(factors["seed"]))

    def _enter_thread(self):
        """Install the hooks that are per thread; returns the function to call at the end of the thread."""
        if self._lines is not None:
            self._lines.enter_thread()
        if self._tensorflow is not None:
            self._tensorflow.enter_thread()
        if self._recorder is None:
            return lambda: None
        mode = self._recorder.mode()
        mode.__enter__()
        return lambda: mode.__exit__(None, None, None)
