"""The dispatch mode that passes torch's operations to the recorder, and is skipped by torch's compiler."""

from __future__ import annotations

import sys

RECORDERS = __package__.rpartition(".")[0].rpartition(".")[0] + "."
"""What the names of all modules of the recorders begin with, those of other frameworks included."""


def mode_class(torch, dispatch):
    """The class of the mode. It is created here, since only the program imports torch."""
    from torch.utils._python_dispatch import TorchDispatchMode

    hidden = _hide_from_compiler(torch)

    class Recording(TorchDispatchMode):
        """Passes on every operation of the thread in which it is active."""

        supports_higher_order_operators = True
        """Without it, higher-order operators such as `cond` raise under a mode."""

        @classmethod
        def ignore_compile_internals(cls):
            """True: otherwise an active mode silently disables torch.compile."""
            return True

        @classmethod
        def _should_skip_dynamo(cls):
            """Whether torch must wrap the method below. Wrapping imports the compiler at the first operation."""
            return not hidden

        __torch_dispatch__ = dispatch

    return Recording


def _hide_from_compiler(torch):
    """Tell torch's compiler to skip every function of the recorder; returns whether this torch can be told."""
    try:
        frames = torch._C._dynamo.eval_frame
        skip = frames._FrameExecStrategy(frames._FrameAction.SKIP, frames._FrameAction.DEFAULT)
        for name, module in list(sys.modules.items()):
            if name.startswith(RECORDERS):
                for code in _codes(module):
                    frames.set_code_exec_strategy(code, skip)
    except (AttributeError, TypeError):
        return False
    return True


def _codes(module):
    """The code of every function that a module defines, inner functions too."""
    waiting = [
        one.__code__
        for holder in [module, *(one for one in vars(module).values() if isinstance(one, type))]
        for one in vars(holder).values()
        if hasattr(one, "__code__") and getattr(one, "__module__", None) == module.__name__
    ]
    while waiting:
        code = waiting.pop()
        yield code
        waiting += [one for one in code.co_consts if hasattr(one, "co_code")]
