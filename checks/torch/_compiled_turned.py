"""
Gradients that come in transposed: a transpose follows the operator, in one graph with it.

The compiler makes the gradients that enter a graph contiguous, so only what lies inside one shows a decomposition that
takes the order in memory for the order of dimensions.
"""

from __future__ import annotations

from ..agreement import agreement

SHAPE = (6, 40, 24)
PREFIX = "transposed gradient of "


def readings():
    """Name of an operator to the agreement of its compiled and eager gradient, with float64 as reference."""
    import torch

    functions = _functions(torch)
    given = torch.randn(SHAPE, generator=torch.Generator().manual_seed(53))
    torch._dynamo.reset()
    eager = _gradients(torch, functions, given)
    compiled = _gradients(torch, functions, given, compile_it=True)
    exact = _gradients(torch, functions, given.double())
    terms = given.numel()
    return {PREFIX + name: agreement(*parts, terms) for name, *parts in zip(functions, eager, compiled, exact)}


def _gradients(torch, functions, given, *, compile_it=False):
    """One gradient for each function, of one call that computes all."""
    leaves = [given.clone().requires_grad_() for _ in functions]

    def together(inputs):
        found = [call(one) for call, one in zip(functions.values(), inputs)]
        return [one.transpose(-1, -2).contiguous() for one in found]

    outputs = (torch.compile(together, fullgraph=True, dynamic=False) if compile_it else together)(leaves)
    slopes = [torch.linspace(-1, 1, one.numel(), dtype=one.dtype).reshape(one.shape) for one in outputs]
    return torch.autograd.grad(outputs, leaves, slopes)


def _functions(torch):
    nn = torch.nn.functional
    return {
        "softmax": lambda x: x.softmax(-1),
        "softmax over rows": lambda x: x.softmax(-2),
        "log_softmax": lambda x: x.log_softmax(-1),
        "layer_norm": lambda x: nn.layer_norm(x, x.shape[-1:]),
        "group_norm": lambda x: nn.group_norm(x, 4),
        "batch_norm": lambda x: nn.batch_norm(x, None, None, training=True),
        "cumsum": lambda x: x.cumsum(-1),
        "cumprod": lambda x: x.sigmoid().cumprod(-1),
        "logcumsumexp": lambda x: x.logcumsumexp(-1),
        "gelu": nn.gelu,
        "glu": lambda x: nn.glu(x, -1),
        "max_pool1d": lambda x: nn.max_pool1d(x, 3),
        "matmul": lambda x: x @ x.mT,
        "pad": lambda x: nn.pad(x, (1, 2)),
        "cat": lambda x: torch.cat([x, x * 2], -1),
    }
