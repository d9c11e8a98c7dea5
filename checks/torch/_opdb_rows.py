"""Operators of torch's test catalogue that work row by row, each as a function of a batch of rows."""

from __future__ import annotations

WIDTH = 67
"""Values in a row: no multiple of a vector's length, so that rows start at every offset within a vector."""
HEADS, LENGTH, SIDE = 2, 9, 11


def rowwise(dtype, names=()):
    """Name (`operator float32`) to a function of a batch [rows, WIDTH] that computes each row independently."""
    from torch.nn import functional

    from . import _opdb

    found = {}
    for label, entry in _opdb.labelled():
        function = _of_entry(entry)
        if function is not None:
            found[label + " float32"] = function
    found.update({name + " float32": function for name, function in _layers(functional, dtype).items()})
    return {name: function for name, function in found.items() if not names or name in names}


def _of_entry(entry):
    """Elementwise operators and reductions of rows, by the catalogue's classes; None for the others."""
    import torch

    kind = type(entry).__name__
    if torch.float32 not in entry.supported_dtypes("cpu"):
        return None
    if kind == "UnaryUfuncInfo":
        return lambda rows: entry(rows, **_extra(entry, rows))
    if kind == "BinaryUfuncInfo":
        return lambda rows: entry(rows, rows.roll(1, 1))
    if kind == "ReductionOpInfo":
        return lambda rows: entry(rows, dim=1)
    return None


def _extra(entry, rows):
    """Required arguments of an elementwise operator, such as the order of `polygamma`."""
    named, _ = entry.sample_kwargs(rows.device, rows.dtype, rows)
    return named


def _layers(nn, dtype):
    """Operators with weights or a window, whose kernel may depend on the number of rows."""
    import torch

    generator = torch.Generator().manual_seed(29)

    def fixed(*shape):
        return torch.randn(*shape, generator=generator).to(dtype)

    weight, bias, kernel, wide = fixed(WIDTH, WIDTH), fixed(WIDTH), fixed(4, 1, 3), fixed(4, 3, 3, 3)
    eye = torch.eye(5, dtype=dtype)
    triangle = eye * 3 + fixed(5, 5).tril() / 9

    def image(rows):
        return rows.repeat(1, 6)[:, : 3 * SIDE * SIDE].reshape(len(rows), 3, SIDE, SIDE)

    def heads(rows):
        return rows.repeat(1, 3)[:, : HEADS * LENGTH * 8].reshape(len(rows), HEADS, LENGTH, 8)

    def square(rows):
        return rows[:, :25].reshape(len(rows), 5, 5) / 9 + 3 * eye

    return {
        "matmul": lambda rows: rows @ weight,
        "addmm": lambda rows: torch.addmm(bias, rows, weight),
        "mv": lambda rows: rows @ bias,
        "nn.functional.linear": lambda rows: nn.linear(rows, weight, bias),
        "nn.functional.bilinear": lambda rows: nn.bilinear(rows[:, :7], rows[:, 7:14], weight[:49].reshape(-1, 7, 7)),
        "bmm": lambda rows: square(rows).bmm(square(rows)),
        "einsum": lambda rows: torch.einsum("bi,ij,bj->b", rows, weight, rows),
        "softmax": lambda rows: rows.softmax(1),
        "log_softmax": lambda rows: rows.log_softmax(1),
        "logsumexp": lambda rows: rows.logsumexp(1),
        "cumsum": lambda rows: rows.cumsum(1),
        "norm": lambda rows: rows.norm(dim=1),
        "cdist": lambda rows: torch.cdist(rows[:, None], weight[None]),
        "nn.functional.layer_norm": lambda rows: nn.layer_norm(rows, (WIDTH,), bias, bias),
        "nn.functional.rms_norm": lambda rows: nn.rms_norm(rows, (WIDTH,), bias),
        "nn.functional.group_norm": lambda rows: nn.group_norm(image(rows), 3),
        "nn.functional.normalize": lambda rows: nn.normalize(rows, dim=1),
        "nn.functional.cosine_similarity": lambda rows: nn.cosine_similarity(rows, bias[None], dim=1),
        "nn.functional.conv1d": lambda rows: nn.conv1d(rows[:, None], kernel),
        "nn.functional.conv2d": lambda rows: nn.conv2d(image(rows), wide),
        "nn.functional.conv_transpose2d": lambda rows: nn.conv_transpose2d(image(rows), wide.transpose(0, 1)),
        "nn.functional.avg_pool2d": lambda rows: nn.avg_pool2d(image(rows), 3),
        "nn.functional.interpolate.bilinear": lambda rows: nn.interpolate(image(rows), size=17, mode="bilinear"),
        "nn.functional.scaled_dot_product_attention": lambda rows: nn.scaled_dot_product_attention(
            heads(rows), heads(rows), heads(rows)
        ),
        "fft.rfft": lambda rows: torch.view_as_real(torch.fft.rfft(rows)),
        "linalg.det": lambda rows: torch.linalg.det(square(rows)),
        "linalg.inv": lambda rows: torch.linalg.inv(square(rows)),
        "linalg.solve_triangular": lambda rows: torch.linalg.solve_triangular(triangle, rows[:, :5, None], upper=False),
    }
