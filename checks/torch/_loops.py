"""Loops and branches as one torch operator, each with the same loop written out in Python."""

from __future__ import annotations

from ._transforms import Constants


def written_out(device):
    """Yield (name, plain, call, exact). The operators are prototypes: raises ImportError in a torch without them."""
    import torch
    from torch._higher_order_ops import associative_scan, scan, while_loop

    rounded, precise = Constants(device, torch.float32), Constants(device, torch.float64)
    steps, exact_steps = rounded.batch[0], precise.batch[0]

    def advance(carry, step):
        after = torch.tanh(carry + step @ rounded.square)
        return after, after * step

    def precisely(carry, step):
        after = torch.tanh(carry + step @ precise.square)
        return after, after * step

    start, exact_start = torch.zeros_like(steps[0]), torch.zeros_like(exact_steps[0])
    plain, exact = _unrolled(advance, start, steps), _unrolled(precisely, exact_start, exact_steps)
    for place, part in enumerate(("carry", "outputs")):
        yield "scan: " + part, plain[place], lambda place=place: scan(advance, start, steps)[place], exact[place]

    def summed():
        return associative_scan(torch.add, steps, 0, combine_mode="generic")

    yield "associative_scan", steps.cumsum(0), summed, exact_steps.cumsum(0)
    count = torch.zeros((), dtype=torch.int64, device=device)

    def looped():
        return while_loop(lambda n, _: n < 5, lambda n, line: (n + 1, line.sin() * 2), (count, steps))[1]

    yield "while_loop", _repeated(steps), looped, _repeated(exact_steps)
    for sign, written in ((1, torch.sin), (-1, torch.cos)):

        def chosen(sign=sign):
            return torch.cond(sign * steps.abs().sum() > 0, torch.sin, torch.cos, (steps,))

        yield "cond %s" % (sign > 0), written(steps), chosen, written(exact_steps)


def _unrolled(advance, carry, steps):
    import torch

    outputs = []
    for step in steps:
        carry, output = advance(carry, step)
        outputs.append(output)
    return carry, torch.stack(outputs)


def _repeated(line):
    for _ in range(5):
        line = line.sin() * 2
    return line
