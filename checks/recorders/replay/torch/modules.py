"""
Which module of the program's model is at work: `encoder.layers.0.linear1`. Only in the detail tier.

In the backward pass none is: an operation there belongs to the module of the forward operation whose gradient it is
part of. Autograd numbers its nodes in the order of the forward operations, and tells the node at work.
"""

from __future__ import annotations

import collections
import functools
import threading
import weakref

MOST_NODES = 1 << 16
"""Forward operations whose modules are remembered for their backward."""
MOST_OUTERMOST = 256
"""Models whose paths are kept; a program that makes them in a loop must not fill the memory."""


class Modules:
    """Each thread's modules at work, from the outermost one inwards."""

    def __init__(self):
        self._local = threading.local()
        self._known = {}
        """For each outermost module by its id: a reference to it, and the paths of those inside it by their ids."""
        self._of_nodes = collections.OrderedDict()
        """Of the main thread: each thread numbers its own nodes, and a node does not tell whose it is."""
        self._node, self._newest = _nothing, _nothing

    def follow(self, torch):
        """Watch the calls of all modules. Compilers of torch go to a module's own call, and do not pass here."""
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
        """Of the module that the operation belongs to which has just run; empty without any."""
        node, newest = self._node(), self._newest()
        path = self._of_nodes.get(node._sequence_nr(), "") if node is not None else self.path()
        if newest and threading.current_thread() is threading.main_thread():
            self._of_nodes.setdefault(newest - 1, path)  # an operation without gradient comes after it, and is not it
            if len(self._of_nodes) > MOST_NODES:
                self._of_nodes.popitem(last=False)
        return path

    def path(self):
        """Of the innermost module at work, as seen from the outermost one; that one's class; empty without any."""
        stack = self._stack()
        if not stack:
            return ""
        outermost, innermost = stack[0], stack[-1]
        if innermost is outermost:
            return type(outermost).__name__
        known = self._known.get(id(outermost))
        if known is None or known[0]() is not outermost or id(innermost) not in known[1]:
            paths = {id(module): name for name, module in outermost.named_modules()}
            paths.setdefault(id(innermost), type(innermost).__name__)  # one that was made in passing
            if len(self._known) >= MOST_OUTERMOST:
                self._known.clear()
            known = self._known[id(outermost)] = weakref.ref(outermost), paths
        return known[1][id(innermost)]


def _nothing():
    """Where this torch does not tell."""
    return
