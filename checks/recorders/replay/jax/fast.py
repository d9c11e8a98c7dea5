"""
The fast hook of the base tier for JAX's compiled calls. It writes the same records as `calls.py`.

JAX's fast path in C++ runs a call that was compiled before, and then calls the hook that `jax_debug_nans` uses, with
the outputs, but not with the compiled program. So each program that is given to the fast path gets its own copies of
its output shardings: JAX attaches these objects to the outputs, and the hook knows the program by the first of them.
Shapes and functions would not do: `add` is one primitive for two arrays, and a region for an array and a number.

Without the hook in this JAX, and for programs that call Python back, have effects or no outputs, every call takes JAX's
Python path.
"""

from __future__ import annotations

import copy
import sys
import threading

from ..trace.digests import MIX
from ..trace.format import MASK_64, METAS, NAMES, SITES, UNKNOWN_SITE
from .arrays import data_of

SMALL_BYTES = 1 << 12
"""Below this size, copying an array costs less than asking for its address."""
PLAIN_KINDS = "biufc"
"""Kinds of dtypes whose bytes NumPy reads without a conversion by JAX."""
UNKNOWN = "JAX ran a compiled call that is not known to the recorder, so it was not recorded"


class Unseen(Exception):
    """A call passed the fast path and its program is not known."""


class Program:
    """What is constant for one compiled program in the fast path."""

    __slots__ = ("kind", "name", "quick", "shardings")

    def __init__(self, name, kind, shardings, quick):
        self.name, self.kind = name, kind
        self.shardings = shardings  # kept alive, so that their ids are not reused
        self.quick = quick
        """Whether it has one output that is small, of a plain dtype and on one device."""


class Programs:
    """The compiled programs that were given to the fast path."""

    def __init__(self, process, label):
        self._process, self._label = process, label
        self._compiled = threading.local()
        self.known = {}
        """By the id of the sharding of the first output."""

    def compiled(self, executable, parameters):
        """JAX's Python path has run this executable: its fast-path data may be asked for next, in this thread."""
        self._compiled.last = executable, parameters

    def marking(self, plain):
        """`pjit._get_fastpath_data`, whose answers are marked; None (the Python path) for what cannot be marked."""

        def data(executable, *args, **named):
            found = plain(executable, *args, **named)
            if found is None:
                return None
            try:
                return self._marked(found, executable)
            except Exception as problem:
                self._process.problem(problem)
                return None

        return data

    def _marked(self, found, executable):
        last, parameters = getattr(self._compiled, "last", (None, None))
        self._compiled.last = None, None
        if last is not executable or not _is_silent(executable, parameters["jaxpr"]):
            return None
        shardings = [_copied(one) for one in found.out_shardings]
        if not shardings or any(one is None for one in shardings):
            return None
        name, kind = self._label(parameters)
        self.known[id(shardings[0])] = Program(name, kind, shardings, _is_quick(found))
        return found._replace(out_shardings=shardings)


def _is_silent(executable, jaxpr):
    """Whether the program neither calls Python back nor has effects, whose records need JAX's Python path."""
    return not executable.unsafe_call.has_host_callbacks and not jaxpr.effects


def _copied(sharding):
    """An equal sharding of its own; None if this JAX makes no such copy."""
    made = copy.copy(sharding)
    same = type(made) is type(sharding) and made == sharding and hash(made) == hash(sharding)
    return made if same and made is not sharding else None


def _is_quick(found):
    if len(found.out_avals) != 1 or len(found.out_shardings[0].device_set) != 1:
        return False
    aval = found.out_avals[0]
    return aval.dtype.kind in PLAIN_KINDS and aval.size * aval.dtype.itemsize < SMALL_BYTES


class HookState:
    """
    Stands in for JAX's `_post_hook_state`.

    JAX sets its own check of NaNs there, and removes it with None. Our hook stays, and runs after the check.
    """

    def __init__(self, plain, hook):
        self._plain, self._hook = plain, hook

    def set_global(self, check):
        """Set JAX's check for all threads, or None."""
        self._plain.set_global(self._after(check))

    def set_local(self, check):
        """Set JAX's check for this thread, or None."""
        self._plain.set_local(self._after(check))

    def __getattr__(self, name):  # noqa: D105 - the rest is JAX's
        return getattr(self._plain, name)

    def _after(self, check):
        if check is None:
            return self._hook
        hook = self._hook

        def both(function, args, kwargs, outputs):
            check(function, args, kwargs, outputs)
            hook(function, args, kwargs, outputs)

        return both


