"""Functions to transform, and each transform's result with its plain form and the same in float64."""

from __future__ import annotations

import functools

from .. import derivatives as closed_form

ROWS, CHANNELS, WIDTH = 5, 6, 8
STEP = 1e-3
"""Step of finite differences: their fourth-order error and the rounding error in float64 are below 1e-11."""


class Constants:
    """Inputs and weights on a device, drawn in float64 and rounded to a dtype, so that all dtypes get equal values."""

    def __init__(self, device, dtype):
        import torch

        self._generator = torch.Generator().manual_seed(7)
        self._place = {"device": device, "dtype": dtype}
        self.line = self.normal(WIDTH)
        self.batch = self.normal(ROWS, CHANNELS, WIDTH)
        self.square = self.normal(WIDTH, WIDTH)
        self.kernel = self.normal(CHANNELS, CHANNELS, 3)
        self.places = torch.tensor([3, 1, 3, 0, 2], device=device)

    def normal(self, *shape):
        import torch

        return torch.randn(shape, generator=self._generator, dtype=torch.float64).to(**self._place)


def smooth(made):
    """Name to a function of a vector that is differentiable near the inputs used."""
    import torch
    from torch.nn import functional
    from torch.nn.attention import SDPBackend, sdpa_kernel

    def layers(line):
        return functional.layer_norm(torch.tanh(line @ made.square), (WIDTH,)).softmax(0)

    def convolution(line):
        return functional.gelu(functional.conv1d(line[None, None], made.kernel[:2, :1], padding=1))[0].flatten()

    def solve(line):
        return torch.linalg.solve(torch.outer(line, line) + 4 * torch.eye(WIDTH).to(made.line), line)

    def attention(line):
        parts = (line[:, None] * made.square).view(1, 2, 4, WIDTH)
        with sdpa_kernel(SDPBackend.MATH):  # the fused kernel has no second derivative
            return functional.scaled_dot_product_attention(parts, parts, parts).flatten()[:WIDTH]

    return {
        "layers": layers,
        "convolution": convolution,
        "solve": solve,
        "attention": attention,
        "products": lambda line: line.cumprod(0) + line.prod(),
        "normaliser": lambda line: line.logsumexp(0, keepdim=True) + line.var() + line.norm(),
        "indexed": lambda line: line[made.places] * line.flip(0)[:5].sigmoid(),
        "scattered": lambda line: torch.zeros_like(line).scatter_add(0, made.places, (line * line)[:5]).exp(),
    }


def known(device):
    """The readings of derivatives in closed form: two for each elementwise function, in reverse mode."""
    import numpy
    import torch

    functions = {
        "softplus": torch.nn.functional.softplus,
        "logaddexp": lambda x: torch.logaddexp(x, torch.zeros_like(x)),
        "logaddexp, equal": lambda x: torch.logaddexp(x, x.detach()),
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "exp": torch.exp,
        "expm1": torch.expm1,
        "square": torch.square,
        "cube": lambda x: x**3,
        "sin": torch.sin,
        "arctan": torch.atan,
        "silu": torch.nn.functional.silu,
    }
    first, second = {}, {}
    for name, run in functions.items():
        points = torch.tensor(closed_form.POINTS, device=device, requires_grad=True)
        (first[name],) = torch.autograd.grad(run(points).sum(), points, create_graph=True)
        if name in closed_form.second(numpy):
            connected = first[name].requires_grad  # else the second derivative is zero, right or wrong
            second[name] = torch.autograd.grad(first[name].sum(), points)[0] if connected else 0 * first[name]
    plain = {name: tensor.detach().cpu() for name, tensor in first.items()}
    return dict(
        closed_form.compared(plain, closed_form.first, "first"),
        **closed_form.compared(
            {name: tensor.detach().cpu() for name, tensor in second.items()}, closed_form.second, "second"
        ),
    )


def derivatives(device):
    """Yield (name, plain, call, exact): Jacobians by each mode of differentiation, and second derivatives."""
    import torch

    rounded, precise = Constants(device, torch.float32), Constants(device, torch.float64)
    exact_functions = smooth(precise)
    for name, function in smooth(rounded).items():
        line, exact_function = rounded.line, exact_functions[name]
        plain, exact = by_rows(function, line), by_rows(exact_function, precise.line)
        ways = {
            "jacrev": torch.func.jacrev(function),
            "jacfwd": torch.func.jacfwd(function),
            "jvp": functools.partial(by_columns, function),
        }
        for way, transform in ways.items():
            yield "%s: %s" % (name, way), plain, functools.partial(transform, line), exact
        stepped = differences(exact_function, precise.line).float()
        yield name + ": finite differences", exact.float(), lambda found=stepped: found, exact
        squared, exact_squared = _squared(function), _squared(exact_function)
        twice, exact_twice = by_rows(squared, line, 2), by_rows(exact_squared, precise.line, 2)
        yield name + ": hessian", twice, functools.partial(torch.func.hessian(squared), line), exact_twice


