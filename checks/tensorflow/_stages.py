"""The stages of compiling one function, each as a digest of its text without process-specific names."""

from __future__ import annotations

import re

from ..fingerprint import digest


def grappler(tf, function, arguments, calls):
    """`tf.function`: the traced GraphDef, the graph after Grappler and placement, the results of some calls."""
    from tensorflow.python.eager import context

    compiled = tf.function(function)
    traced = compiled.get_concrete_function(*arguments).graph.as_graph_def()
    context.enable_run_metadata()
    try:
        results = [compiled(*arguments)]
        metadata = context.export_run_metadata()
    finally:
        context.disable_run_metadata()
    results += [compiled(*arguments) for _ in range(calls - 1)]
    # The record also holds single operations; the function's own graph is the largest.
    optimised = max((graph.post_optimization_graph for graph in metadata.function_graphs), key=lambda g: len(g.node))
    return [["traced", _graph(traced)], ["optimised", _graph(optimised)], ["result", digest(results)]]


def xla(tf, function, arguments, calls):
    """`jit_compile=True`: the traced GraphDef, its HLO, the HLO after XLA's passes, the results."""
    compiled = tf.function(function, jit_compile=True)
    traced = compiled.get_concrete_function(*arguments).graph.as_graph_def()
    program = compiled.experimental_get_compiler_ir(*arguments)
    return [
        ["traced", _graph(traced)],
        ["lowered", digest(_renumbered(program(stage="hlo")))],
        ["optimised", digest(_renumbered(program(stage="optimized_hlo")))],
        ["result", digest([compiled(*arguments) for _ in range(calls)])],
    ]


def _graph(graph):
    """
    The digest of a graph: its nodes by name, each with operator, inputs, device and attributes, and its functions.

    Functions are numbered in the order of their creation in the process; the numbers are removed.
    """
    nodes = sorted(_unnumbered(str(node)) for node in graph.node)
    return digest([nodes, sorted(_unnumbered(str(function)) for function in graph.library.function)])


def _unnumbered(text):
    return re.sub(r"__(inference|forward|backward)_(\w+?)_\d+", r"__\1_\2", text)


def _renumbered(text):
    """HLO without source locations, with names renumbered in order of appearance."""
    text = re.sub(r", metadata=\{[^}]*\}", "", text)
    text = re.sub(r"HloModule [^,]*", "HloModule", text)
    text = re.sub(r"a_inference_\w+", "main", text)
    names = {}
    return re.sub(
        r"%([A-Za-z_][\w-]*)(\.[\w.-]+)?", lambda found: "%%n%d" % names.setdefault(found.group(0), len(names)), text
    )
