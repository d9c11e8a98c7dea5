"""The operators of `checks/matrix.py` in PyTorch, in each mode."""

from __future__ import annotations

import contextlib

from .. import _matrix_numpy, matrix

MODES = ("forward", "gradient", "compiled", "vmapped", "switch")


def observed(cell):
    """The result of a cell as a NumPy array (float64 or int32); a text if this release refuses the call."""
    import torch

    call = getattr(Operators(torch), cell["operator"])
    given = _laid_out(torch, cell)
    try:
        with _switched(torch, on=cell["mode"] == "switch"):
            result = _call(torch, cell["mode"], call, given)
    except (RuntimeError, NotImplementedError) as refusal:  # a value like any other: the reading says why
        return "%s: %s" % (type(refusal).__name__, str(refusal).partition("\n")[0][:200])
    return result.detach().to(torch.int32 if cell["dtype"] == "int32" else torch.float64).numpy()


def _call(torch, mode, call, given):
    if mode == "gradient":
        leaf = given.detach().requires_grad_()
        return torch.autograd.grad(call(leaf).sum(dtype=torch.float64), leaf)[0]
    if mode == "vmapped":
        return torch.func.vmap(call)(given)
    if mode == "compiled":
        torch._dynamo.reset()
        return torch.compile(call, fullgraph=True, dynamic=False)(given)
    return call(given)


@contextlib.contextmanager
def _switched(torch, on):
    """The determinism switch, restored afterwards."""
    before, warn = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(on or before, warn_only=warn)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=warn)


def _laid_out(torch, cell):
    """The input of a cell as a tensor with the cell's strides."""
    logical = torch.from_numpy(matrix.inputs(cell).copy()).to(getattr(torch, cell["dtype"]))
    if cell["layout"] == "transposed":
        return logical.T.contiguous().T
    if cell["layout"] == "strided":
        wide = torch.zeros(logical.shape[0], 2 * logical.shape[1], dtype=logical.dtype)
        wide[:, ::2] = logical
        return wide[:, ::2]
    return logical[:1].clone().expand(logical.shape) if cell["layout"] == "broadcast" else logical


class Operators:
    """Each operator of the matrix as a method, along the last axis."""

    def __init__(self, torch):
        self._torch = torch

    def __getattr__(self, name):
        """Elementwise operators that torch has under the same name."""
        return getattr(self._torch, name)

    def add(self, x):
        return x + x

    def multiply(self, x):
        return x * x

    def maximum(self, x):
        return self._torch.relu(x)

    def sqrt(self, x):
        return self._torch.sqrt(x.abs())

    def sum(self, x):
        return x.sum(-1)

    def mean(self, x):
        return x.mean(-1)

    def amax(self, x):
        return x.amax(-1)

    def amin(self, x):
        return x.amin(-1)

    def variance(self, x):
        return x.var(-1, correction=0)

    def logsumexp(self, x):
        return x.logsumexp(-1)

    def softmax(self, x):
        return x.softmax(-1)

    def cumsum(self, x):
        return x.cumsum(-1)

    def sort(self, x):
        return x.sort(-1).values

    def topk(self, x):
        return x.topk(min(3, x.shape[-1]), -1).values

    def gather(self, x):
        return x.gather(-1, self._torch.arange(x.shape[-1] - 1, -1, -1).expand(x.shape))

    def matmul(self, x):
        return x @ self._torch.from_numpy(_matrix_numpy.weights(x.shape[-1])).to(x.dtype)
