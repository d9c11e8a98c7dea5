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
from ..declare import Check, NotApplicable
from . import _compiling, _models, _state

CHECK = Check(
    severity="critical",
    tier="quick",
    rule="within",
    across=(),
    needs=("numpy",),
    isolates=True,
    compiles=True,
    explains=("memory-fill",),
)


def measure(settings):
    """The agreement of eager and compiled, with float64 as reference, for each tensor of one training step."""
    import torch

    if _compiling.missing_compiler():
        raise NotApplicable(_compiling.missing_compiler())
    with _state.seeded(5):
        model = _models.classifier(dropout=0.0)
        tokens, labels = _models.batch()
    start = {name: value.clone() for name, value in model.state_dict().items()}
    eager = _step(model, model, tokens, labels)
    model.load_state_dict(start)
    compiled = _step(torch.compile(model, fullgraph=True, dynamic=False), model, tokens, labels)
    model.load_state_dict(start)
    reference = _step(model.double(), model, tokens, labels)
    return {
        name: agreement(eager[name], compiled[name], reference[name], _models.SUMMED[name.split(" ")[0]])
        for name in eager
    }


def _step(function, model, tokens, labels):
    """Output, loss, and each parameter's gradient, of one forward and backward run through `function`."""
    model.zero_grad()
    output, loss = function(tokens, labels)
    loss.backward()
    gradients = {"gradient %s" % name: parameter.grad.clone() for name, parameter in model.named_parameters()}
    return dict(gradients, output=output.detach(), loss=loss.detach())
