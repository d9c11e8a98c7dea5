"""
Statistics of a tensor's values from a sample: enough to make inputs of the same kind, and never the values themselves.

The sample is taken by slicing, so a large tensor is not copied. It runs with the recorder's mode off, below the sizes
that torch splits over threads, and draws nothing.
"""

from __future__ import annotations

SAMPLE = 4096
"""Most values of a tensor that are looked at."""


def of(torch, value):
    """The statistics of one tensor as JSON; None where it has no values that can be read."""
    if type(value) not in (torch.Tensor, torch.nn.Parameter) or value.is_nested or value.layout is not torch.strided:
        return None
    if not value.numel() or value.device.type == "meta" or value.is_quantized:
        return None
    sample = _sampled(value.detach())
    if sample.is_complex():
        sample = torch.view_as_real(sample.resolve_conj())
    sample = sample.reshape(-1)
    if sample.dtype.is_floating_point:
        return _of_floats(torch, sample.to(torch.float64))
    return _of_integers(torch, sample.to(torch.int64))


def merged(before, now):
    """The statistics of two calls: the wider range, and the shares of the later one."""
    if before is None or now is None:
        return now or before
    low, high = min(before["min"], now["min"]), max(before["max"], now["max"])
    return dict(now, min=low, max=high, distinct=max(before.get("distinct", 0), now.get("distinct", 0)))


def _sampled(value):
    """At most about `SAMPLE` values, spread over the tensor: every k-th index of each dimension, longest first."""
    count = value.numel()
    for place in sorted(range(value.dim()), key=lambda one: -value.shape[one]):
        if count <= SAMPLE:
            break
        step = min(value.shape[place], -(-count // SAMPLE))
        before = value.shape[place]
        value = value[(slice(None),) * place + (slice(None, None, step),)]
        count = count // before * value.shape[place]
    return value


def _of_floats(torch, sample):
    finite = torch.isfinite(sample)
    good = sample[finite]
    count = sample.numel()
    low, high = torch.aminmax(good) if good.numel() else (torch.zeros(()), torch.zeros(()))
    return {
        "min": float(low),
        "max": float(high),
        "mean": float(good.mean()) if good.numel() else 0.0,
        "spread": float(good.std(unbiased=False)) if good.numel() else 0.0,
        "zeros": int((sample == 0).sum()) / count,
        "negative": int((sample < 0).sum()) / count,
        "nonfinite": 1 - int(finite.sum()) / count,
    }


def _of_integers(torch, sample):
    count = sample.numel()
    low, high = torch.aminmax(sample)
    found, counts = torch.unique(sample, return_counts=True)
    return {
        "min": int(low),
        "max": int(high),
        "zeros": int((sample == 0).sum()) / count,
        "negative": int((sample < 0).sum()) / count,
        "nonfinite": 0.0,
        "sampled": count,
        "distinct": int(found.numel()),
        "top": int(counts.max()) / count,
        "sorted": bool((sample[1:] >= sample[:-1]).all()),
    }
