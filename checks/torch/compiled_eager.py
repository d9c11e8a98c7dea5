"""
A compiled model agrees with the eager one up to rounding: output, loss and every gradient.

Why: a compiler may reorder sums, which changes rounding only. Compilers have also dropped writes, read unwritten memory
and changed formulas; the model then trains to another loss without an error (pytorch#168126, pytorch#168186,
pytorch#183122). The check compares each side with the same model in float64: the compiled error may be four times the
eager one, or the rounding error that a sum of that length explains. The model has no dropout, because compiled dropout
draws differently by design. Some small fusions have sizes beside powers of two, where compilers change their code;
torch-compiled-sizes has the rest of them.

Remedy: exclude the part that the finding names from compilation (`torch.compiler.disable`). Or compile it with
`backend="aot_eager"`, and try another version of torch. Where the finding says `uninitialised`, also distrust earlier
results of the compiled model.
"""

from __future__ import annotations

from .. import fusions
from ..agreement import agreement
from ..declare import Check
from ..parts import asked
from . import _compiling, _fusions

CHECK = Check(
    tier="quick",
    rule="within",
    across=(),
    needs=("numpy", "torch._inductor"),
    compiles=True,
    explains=("memory-fill",),
)
FUSIONS = fusions.QUICK[:3]
"""Each costs the C++ compiler about a second where the cache is cold."""


def measure(settings):
    """The agreement of eager and compiled, with float64 as reference, for a training step's tensors and for fusions."""
    _compiling.refuse_without_compiler()
    step = _compiling.TrainingStep()
    parts = (
        (step.names(), lambda: _network(step)),
        ([fusions.name(*cell) for cell in FUSIONS], lambda: _fusions.readings(FUSIONS)),
    )
    with _compiling.fresh_tracing():
        return dict(asked(parts, settings), conditions=fusions.conditions(FUSIONS))


def _network(step):
    import torch

    eager = step.run(step.model)
    compiled = step.run(torch.compile(step.model, fullgraph=True, dynamic=False))
    exact = step.exact()
    return {name: agreement(eager[name], compiled[name], exact[name], _compiling.summed(name)) for name in eager}
