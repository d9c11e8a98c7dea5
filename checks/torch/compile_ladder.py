"""
Each layer of the compiler agrees with eager up to rounding; the first layer that changes bits is recorded.

Why: when a compiled model trains differently, "the compiler" is four layers: Dynamo's graph (backend `eager`),
ahead-of-time autograd (`aot_eager`), the decomposition of operators (`aot_eager_decomp_partition`), and Inductor's
generated kernels (pytorch#168126, pytorch#183122). Each backend adds one layer to the one before it, so the first
backend whose bits differ from eager's names the layer. A difference beyond rounding fails the check; a difference
within rounding is recorded.

Remedy: compile with the last backend that agrees, for example `torch.compile(model, backend="aot_eager")`. Exclude what
the finding names from compilation (`torch.compiler.disable`), and try another version of torch.
"""

from __future__ import annotations

from ..agreement import agreement
from ..declare import Check
from . import _compiling

CHECK = Check(
    tier="full",
    rule="within",
    needs=("numpy",),
    compiles=True,
    explains=("memory-fill",),
)
LADDER = ("eager", "aot_eager", "aot_eager_decomp_partition", "inductor")


def measure(settings):
    """The agreement of eager and each backend, with float64 as reference, for each tensor of one training step."""
    import torch

    ladder = [rung for rung in LADDER if rung != "inductor" or not _compiling.missing_compiler()]
    values = {}
    with _compiling.fresh_tracing():
        step = _compiling.TrainingStep()
        eager, exact = step.run(step.model), step.exact()
        for rung in ladder:
            torch._dynamo.reset()
            found = step.run(torch.compile(step.model, backend=rung, fullgraph=True, dynamic=False))
            for name, plain in eager.items():
                values["%s/%s" % (name, rung)] = agreement(plain, found[name], exact[name], _compiling.summed(name))
    return dict(values, conditions={"ladder": ladder})
