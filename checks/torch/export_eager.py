"""
An exported model agrees with the eager one up to rounding: output, loss and every gradient.

Why: a model passes through `torch.export` before it is served, quantised or compiled ahead of time. The exported graph
has specialised shapes and constants, and its decomposed form uses other operators than the model did (pytorch#168186).
The check runs both forms and compares them with float64: in training without
dropout, and a model with dropout and batch norm in evaluation mode.

Remedy: where only the decomposed form differs, export without `run_decompositions()`. Or remove from the decomposition
table the operator that the tensors in the finding lead to. Where both forms differ, try another version of torch.
"""

from __future__ import annotations

import copy

from ..agreement import agreement
from ..declare import Check
from . import _compiling, _models

CHECK = Check(
    tier="full",
    rule="within",
    needs=("numpy",),
    compiles=True,
    explains=("memory-fill",),
)
LADDER = ("export", "export decomposed")


def measure(settings):
    """The agreement of eager and each exported form, with float64 as reference, for each tensor of one step."""
    import torch

    values = {}
    with _compiling.fresh_tracing(), torch.random.fork_rng(devices=[]):  # a faulty program may draw where it must not
        step = _compiling.TrainingStep()
        eager, exact = step.run(step.model), step.exact()
        for form, found in zip(LADDER, _exported(torch, step)):
            for name, tensor in found.items():
                label = "%s/%s" % (name, form)
                values[label] = agreement(eager[name], tensor, exact[name], _compiling.summed(name))
        values.update(_in_evaluation(torch))
    return dict(values, conditions={"ladder": list(LADDER)})


def _in_evaluation(torch):
    """Output and loss of a model in evaluation mode, whose dropout does nothing and whose batch norm is fixed."""
    step = _compiling.TrainingStep(make=lambda: _models.classifier(dropout=0.5).eval())
    program = torch.export.export(step.model, step.batch)
    with torch.no_grad():
        plain, truth = step.model(*step.batch), copy.deepcopy(step.model).double()(*step.batch)
        forms = [program.module()(*step.batch), program.run_decompositions().module()(*step.batch)]
    return {
        "%s in evaluation mode/%s" % (name, form): agreement(one, other, exact, _compiling.summed(name))
        for form, results in zip(LADDER, forms)
        for name, one, other, exact in zip(("output", "loss"), plain, results, truth)
    }


def _exported(torch, step):
    """
    The results of the exported program as captured, and with its operators decomposed.

    The decomposed form has no backward here: its batch norm overwrites what its own gradient needs (torch 2.13).
    """
    program = torch.export.export(step.fresh(), step.batch)
    yield step.run_in(program.module())
    decomposed = program.run_decompositions().module()
    with torch.no_grad():
        output, loss = decomposed(*step.batch)
    yield {"output": output, "loss": loss}
