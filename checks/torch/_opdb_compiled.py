"""A sample of torch's test catalogue, several operators in one compiled graph, against eager and float64."""

from __future__ import annotations

from ..agreement import agreement
from ..fingerprint import digest
from . import _opdb, _opdb_run, _opdb_samples

OPERATORS = [
    "addmm",
    "bmm",
    "matmul",
    "cumsum",
    "cumprod",
    "logcumsumexp",
    "sum",
    "prod",
    "mean",
    "var",
    "std",
    "logsumexp",
    "amax",
    "argmax",
    "norm",
    "gather",
    "scatter",
    "scatter_add",
    "scatter_reduce.mean",
    "index_add",
    "index_copy",
    "index_put",
    "index_select",
    "put",
    "take",
    "masked_scatter",
    "sort",
    "topk",
    "unfold",
    "bincount",
    "histc",
    "_segment_reduce.lengths",
    "softmax",
    "log_softmax",
    "nn.functional.layer_norm",
    "nn.functional.group_norm",
    "nn.functional.batch_norm",
    "nn.functional.gelu",
    "nn.functional.silu",
    "nn.functional.embedding",
    "nn.functional.embedding_bag",
    "nn.functional.conv1d",
    "nn.functional.conv2d",
    "nn.functional.conv_transpose2d",
    "nn.functional.max_pool2d",
    "nn.functional.adaptive_avg_pool2d",
    "nn.functional.interpolate.bilinear",
    "nn.functional.grid_sample",
    "nn.functional.pad.reflect",
    "nn.functional.cross_entropy",
    "nn.functional.nll_loss",
    "nn.functional.scaled_dot_product_attention",
]
"""Operators that compilers decompose or fuse, with every family in which races or unwritten memory were found."""
AT_ONCE = 18
"""Operators in one graph: a graph takes seconds to compile whatever it holds, and long ones take longer."""


def chosen(names=()):
    """Each operator's case and its largest sample, which has the longest sums; all, or only the named ones."""
    found = {case.name: case for case in _opdb.cases("cpu")}
    wanted = ["%s %s" % (name, dtype) for name in OPERATORS for dtype in ("float32", "int64")]
    kept = {}
    for name in wanted:
        operator = name.partition(" ")[0]
        if name in found and operator not in kept and (not names or name in names):
            samples = _opdb_run.made(found[name])
            kept[operator] = (found[name], max(samples, key=_size)) if samples else None
    return [pair for pair in kept.values() if pair is not None]


def _size(sample):
    return sum(each.numel() for each in _opdb_samples.tensors(_opdb_samples.arguments(sample)))


def readings(pairs, refused):
    """The agreement of each result and gradient of these cases; cases that cannot be compiled go into `refused`."""
    import torch

    torch._dynamo.reset()  # Dynamo sees all graphs as one function, and stops after eight recompilations
    try:
        compiled = _run(pairs, compile_it=True)
    except Exception as refusal:  # one operator must not cost the others: recorded, not judged
        if len(pairs) == 1:
            refused[pairs[0][0].name] = type(refusal).__name__
            return {}
        middle = len(pairs) // 2
        return {**readings(pairs[:middle], refused), **readings(pairs[middle:], refused)}
    found = {}
    for (case, sample), ours in zip(pairs, compiled):
        eager, exact = _run([(case, sample)])[0], _run([(case, sample)], exact=True)[0]
        for label in eager:
            found[(case.name + " " + label).strip()] = _compared(
                eager[label], ours.get(label), exact[label], _size(sample)
            )
    return found


def _compared(eager, compiled, exact, reduction):
    """Floats by their errors, anything else by its bits; a gradient that the compiled form lacks is unequal."""
    if compiled is None:
        return {"bits_equal": False, "compiled": "none"}
    if eager.is_floating_point():
        return agreement(eager, compiled, exact, reduction)
    both = {"eager": digest(eager), "compiled": digest(compiled)}
    return dict(both, bits_equal=both["eager"] == both["compiled"], elements=eager.numel())


def _run(pairs, *, compile_it=False, exact=False):
    """Label to tensor for each pair: results, and gradients of inputs, of one call that computes all pairs."""
    import torch

    operators = [case.operator.op for case, _ in pairs]

    def together(inputs):
        return [call(given, *more, **named) for call, (given, more, named) in zip(operators, inputs)]

    function = torch.compile(together, fullgraph=True, dynamic=False) if compile_it else together
    inputs = [_opdb_samples.cloned(_opdb_samples.arguments(sample)) for _, sample in pairs]
    inputs = _double(inputs) if exact else inputs
    outputs = function(inputs)
    ends = [sample.output_process_fn_grad(output) for (_, sample), output in zip(pairs, outputs)]
    slopes = iter(_opdb_run.gradients(ends, inputs))  # one call: a compiled graph has one backward graph
    return [_labelled(output, given, slopes) for output, given in zip(outputs, inputs)]


def _labelled(output, given, slopes):
    """The tensors of one case by label; consumes one gradient of `slopes` for each leaf of its inputs."""
    found = {"output %d" % place if place else "": each for place, each in enumerate(_opdb_samples.tensors(output))}
    leaves = [each for each in _opdb_samples.tensors(given) if each.requires_grad]
    found.update({"gradient %d" % place: slope for (place, _), slope in zip(enumerate(leaves), slopes)})
    return {label: each.detach() for label, each in found.items() if each is not None}


def _double(value):
    """The same arguments with every float converted to float64."""
    import torch

    if isinstance(value, torch.Tensor):
        return value.detach().double().requires_grad_(value.requires_grad) if value.is_floating_point() else value
    if type(value) in (list, tuple):
        return type(value)(_double(item) for item in value)
    if type(value) is dict:
        return {key: _double(item) for key, item in value.items()}
    return value
