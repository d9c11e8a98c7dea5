"""
Compiled, vectorised and transformed code follows its seed, and draws as eager code does where that is promised.

Why: Inductor uses its own generator, so a seeded compiled model trains differently from the eager one; its option
`fallback_random` gives eager's draws (pytorch#142853). The difference without that option is by design and is recorded
(pytorch#141645). The check requires that compiled draws repeat under a seed, change with the seed and advance from call
to call; that a backward run uses the forward run's mask; that `fallback_random` gives eager's draws; and that `vmap`
keeps its promise of `same` or `different` rows. Seen with torch 2.13 on CPU: with `fallback_random`, two independent
dropouts swap their masks, because Inductor reorders them to save memory (pytorch#192635).

Remedy: to compare a compiled run with an eager one, set `torch._inductor.config.fallback_random = True` and
`torch._inductor.config.reorder_for_peak_memory = False` before compiling. Where draws do not repeat, or the backward
mask differs, exclude dropout from compilation (`torch.compiler.disable`) and try another version of torch.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _compiled_draws, _compiling, _state

CHECK = Check(tier="full", rule="expected", needs=("numpy",), compiles=True)
SEEDS = (1, 2)


def measure(settings):
    """Each promise, expected and observed; the conditions record which compiled draws equal eager's by default."""
    values, like_eager = {}, []
    for prefix, device in _state.devices():
        found = dict(_compiled_draws.vectorised(device), **_compiled_draws.transformed(device))
        if device.type != "cpu" or not _compiling.missing_compiler():
            for step in _compiled_draws.STEPS:
                with _compiling.fresh_tracing():
                    promised, same = _compiled(step, device)
                found.update(promised)
                like_eager += [prefix + name for name in same]
        values.update({prefix + name: pair for name, pair in found.items()})
    conditions = {"compiler": not _compiling.missing_compiler(), "drawn_as_eager_by_default": like_eager}
    return dict(values, conditions=conditions)


def _compiled(step, device):
    """The promises of a step's compiled draws, and the draws that equal eager's without `fallback_random`."""
    import torch

    eager = _calls(step, device, SEEDS[0])[0]
    default = torch.compile(step, fullgraph=True, dynamic=False)
    first, following = _calls(default, device, SEEDS[0])
    again, other = (_calls(default, device, seed)[0] for seed in SEEDS)
    found = _compiled_draws.masks("compiled ", default, device)
    for name, draw in first.items():
        found["compiled %s: the same seed again" % name] = _compiled_draws.alike(draw, again[name])
        found["compiled %s: another seed" % name] = _compiled_draws.other(draw, other[name])
        found["compiled %s: the next call" % name] = _compiled_draws.other(draw, following[name])
    torch._dynamo.reset()
    with torch._inductor.config.patch(fallback_random=True):
        fallback = torch.compile(step, fullgraph=True, dynamic=False)
        drawn = _calls(fallback, device, SEEDS[0])[0]
        found.update(_compiled_draws.masks("fallback_random ", fallback, device))
    for name, draw in eager.items():
        found["fallback_random %s: as eager" % name] = _compiled_draws.alike(draw, drawn[name])
    return found, [name for name, draw in eager.items() if digest(draw) == digest(first[name])]


def _calls(function, device, seed):
    """The draws of two calls after one seeding."""
    with _state.seeded(seed):
        return [function(_compiled_draws.inputs(device)) for _ in range(2)]
