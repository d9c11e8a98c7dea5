"""Runs the samples of one case, forward and backward, each to a short digest."""

from __future__ import annotations

import functools
import warnings

from . import _documented, _opdb_samples


def fill(table, device, chosen, before=None):
    """
    Run the chosen cases on one device; fill `operators` and `inputs` of `table`, and `shapes` if it has them.

    `before` is called before each case.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated and beta operators are measured as well
        for case in chosen:
            if before is not None:
                before()
            table["operators"][case.name], table["inputs"][case.name] = table_entry(case)
            if "shapes" in table:
                table["shapes"][case.name] = descriptions(case)


def table_entry(case):
    """The digests of a case's samples (8 hex digits each, joined by `.`), and the digest of all their inputs."""
    samples = made(case)
    if isinstance(samples, str):
        return samples, "00000000"
    inputs = _opdb_samples.checksum([_opdb_samples.arguments(sample) for sample in samples])
    return ".".join(_digest(case, sample, seed) for seed, sample in enumerate(samples)), "%08x" % inputs


def descriptions(case):
    """One line for each sample of a case."""
    samples = made(case)
    return [] if isinstance(samples, str) else [_opdb_samples.described(sample) for sample in samples]


def made(case):
    """The samples, or `!` and the exception's type where the catalogue cannot make them here."""
    try:
        return _opdb_samples.samples(case)
    except Exception as refusal:  # becomes the entry's value
        return "!" + type(refusal).__name__


def _digest(case, sample, seed):
    """One sample's digest, or `!` and the exception's type; the text of an exception may hold an address."""
    try:
        found = results(case, sample, seed)
        if case.operator.name in _documented.UNWRITTEN:
            found = [(str(each.dtype), tuple(each.shape)) for each in _opdb_samples.tensors(found)]
        return "%08x" % _opdb_samples.checksum(found)
    except Exception as refusal:  # the exception becomes a value and is compared like the others
        return "!" + type(refusal).__name__


def results(case, sample, seed, function=None):
    """
    The operator's results for clones of the sample's inputs, then the gradients of these inputs.

    The seed is set before each sample, so that a random operator repeats its draws. `function` replaces the
    operator (its compiled form).
    """
    given, positional, named = _opdb_samples.cloned(_opdb_samples.arguments(sample))
    _opdb_samples.seed(case.device, seed)
    output = (function or case.operator)(given, *positional, **named)
    if not case.differentiable:
        return [output]
    return [output, gradients(sample.output_process_fn_grad(output), (given, positional, named))]


def gradients(output, inputs):
    """Gradients of all inputs that require one, under a cotangent that differs for every element."""
    import torch

    ends = [each for each in _opdb_samples.tensors(output) if each.requires_grad]
    leaves = [each for each in _opdb_samples.tensors(inputs) if each.requires_grad]
    if not ends or not leaves:
        return []
    return torch.autograd.grad(ends, leaves, [_cotangent(each) for each in ends], allow_unused=True)


def _cotangent(output):
    import torch

    if output.layout != torch.strided or output.is_nested:
        return torch.ones_like(output)
    return _ramp(output.numel(), output.dtype, output.device.type).reshape(output.shape)


@functools.lru_cache(maxsize=256)
def _ramp(count, dtype, device):
    import torch

    return torch.linspace(-1, 1, max(count, 1), device=device)[:count].to(dtype)
