"""
The determinism switch does not make results wrong.

Why: a switch that swaps kernels runs code that few people use. In JAX, `.at[].set` under its flag gave [0 2 0 0]
(jax#27796); in torch, `index_put_` and `scatter` use other kernels under `use_deterministic_algorithms(True)`, which
also fills fresh memory with NaN. The check solves small problems with exact answers for every family of operators that
the switch changes. An operator that refuses to run under the switch gives no wrong answer; the refusal is recorded.

Remedy: under the switch, do not use the operator that the finding names. Write it with `scatter_add`, `index_select` or
a loop, and try another version of torch. Results that it gave under the switch are wrong.
"""

from __future__ import annotations

import contextlib
import warnings

from ..declare import Check
from . import _known_answers, _opdb, _state

CHECK = Check(tier="quick", rule="expected", needs=("torch._inductor",))


def measure(settings):
    """Each problem's answer, known and observed under the switch; and which operators refused."""
    values, refused = {}, []
    with _opdb.environment_kept(), _switched_on(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # operators in beta are measured as well
        for prefix, device in _state.devices():
            for name, (call, answer) in _known_answers.problems(device).items():
                observed = _answer(call)
                if observed == "refused":
                    refused.append(prefix + name)
                else:
                    values[prefix + name] = {"expected": repr(answer), "observed": repr(observed)}
    return dict(values, conditions={"refused": refused})


@contextlib.contextmanager
def _switched_on():
    """Turn the switch and its fill on; restore both afterwards."""
    import torch

    deterministic = torch.utils.deterministic
    mode, fill = torch.get_deterministic_debug_mode(), deterministic.fill_uninitialized_memory
    torch.use_deterministic_algorithms(True)
    deterministic.fill_uninitialized_memory = True
    try:
        yield
    finally:
        deterministic.fill_uninitialized_memory = fill
        torch.set_deterministic_debug_mode(mode)


def _answer(call):
    """The result as nested lists, `refused` where the switch has no form of the operator, or the exception's type."""
    try:
        found = call()
    except Exception as problem:  # becomes the value
        return "refused" if "deterministic" in str(problem) else "raised %s" % type(problem).__name__
    return [each.tolist() for each in found] if isinstance(found, list) else found.tolist()
