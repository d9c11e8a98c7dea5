"""
Calls of torch's operators as data: a name, and a function from a Maker of seeded inputs to tensors.

Inputs are small, for faults that need no size: an element that is never written, a flag or a pivot read before it is
set. Unusual strides, zero sizes, `out=` and reduced precision have separate kernels, and therefore separate cases.
"""

from __future__ import annotations


class Maker:
    """Makes inputs on one device from one seeded CPU generator, so that devices and processes get equal values."""

    def __init__(self, device, seed=7):
        import torch

        self.device = device
        self._generator = torch.Generator().manual_seed(seed)

    def normal(self, *shape, dtype=None):
        """Normally distributed values."""
        import torch

        values = torch.randn(*shape, generator=self._generator, dtype=torch.float32)
        return values.to(device=self.device, dtype=dtype or torch.float32)

    def below(self, high, *shape):
        """Integers from 0 to `high` - 1 (int64)."""
        import torch

        return torch.randint(high, shape, generator=self._generator).to(self.device)

    def strided(self, *shape):
        """Normally distributed values: every second column of a transposed array."""
        return self.normal(*shape[:-2], 2 * shape[-1], shape[-2])[..., ::2, :].transpose(-1, -2)

    def symmetric(self, side):
        """A symmetric positive definite matrix."""
        import torch

        values = self.normal(side, side)
        return values @ values.T + side * torch.eye(side, device=self.device)


def cases():
    """All cases: name to a function of a Maker."""
    import torch
    from torch.nn import functional

    from . import _operators_linalg, _operators_nn, _operators_tensor

    found = {}
    for table in (_operators_nn, _operators_tensor, _operators_linalg):
        for family in table.families():
            found.update(family(torch, functional))
    return found
