"""The fusions of `checks/fusions.py` in PyTorch: eager, and compiled by Inductor."""

from __future__ import annotations

from .. import fusions


def readings(chosen):
    """Agreement of compiled and eager results for these cells, on the CPU."""
    return fusions.compared(chosen, _eager, {"": _compiled})


def _compiled(given):
    """All cells in one graph: one compilation, in which each is a fusion of its own."""
    import torch

    chosen = [case[0] for case in given]

    def together(arrays):
        return [_programs(names, *pair) for names, pair in zip(chosen, arrays)]

    torch._dynamo.reset()  # Dynamo sees all programs as one function, and stops after eight recompilations
    return torch.compile(together, fullgraph=True, dynamic=False)(_tensors(given))


def _eager(given):
    return [_programs(case[0], *pair) for case, pair in zip(given, _tensors(given))]


def _tensors(given):
    import torch

    return [(torch.from_numpy(rows), torch.from_numpy(matrix)) for _, rows, matrix in given]


def _programs(names, rows, matrix):
    import torch

    def scan():
        carry = torch.zeros_like(rows[:, 0])
        for column in rows.unbind(1):
            carry = torch.tanh(carry * 0.5 + column)
        return carry

    programs = {
        "elementwise": lambda: torch.tanh(rows) * rows + torch.exp(-rows * rows),
        "reduction": lambda: (rows * rows + 1).sum(0),
        "dot": lambda: torch.relu(rows @ matrix.T) + 1,
        "vmap": lambda: torch.func.vmap(lambda row: torch.sum((matrix @ row) ** 2))(rows),
        "scan": scan,
    }
    return {name: programs[name]() for name in names}