def follow(recorder, label):
    """
    Install the hook; returns the Programs, or None if this JAX lacks a part, with nothing changed.

    `label` gives the name and kind of a record from the parameters of a call.
    """
    from jax._src import api, pjit
    from jax._src.interpreters import pxla

    state = getattr(api, "_post_hook_state", None)
    fields = getattr(getattr(pxla, "MeshExecutableFastpathData", None), "_fields", ())
    parts = [hasattr(state, name) for name in ("set_global", "set_local", "get_global")]
    if not all(parts) or not {"out_shardings", "out_avals"} <= set(fields):
        return None
    programs = Programs(recorder.process, label)
    check = state.get_global()
    api._post_hook_state = HookState(state, _hook(recorder, programs))
    api._post_hook_state.set_global(check)
    pjit._get_fastpath_data = programs.marking(pjit._get_fastpath_data)
    return programs


def _hook(recorder, programs):
    """The hook. It runs for every small operation, so the common case looks up and calls as little as possible."""
    from jax._src.array import ArrayImpl

    known, sites, process, function = programs.known, recorder.sites, recorder.process, recorder.arrays.function
    local, ahead, running, tasks = recorder.launches.local, recorder.ahead, recorder.ahead.local, process._local
    line, caller, of_bytes = sites.line, sys._getframe, function.of_bytes
    rest = _Rest(recorder)

    def hook(called, _args, _kwargs, outputs):
        try:
            if local.silent or (running.runs and ahead.is_own(called)):
                return
            if type(outputs) is ArrayImpl:
                made, program = (outputs,), known.get(id(outputs.sharding))
            else:
                made, program = rest.leaves(outputs, known)
            task = getattr(tasks, "task", None) or process.task
            stream = task._stream or task.stream
            if program is None or stream is None:
                if program is None:
                    rest.unknown()
                return
            if program.quick:
                try:
                    data = bytes(memoryview(outputs))  # waits for the result, and is in C order
                    digest = ((1 ^ of_bytes(data, len(data))) * MIX + 1) & MASK_64  # as `digests.mixed` of one
                except Exception as failed:  # of the computation: as for any other program
                    del failed
                    digest = rest.digest(made)
            else:
                digest = rest.digest(made)
            known_ids, lines = getattr(stream, "jax", None) or _caches(stream)
            ids = known_ids.get(program)
            if ids is None:
                ids = known_ids[program] = rest.ids(stream, program, made, lines, caller(1))
            site = line(stream, lines, caller(1)) or stream.define(SITES, UNKNOWN_SITE)
            stream.append(program.kind, 0, 0, ids[0], site, ids[1], digest)
        except Exception as problem:
            process.problem(problem)

    return hook


def _caches(stream):
    """Caches of a stream's ids of programs and of sites, by keys that are cheap to compute."""
    found = stream.jax = {}, {}
    return found


class _Rest:
    """What the hook seldom needs."""

    def __init__(self, recorder):
        self._recorder, self._told = recorder, False

    def leaves(self, outputs, known):
        """(outputs as a list, their program or None)."""
        from jax._src import tree_util

        made = tree_util.tree_leaves(outputs)
        return made, known.get(id(data_of(made[0]).sharding)) if made else None

    def digest(self, made):
        """The digest of outputs of any kind."""
        with self._recorder.launches.silence():
            return self._recorder.waited(made)

    def ids(self, stream, program, made, lines, frame):
        """The ids of the name and of the outputs' texts, defined in the order in which `calls.py` defines them."""
        meta = stream.define(METAS, self._recorder.arrays.metas(made))
        if not self._recorder.sites.line(stream, lines, frame):
            stream.define(SITES, UNKNOWN_SITE)
        return stream.define(NAMES, program.name), meta

    def unknown(self):
        """A call whose program is not known: a problem of the trace, told once."""
        if not self._told:
            self._told = True
            raise Unseen(UNKNOWN)
