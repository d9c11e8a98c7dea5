"""
Counts the operators inside graphs that Inductor compiles: a graph is kept as it is compiled, and counted as it runs.

Inside a compiled graph other kernels run than in eager mode. So its operators count for the question which operators
a program reaches, and they are not called again one by one.
"""

from __future__ import annotations

import functools
import re

from ...replay.trace.sites import site_of
from .arguments import tensor_document

FRAME = re.compile(r'^ *File "(?P<file>[^"\n]+)", line (?P<line>[0-9]+), in (?P<function>.+)$', re.MULTILINE)
MOST_NODES = 20_000


def follow_calls(output_code, recorder):
    """Wrap `CompiledFxGraph.__call__`, which runs forward and backward graphs."""
    compiled = output_code.CompiledFxGraph
    plain = compiled.__call__
    regions = recorder.regions

    @functools.wraps(plain)
    def call(self, inputs):
        regions.runs(self)
        with recorder.paused():
            return plain(self, inputs)

    compiled.__call__ = call


class Regions:
    """The compiled graphs of this process."""

    def __init__(self, recorder):
        self._recorder = recorder
        self._graphs = {}

    def follow_compiling(self, compile_fx):
        """Keep the operators of graphs that are compiled from here on. With autograd's cache there would be none."""
        from torch._functorch import config

        config.enable_autograd_cache = False
        plain = compile_fx._compile_fx_inner

        @functools.wraps(plain)
        def compile_inner(gm, *rest, **named):
            nodes = self._nodes(gm)
            compiled = plain(gm, *rest, **named)
            self._graphs[id(compiled)] = compiled, nodes, bool(named.get("is_backward"))
            return compiled

        compile_fx._compile_fx_inner = compile_inner

    def runs(self, graph):
        """A graph is about to run: count each of its operators."""
        recorder = self._recorder
        try:
            kept = self._graphs.get(id(graph))
            if kept is None:
                recorder.table.note("a compiled graph ran whose operators are not known")
                return
            for key, name, document, site in kept[1]:
                entry = recorder.table.entry(key) or recorder.table.new(key, name, document, {}, True)
                if entry is None:
                    recorder.table.beyond(name)
                else:
                    recorder.table.called(entry, site, "", kept[2])
        except Exception as problem:
            recorder.table.problem(problem)

    def _nodes(self, graph_module):
        """(key, operator, arguments, site) of each operator of a graph."""
        try:
            nodes = [node for node in graph_module.graph.nodes if hasattr(node.target, "_schema")]
            return [self._node(node) for node in nodes[:MOST_NODES]]
        except Exception as problem:
            self._recorder.table.problem(problem)
            return []

    def _node(self, node):
        schema = node.target._schema
        name = str(schema.name) + ("." + schema.overload_name if schema.overload_name else "")
        document = [
            [_argument(one) for one in node.args],
            {key: _argument(one) for key, one in node.kwargs.items()},
        ]
        return ("interior", name, repr(document)), name, document, self._site(node)

    def _site(self, node):
        """The user's line that the compiler keeps with an operation; empty if it keeps none."""
        frames = list(FRAME.finditer(node.meta.get("stack_trace") or ""))
        for frame in reversed(frames):
            if self._recorder._sites.is_users_file(frame["file"]):
                return site_of(frame["file"], int(frame["line"]), frame["function"], None)
        return ""


def _argument(value):
    """An argument of a node as JSON: tensors by the shapes that the graph was traced with."""
    meta = getattr(value, "meta", None)
    if isinstance(meta, dict):
        fake = meta.get("val")
        try:
            return tensor_document(fake) if hasattr(fake, "stride") else {"opaque": type(fake).__name__}
        except Exception:  # a shape that is a symbol has no number
            return {"tensor": str(getattr(fake, "dtype", "?")).replace("torch.", ""), "opaque": "dynamic shape"}
    if isinstance(value, (list, tuple)):
        return {"list": [_argument(one) for one in value]}
    if value is None or isinstance(value, (bool, int, str)):
        return {"value": value}
    return {"float": value.hex()} if isinstance(value, float) else {"opaque": str(value)[:80]}
