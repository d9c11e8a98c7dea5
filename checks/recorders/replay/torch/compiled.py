"""
Records each call of a graph that Inductor compiled: its inputs and its outputs.

The dispatch mode sees only those kernels of a compiled graph that are not fused. So nothing inside a region is
recorded, and the region is one record.
"""

from __future__ import annotations

import functools

from ..trace.format import BACKWARD, DRAWS, NAMES, REGION, SITES
from . import later

IN_BACKWARD = " backward"


def follow(output_code, recorder, process, sites, zoom=None):
    """Wrap `CompiledFxGraph.__call__`, which runs forward and backward graphs; `zoom` may evaluate one before."""
    compiled = output_code.CompiledFxGraph
    regions = Regions(recorder, process, sites, zoom)
    plain = compiled.__call__

    @functools.wraps(plain)
    def call(self, inputs):
        taken = regions.before(self, inputs)
        with recorder.paused():
            result = plain(self, inputs)
        regions.after(self, taken, result)
        return result

    compiled.__call__ = call


class Regions:
    """The bodies of the hook. Graphs are numbered in order of their first call."""

    def __init__(self, recorder, process, sites, zoom):
        self._recorder, self._process, self._sites, self._zoom = recorder, process, sites, zoom
        self._numbers = {}

    def before(self, graph, inputs):
        """(digest of the generator's state, inputs in the detail tier): a compiled graph may free its inputs."""
        try:
            if self._zoom is not None:
                self._zoom.consider(self._name(graph), graph, inputs)
            return self._recorder.generator_state(), self._recorder.taken(inputs)
        except Exception as problem:
            self._process.problem(problem)
            return 0, None

    def after(self, graph, before, result):
        """Write one record for the region, and in the detail tier one for each input."""
        try:
            state, taken = before
            stream = self._process.task.stream
            if stream is None:
                return
            label = self._name(graph)
            flags = BACKWARD if label.endswith(IN_BACKWARD) else 0
            if state == self._recorder.generator_state():
                state = 0
            flags |= DRAWS if state else 0
            outputs = [one for one in result or () if isinstance(one, self._recorder.tensor)]
            meta, digest = self._recorder.content(stream, outputs)
            name = stream.define(NAMES, label)
            site = stream.define(SITES, self._sites.text(self._sites.frame(3)))
            place = later.append(stream, REGION, flags, 0, name, site, meta, digest, state)
            if taken is not None:
                self._recorder.write_inputs(stream, taken)
            self._recorder.wrote(outputs, place)
        except Exception as problem:
            self._process.problem(problem)

    def _name(self, graph):
        """The name of a graph: `inductor:0`, `inductor:1 backward`."""
        number = self._numbers.setdefault(id(graph), (len(self._numbers), graph))[0]
        backward = bool((getattr(graph, "fx_kwargs", None) or {}).get("is_backward"))
        return "inductor:%d%s" % (number, IN_BACKWARD if backward else "")
