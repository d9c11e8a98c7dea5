"""
Records JAX's calls into XLA: primitives that run by themselves, jitted calls, arrays that are put on a device.

JAX has a C++ fast path for calls that it has seen; `fast.py` records it in the base tier. In the detail tier, and for a
JAX without a hook there, the fast path is off, so that every call passes here. A compiled call is one record, besides
the Python functions that it calls back (`callbacks.py`); `zoom.py` evaluates the equations of one call one by one.
"""

from __future__ import annotations

import functools
import os

from ..trace.format import ARG, ENTERS, IN, METAS, NAMES, OP, REGION, SITES, TEXTS
from . import dump, fast
from .ahead import AheadOfTime
from .arrays import Arrays, is_array
from .callbacks import Launches
from .zoom import Zoom

ARGUMENT_LIMIT = 400


def follow(recorder):
    """Wrap the functions that every call passes. Raises AttributeError, with nothing wrapped, if this JAX lacks one."""
    from jax._src import dispatch, pjit, source_info_util, stages, traceback_util

    plain, put, compiled = pjit._pjit_call_impl_python, dispatch._batched_device_put_impl, stages.Compiled.__call__
    pjit._get_fastpath_data  # noqa: B018 - raises if it is absent: with the fast path most calls would be missed
    ours = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
    source_info_util.register_exclusion(ours)
    traceback_util.register_exclusion(ours)

    @functools.wraps(plain)
    def call(*args, **parameters):
        launch = recorder.before(args, parameters)
        with recorder.launches.under_way(launch):
            answer = plain(*args, **parameters)
            recorder.after(launch, answer[0])
        if programs is not None:
            programs.compiled(answer[1], parameters)
        return answer

    @functools.wraps(put)
    def device_put(*xs, **named):
        outputs = put(*xs, **named)
        recorder.put(xs, outputs)
        return outputs

    @functools.wraps(compiled)
    def call_compiled(self, *args, **kwargs):
        leaves = recorder.leaves((args, kwargs))
        launch = recorder.before(leaves, recorder.ahead.parameters(self))
        with recorder.launches.under_way(launch), recorder.ahead.running():
            answer = compiled(self, *args, **kwargs)
            recorder.after(launch, recorder.leaves(answer))
        return answer

    programs = None if recorder.detail or recorder.zooms else fast.follow(recorder, _label)
    if programs is None:
        pjit._get_fastpath_data = lambda *_arguments, **_named: None
    pjit._pjit_call_impl_python = call
    dispatch._batched_device_put_impl = device_put
    stages.Compiled.__call__ = call_compiled
    recorder.ahead.follow(stages)


