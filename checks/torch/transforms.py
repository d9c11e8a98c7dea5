"""
Gradients, vectorised maps, checkpoints and loops agree with their plain forms, up to rounding.

Why: a derivative or a batching rule is a separate formula, written by hand for each operator; a wrong one trains
without an error (jax#8022, where a vectorised result was 1 instead of 0). The check compares Jacobians by reverse mode,
forward mode and finite differences in float64; `vmap` with a Python loop; a checkpointed module with dropout with the
plain one; and `scan`, `while_loop` and `cond` with the same code written out. Each is compared with float64.

Remedy: use the plain form of what the finding names: `torch.autograd.grad`, a loop over rows, no checkpoint. Try
another version of torch. A checkpoint whose gradients differ needs `preserve_rng_state=True`.
"""

from __future__ import annotations

import warnings

from ..agreement import agreement
from ..declare import Check
from . import _compiling, _loops, _state, _transformed_modules, _transforms

CHECK = Check(tier="full", rule="within", needs=("numpy",))
SUMMED = 64
"""Length of the longest sum behind one element of any result here (elements)."""


def measure(settings):
    """The agreement of each transform with its plain form, with float64 as reference; and what torch refuses."""
    values, refused = {}, []
    with warnings.catch_warnings(), _compiling.fresh_tracing():
        warnings.simplefilter("ignore")  # forms that torch advises against are measured as well
        for prefix, device in _state.devices():
            for name, plain, call, exact in _pairs(device, refused):
                try:
                    values[prefix + name] = agreement(plain, call(), exact, SUMMED)
                except NotImplementedError:  # torch says that it has no such formula: no wrong result
                    refused.append(prefix + name)
            values.update({prefix + name: one for name, one in _transforms.known(device).items()})
    return dict(values, conditions={"refused": refused})


def _pairs(device, refused):
    yield from _transforms.derivatives(device)
    yield from _transforms.vectorised(device)
    yield from _transformed_modules.pairs(device)
    try:
        yield from _loops.written_out(device)
    except ImportError as absent:  # prototypes that older versions of torch lack
        refused.append(str(absent))
