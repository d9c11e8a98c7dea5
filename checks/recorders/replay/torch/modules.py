"""
The path of the module of the program's model that is running: `encoder.layers.0.linear1`. Only in the detail tier.

In the backward pass no module runs. There an operation belongs to the module of the forward operation whose gradient it
computes: autograd numbers its nodes in the order of the forward operations, and tells which node is running.
"""

from __future__ import annotations

import collections
import functools
import threading
import weakref

MOST_NODES = 1 << 16
"""Most forward operations whose modules are kept for the backward pass."""
MOST_OUTERMOST = 256
"""Most models whose paths are kept, for programs that create models in a loop."""


class Modules:
    """The running modules of each thread, outermost first."""

    def __init__(self):
        self._local = threading.local()
        self._known = {}
        """Id of an outermost module to a reference to it and the paths of the modules inside it by id."""
        self._of_nodes = collections.OrderedDict()
        """Number of an autograd node to the path of its module; of the main thread, since each thread counts from 0."""
        self._node, self._newest = _nothing, _nothing

    def follow(self, torch):
        """Wrap `Module.__call__`. Torch's compiler calls a module's inner function directly and does not pass here."""
        self._node = getattr(torch._C, "_current_autograd_node", _nothing)
        self._newest = getattr(getattr(torch._C, "_autograd", None), "_get_sequence_nr", _nothing)
        module = torch.nn.Module
        plain, stack_of = module.__call__, self._stack

        @functools.wraps(plain)
        def call(*args, **kwargs):
            stack = stack_of()
            stack.append(args[0] if args else None)
            try:
                return plain(*args, **kwargs)
            finally:
                stack.pop()

        module.__call__ = call

    def _stack(self):
        try:
            return self._local.stack
        except AttributeError:
            stack = self._local.stack = []
            return stack

    def path_of_operation(self):
        """The path of the module of the operation that has just run; empty if there is none."""
        node, newest = self._node(), self._newest()
        path = self._of_nodes.get(node._sequence_nr(), "") if node is not None else self.path()
        if newest and threading.current_thread() is threading.main_thread():
            self._of_nodes.setdefault(newest - 1, path)  # kept: a later operation without a node must not replace it
            if len(self._of_nodes) > MOST_NODES:
                self._of_nodes.popitem(last=False)
        return path

    def path(self):
        """The path of the innermost running module from the outermost one, or the outermost one's class; else empty."""
        stack = self._stack()
        if not stack:
            return ""
        outermost, innermost = stack[0], stack[-1]
        if innermost is outermost:
            return type(outermost).__name__
        known = self._known.get(id(outermost))
        if known is None or known[0]() is not outermost or id(innermost) not in known[1]:
            paths = {id(module): name for name, module in outermost.named_modules()}
            paths.setdefault(
                id(innermost), type(innermost).__name__
            )  # a module that is no attribute of the outermost one
            if len(self._known) >= MOST_OUTERMOST:
                self._known.clear()
            known = self._known[id(outermost)] = weakref.ref(outermost), paths
        return known[1][id(innermost)]


def _nothing():
    """Stands for functions that this torch does not have."""
    return