class Recorder:
    """The bodies of the hooks. An error of the recorder becomes a problem and never reaches the program."""

    def __init__(self, process, sites, function, request):
        self.process, self.sites = process, sites
        self.arrays = Arrays(process, function)
        self.detail = request.get("tier") == "detail"
        self.launches = Launches(self)
        self.ahead = AheadOfTime(process)
        self._zoom = Zoom(self, request["zoom"]) if request.get("zoom") else None
        self.dump = dump.wanted(self) if self.detail else None

    @property
    def zooms(self):
        """Whether the equations of a call are evaluated one by one."""
        return self._zoom is not None

    # ------------------------------------------------------------------------------------------------------- calls

    def before(self, args, parameters):
        """The Launch of a call that is about to run; in the detail tier with its inputs, which the call may free."""
        if self.launches.silent:
            return None
        try:
            label, kind = _label(parameters)
            launch = self.launches.launch(label, kind, parameters.get("jaxpr"))
            if launch.effects:
                launch.references = [one for one in args if hasattr(one, "_refs")]
            if self.detail:
                with self.launches.silence():
                    self._take(launch, args)
        except Exception as problem:
            self.process.problem(problem)
            return None
        if self._zoom is not None:
            self._zoom.consider(launch, args)
        if self.dump is not None:
            with self.launches.silence():
                self.dump.before(launch, args)
        return launch

    def _take(self, launch, args):
        """Take the inputs of a call, and the arrays that its function closes over."""
        launch.taken = [(place, *self.arrays.told(one)) for place, one in enumerate(args) if is_array(one)]
        launch.scalars = [one for one in args if not is_array(one)]
        if launch.jaxpr is not None:
            launch.taken += self.arrays.constants(launch.jaxpr)

    def after(self, launch, outputs):
        """Write one record for the call once its outputs are computed, after the records of its callbacks."""
        if launch is None or self.process.task.stream is None:
            return
        try:
            with self.launches.silence():
                arrays = [one for one in (*outputs, *launch.references) if is_array(one)]
                digest = self.waited(arrays, launch.effects)
                place = self.write(launch.kind, launch.label, self._site(), arrays, digest)
                self._write_parts(launch, arrays, place)
                if self.dump is not None:
                    self.dump.after(place, launch, arrays)
        except Exception as problem:
            self.process.problem(problem)

    def waited(self, arrays, effects=False):
        """The digest of outputs, once they are computed; 0 if the call failed, whose error the program gets."""
        try:
            if effects:
                from jax._src import dispatch

                dispatch.runtime_tokens.block_until_ready()
            return self.arrays.mixed(arrays)
        except Exception as error:
            if type(error).__name__ in ("XlaRuntimeError", "JaxRuntimeError"):
                return 0
            raise

    def _write_parts(self, launch, arrays, place):
        if not self.detail:
            return
        self.inputs([*launch.taken, *launch.called_back])
        if launch.scalars:
            self.arguments(launch.scalars)
        self.arrays.wrote(arrays, place)

    # -------------------------------------------------------------------------------------------------- other hooks

    def put(self, xs, outputs):
        """Record NumPy arrays and numbers that are put on a device. Arrays of JAX are recorded already."""
        if self.launches.silent or self.process.task.stream is None:
            return
        try:
            with self.launches.silence():
                pairs = [(x, out) for x, out in zip(xs, outputs) if not hasattr(x, "sharding")]
                if not pairs or not all(is_array(out) for _, out in pairs):
                    return
                arrays = [out for _, out in pairs]
                place = self.write(OP, "device_put", self._site(), arrays, self.arrays.mixed(arrays), ENTERS)
                if self.detail:
                    given = [(n, x) for n, (x, _) in enumerate(pairs) if is_array(x)]
                    self.inputs([(n, *self.arrays.told(x)) for n, x in given])
                    scalars = [x for x, _ in pairs if not is_array(x)]
                    if scalars:
                        self.arguments(scalars)
                    self.arrays.wrote(arrays, place)
        except Exception as problem:
            self.process.problem(problem)

    def leaves(self, tree):
        """The leaves of a tree of arguments or results."""
        try:
            from jax._src import tree_util

            return tree_util.tree_leaves(tree)
        except Exception as problem:
            self.process.problem(problem)
            return []

    # ------------------------------------------------------------------------------------------------------ records

    def write(self, kind, name, site, arrays, digest, flags=0):  # noqa: PLR0917 - a record
        """Write one record; returns its index."""
        stream = self.process.task.stream
        meta = stream.define(METAS, self.arrays.metas(arrays))
        site = stream.define(SITES, site)
        return stream.append(kind, flags, 0, stream.define(NAMES, name), site, meta, digest)

    def inputs(self, taken):
        """Write the IN records of the record before."""
        stream = self.process.task.stream
        for position, ordinal, meta, content, writer in taken:
            stream.append(IN, 0, position, ordinal, 0, stream.define(METAS, meta), content, writer)

    def arguments(self, scalars):
        """Write the ARG record of the record before."""
        stream = self.process.task.stream
        text = ", ".join(scalar(one) for one in scalars)[:ARGUMENT_LIMIT]
        stream.append(ARG, name=stream.define(TEXTS, text))

    def _site(self):
        return self.sites.text(self.sites.frame())


def scalar(value):
    """A number or string as text; for any other value its type, since its `repr` may contain an address."""
    return repr(value) if isinstance(value, (bool, int, float, complex, str)) else type(value).__name__


def _label(parameters):
    """(name, kind) of a call: OP for a primitive without inner equations, else REGION."""
    name, jaxpr = str(parameters.get("name") or "?"), parameters.get("jaxpr")
    if parameters.get("ahead"):
        return "jit:" + name, REGION
    if jaxpr is None or len(jaxpr.eqns) != 1 or jaxpr.eqns[0].primitive.name != name:
        return "jit:" + name, REGION
    holds = any(hasattr(one, "eqns") or hasattr(one, "jaxpr") for one in jaxpr.eqns[0].params.values())
    return name, REGION if holds or "branches" in jaxpr.eqns[0].params else OP
