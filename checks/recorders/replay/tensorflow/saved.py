"""
Removes the recorder's operations from models that a program saves in the detail tier.

The digest operations call Python functions of this process; a saved model with them could not run anywhere else.
"""

from __future__ import annotations

import functools

KEPT_WHOLE = "_noinline"


def follow(scope, process):
    """Wrap the function that builds a saved model; `scope` is the name prefix of the recorder's operations."""
    from tensorflow.python.saved_model import save

    plain = save._build_meta_graph

    @functools.wraps(plain)
    def build(*arguments, **named):
        built = plain(*arguments, **named)
        try:
            graph = built[0].graph_def
            _without(graph.node, scope)
            for function in graph.library.function:
                _of_function(function, scope)
        except Exception as problem:
            process.problem(problem)
        return built

    save._build_meta_graph = build


def _of_function(function, scope):
    ours = [name for name, node in function.control_ret.items() if node.startswith(scope)]
    for name in ours:
        del function.control_ret[name]
    kept = [name for name in function.signature.control_output if name not in ours]
    del function.signature.control_output[:]
    function.signature.control_output.extend(kept)
    _without(function.node_def, scope)
    if KEPT_WHOLE in function.attr:
        del function.attr[KEPT_WHOLE]


def _without(nodes, scope):
    kept = [node for node in nodes if not node.name.startswith(scope)]
    for node in kept:
        inputs = [name for name in node.input if not name.startswith("^" + scope)]
        if len(inputs) != len(node.input):
            del node.input[:]
            node.input.extend(inputs)
    if len(kept) != len(nodes):
        copies = [type(node).FromString(node.SerializeToString()) for node in kept]
        del nodes[:]
        nodes.extend(copies)
