"""
Evaluates the graph of one compiled region operation by operation, on the region's inputs, before the region runs.

The graph is kept when Inductor compiles it. Each operation becomes a record `zoom:OPERATOR` with its inputs and the
user's line that the compiler keeps with it. The graph is evaluated several times, since a race shows only in some; each
pass begins with the same generator states.
"""

from __future__ import annotations

import functools
import operator
import re

from ..trace.format import METAS, NAMES, OP, SITES, UNKNOWN_SITE, ZOOM
from ..trace.sites import site_of
from . import later

PASSES = 3
MOST_OPERATIONS = 20_000
"""Limit for all passes together; a record marks where it was reached."""
FRAME = re.compile(r'^ *File "(?P<file>[^"\n]+)", line (?P<line>[0-9]+), in (?P<function>.+)$', re.MULTILINE)


class Enough(Exception):
    """The limit of evaluated operations was reached."""


class Zoom:
    """Keeps every graph that is compiled, and waits for the call of the region that the request names."""

    def __init__(self, recorder, process, sites, place):
        self._recorder, self._process, self._sites, self._place = recorder, process, sites, place
        self._graphs = {}
        self._seen = 0
        self._done = False

    def follow(self, compile_fx):
        """Keep the graphs that are compiled from here on. Autograd's cache is off: its results come without a graph."""
        from torch._functorch import config

        config.enable_autograd_cache = False
        plain = compile_fx._compile_fx_inner

        @functools.wraps(plain)
        def compile_inner(gm, *rest, **named):
            kept = self._copy(gm)
            compiled = plain(gm, *rest, **named)
            self._graphs[id(compiled)] = compiled, kept
            return compiled

        compile_fx._compile_fx_inner = compile_inner

    def _copy(self, graph_module):
        """A copy of the graph: compiling changes it."""
        try:
            import copy

            from torch.fx import GraphModule

            return GraphModule(graph_module, copy.deepcopy(graph_module.graph))
        except Exception as problem:
            self._process.problem(problem)
            return None

    def consider(self, name, compiled, inputs):
        """Evaluate the graph if this is the requested call."""
        process, place = self._process, self._place
        try:
            here = process.task.ordinal == place["ordinal"] and process.lineage == place["lineage"]
            if self._done or not here or name != place["name"]:
                return
            self._seen += 1
            if self._seen - 1 != place["count"]:
                return
            self._done = True
            graph = self._graphs.get(id(compiled), (None, None))[1]
            if graph is not None:
                self._passes(graph, inputs)
        except Exception as problem:
            process.problem(problem)

    def _passes(self, graph, inputs):
        import torch

        interpreter = _interpreter(torch, graph, self._recorder.taken, self._write, self._recorder._dump)
        with self._recorder.paused(), torch.no_grad():
            for number in range(PASSES):
                self._mark("pass-%d" % number)
                copies = [one.clone() if isinstance(one, torch.Tensor) else one for one in inputs]
                try:
                    with torch.random.fork_rng():
                        interpreter.run(*copies)
                except Enough:
                    self._mark("stopped")
                    return

    def _mark(self, name):
        stream = self._process.task.stream
        stream.append(OP, name=stream.define(NAMES, ZOOM + name))

    def _write(self, node, taken, outputs):
        """Write one record for an operation; returns its index."""
        stream, contents = self._process.task.stream, self._recorder.contents
        schema = getattr(node.target, "_schema", None)
        name = str(schema.name) if schema is not None else getattr(node.target, "__name__", str(node.target))
        site = stream.define(SITES, self._site(node))
        meta, digest = stream.define(METAS, contents.metas(outputs)), contents.mixed(outputs)
        place = later.append(stream, OP, 0, 0, stream.define(NAMES, ZOOM + name), site, meta, digest)
        self._recorder.write_inputs(stream, taken)
        return place

    def _site(self, node):
        """The site text of the innermost user's line in the stack trace that the compiler keeps with an operation."""
        frames = list(FRAME.finditer(node.meta.get("stack_trace") or ""))
        for frame in reversed(frames):
            if self._sites.is_users_file(frame["file"]):
                return site_of(frame["file"], int(frame["line"]), frame["function"])
        return UNKNOWN_SITE


def _interpreter(torch, graph, take, write, dump):
    """An interpreter that records each node. Its class is created here, since only the program imports torch."""
    from torch.fx import Interpreter

    left = [MOST_OPERATIONS]

    class Evaluating(Interpreter):
        def run_node(self, node):
            if node.op != "call_function" or node.target is operator.getitem:
                return super().run_node(node)
            left[0] -= 1
            if left[0] < 0:
                raise Enough
            args, kwargs = self.fetch_args_kwargs_from_env(node)
            taken = take([*args, *kwargs.values()])
            if dump is not None:
                dump.before(args, kwargs)
            result = super().run_node(node)
            outputs = result if isinstance(result, (list, tuple)) else [result]
            outputs = [one for one in outputs if isinstance(one, torch.Tensor)]
            if outputs:
                place = write(node, taken, outputs)
                if dump is not None:
                    dump.after(place, node.target, outputs)
            return result

    return Evaluating(graph)
