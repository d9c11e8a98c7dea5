"""
Compiled regions of torch at their boundary: what went into a graph of Inductor, and what came out.

Kernels that a compiled graph calls outside its own code reach the dispatch mode, fused ones do not; so nothing inside a
region is recorded, and the region is one record.
"""

from __future__ import annotations

import functools

from . import torch_ops
from .writer import IN, METAS, NAMES, REGION, SITES


def follow(output_code, recorder, process, sites):
    """Record each call of `CompiledFxGraph`, forward and backward graphs alike."""
    compiled = output_code.CompiledFxGraph
    regions = Regions(recorder, process, sites)
    plain = compiled.__call__

    @functools.wraps(plain)
    def call(self, inputs):
        taken = regions.before(inputs)
        with recorder.paused():
            result = plain(self, inputs)
        regions.after(self, taken, result)
        return result

    compiled.__call__ = call


class Regions:
    """The bodies of the hook; graphs are numbered in the order of their first call."""

    def __init__(self, recorder, process, sites):
        self._recorder, self._process, self._sites = recorder, process, sites
        self._numbers = {}

    def before(self, inputs):
        """In the detail tier the inputs' contents, which a compiled graph frees as it goes."""
        try:
            return self._recorder.region_inputs(inputs)
        except Exception as problem:
            self._process.task.problem(problem)
            return None

    def after(self, graph, taken, result):
        """One record for the region, and in the detail tier one for each input."""
        try:
            stream = self._process.task.stream
            if stream is None:
                return
            number = self._numbers.setdefault(id(graph), (len(self._numbers), graph))[0]
            backward = bool((getattr(graph, "fx_kwargs", None) or {}).get("is_backward"))
            flags = torch_ops.BACKWARD if backward else 0
            outputs = [one for one in result or () if isinstance(one, self._recorder.tensor)]
            meta, digest = self._recorder.content(stream, outputs)
            name = stream.define(NAMES, "inductor:%d%s" % (number, " backward" if backward else ""))
            site = stream.define(SITES, self._sites.text(self._sites.frame(3)))
            place = stream.append(REGION, flags, 0, name, site, meta, digest)
            for position, storage, text, content, writer in taken or ():
                stream.append(IN, 0, position, storage, 0, stream.define(METAS, text), content, writer)
            self._recorder.wrote(outputs, place)
        except Exception as problem:
            self._process.task.problem(problem)