def _squared(function):
    """A scalar function, for second derivatives."""
    return lambda line: function(line).pow(2).sum(0, keepdim=True)


def by_rows(function, line, times=1):
    """The Jacobian through plain autograd, one output after the other; with `times` 2, the Jacobian of the Jacobian."""
    import torch

    given = line.detach().requires_grad_()
    output = function(given)
    for _ in range(times):
        rows_ = [torch.autograd.grad(each, given, create_graph=True)[0] for each in output.flatten()]
        output = torch.stack(rows_).view(*output.shape, -1)
    return output.detach()


def by_columns(function, line):
    """The Jacobian through `torch.func.jvp`, one input after the other."""
    import torch

    ones = torch.eye(len(line)).to(line)
    return torch.stack([torch.func.jvp(function, (line,), (column,))[1] for column in ones], 1)


def differences(function, line):
    """The Jacobian by central differences of fourth order."""
    import torch

    def column(step):
        near = function(line + step) - function(line - step)
        far = function(line + 2 * step) - function(line - 2 * step)
        return (8 * near - far) / (12 * STEP)

    return torch.stack([column(step) for step in STEP * torch.eye(len(line)).to(line)], 1)


def rows(made):
    """Name to a function of one row (channels, width) that `vmap` takes over a batch."""
    import torch
    from torch.nn import functional

    kernel = made.kernel[:, :, None].expand(-1, -1, 3, -1)

    def loss(row):
        return functional.cross_entropy(row @ made.square, made.places.new_tensor([0, 1, 2, 3, 4, 5]))

    def stepped(row):
        return row - torch.func.grad(loss)(row)

    return {
        "linear": lambda row: row @ made.square,
        "conv1d": lambda row: functional.conv1d(row[None], made.kernel)[0],
        "conv2d": lambda row: functional.conv2d(row[None, :, None].expand(-1, -1, 4, -1), kernel)[0],
        "layer norm": lambda row: functional.layer_norm(row, (WIDTH,)),
        "group norm": lambda row: functional.group_norm(row[None], 3)[0],
        "softmax": lambda row: row.softmax(-1),
        "attention": lambda row: functional.scaled_dot_product_attention(row[None], row[None], row[None])[0],
        "max pool": lambda row: functional.max_pool1d(row[None], 2)[0],
        "embedding": lambda row: functional.embedding(made.places, row),
        "sort": lambda row: row.sort(-1).values,
        "gather": lambda row: row.gather(0, made.places[:, None].expand(-1, WIDTH)),
        "scatter_add": lambda row: torch.zeros_like(row).scatter_add(
            0, made.places[:, None].expand(-1, WIDTH), row[:5]
        ),
        "index_add": lambda row: torch.zeros_like(row).index_add(0, made.places, row[:5]),
        "index_put": lambda row: torch.zeros_like(row).index_put((made.places,), row[:5], accumulate=True),
        "cumsum": lambda row: row.cumsum(0),
        "var": lambda row: row.var(-1),
        "where": lambda row: torch.where(row > 0, row.log1p(), row),
        "einsum": lambda row: torch.einsum("cw,wv,dv->cd", row, made.square, row),
        "solve": lambda row: torch.linalg.solve(row @ row.T + 4 * torch.eye(CHANNELS).to(row), row),
        "cholesky": lambda row: torch.linalg.cholesky(row @ row.T + 4 * torch.eye(CHANNELS).to(row)),
        "eigenvalues": lambda row: torch.linalg.eigvalsh(row @ row.T),
        "gradient for each row": stepped,
    }


def vectorised(device):
    """Yield (name, plain, call, exact): a loop over rows beside `vmap`, whole and in chunks."""
    import torch

    rounded, precise = Constants(device, torch.float32), Constants(device, torch.float64)
    exact_functions = rows(precise)
    for name, function in rows(rounded).items():
        plain = torch.stack([function(row) for row in rounded.batch])
        exact = torch.stack([exact_functions[name](row) for row in precise.batch])
        for way, chunk in (("vmap", None), ("vmap in chunks", 2)):
            transform = torch.func.vmap(function, chunk_size=chunk)
            yield "%s: %s" % (name, way), plain, functools.partial(transform, rounded.batch), exact
