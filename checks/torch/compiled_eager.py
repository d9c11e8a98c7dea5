"""
A compiled model gives what the eager one gives, up to rounding: output, loss and every gradient.

Why: a compiler may reorder sums, and that is rounding; it has also dropped writes, read what nobody wrote and changed
formulas, and then a model trains to another loss without an error (pytorch#168126, pytorch#168186, pytorch#183122).
Each side is compared with the same model in float64: the compiled error may be four times the eager one, or the
rounding that a sum of that length explains. The model has no dropout, whose compiled draws differ by design.

Remedy: do not compile the part that the finding names (`torch.compiler.disable`), or compile it with
`backend="aot_eager"`, and change the version of torch. Where the finding says `uninitialised`, distrust earlier results
of the compiled model too.
"""

from __future__ import annotations

from ..agreement import agreement
from ..declare import Check
from . import _compiling

CHECK = Check(
    severity="critical",
    tier="quick",
    rule="within",
    across=(),
    needs=("numpy", "torch._inductor"),
    isolates=True,
    compiles=True,
    explains=("memory-fill",),
)


def measure(settings):
    """The agreement of eager and compiled, with float64 as reference, for each tensor of one training step."""
    import torch

    _compiling.refuse_without_compiler()
    step = _compiling.TrainingStep()
    eager = step.run(step.model)
    compiled = step.run(torch.compile(step.model, fullgraph=True, dynamic=False))
    exact = step.exact()
    return {name: agreement(eager[name], compiled[name], exact[name], _compiling.summed(name)) for name in eager}
