"""
Autotuning chooses only among kernels that give the same bits.

Why: where several kernels can do the work, torch takes the fastest of a short trial. A busy machine, another clock rate
or a cold cache can change the choice (pytorch#6351, pytorch#45053). The check does not depend on measured times: it
selects each family of kernels by name and runs it on equal inputs. It covers Inductor's `max_autotune` for a linear
layer with frozen weights (on a CPU: the C++ template and MKL) and, on a GPU, cuDNN's benchmark mode on and off. A
product is tuned several times among the library's kernels alone, which should then be one.

Remedy: leave `max_autotune` and `torch.backends.cudnn.benchmark` off. Or allow one family only; on a CPU:
`torch._inductor.config.max_autotune_gemm_backends = "ATEN"`. Or ship one compile cache to all machines, because the
cache keeps the choice.
"""

from __future__ import annotations

import contextlib
import re

from ..declare import Check, NotApplicable
from ..fingerprint import digest
from . import _compiling, _state

CHECK = Check(tier="full", rule="expected", needs=("numpy",), compiles=True)
FAMILIES = {"C++ template": "^cpp_", "Triton template": "^triton_", "library": "^(?!cpp_|triton_)"}
"""The families of kernels that Inductor times against each other, by the names of their choices."""
AGAIN = 6
"""A choice by chance between two kernels gives one and the same so often in one of 32 audits."""
TERMS = 1023
"""Of the product: with 256, kernels that group a sum in two halves gave the same bits (MKL)."""
SHAPE = (64, 256, 384)
"""Rows, inputs and outputs of the linear layer, for which both families are offered on a CPU."""


def measure(settings):
    """For each tuned operation: how many different results its kernels give, which should be 1."""
    values, kernels = {}, {}
    for prefix, device in _state.devices():
        results = _linear(device)
        if device.type == "cuda":
            values[prefix + "cuDNN benchmark"] = _distinct(_convolutions(device))
        again = _again(device)
        if again:
            values[prefix + "product, the library's kernel again"] = _distinct(again)
        if len(results) > 1:
            values[prefix + "linear layer, max_autotune"] = _distinct(list(results.values()))
            kernels[prefix + "linear layer"] = sorted(results)
    if not values:
        raise NotApplicable("nothing is tuned here: each operation has only one kernel")
    return dict(values, conditions={"kernels": kernels})


def _distinct(results):
    return {"expected": 1, "observed": len(set(results))}


def _linear(device):
    """The digest of a compiled linear layer for each family of kernels that supports it."""
    import torch

    if device.type == "cpu" and _compiling.missing_compiler():
        return {}
    rows, inputs, outputs = SHAPE
    with _state.seeded(23):
        layer = torch.nn.Linear(inputs, outputs).eval().to(device)
        given = torch.randn(rows, inputs).to(device)
    results = {}
    for family, pattern in FAMILIES.items():
        with contextlib.suppress(_NotOffered), _compiling.fresh_tracing():
            results[family] = digest(_compiled(torch, layer, (given,), pattern))
    return results


def _again(device):
    """Digests of a product that is compiled and tuned anew each time, with the library's kernels alone."""
    import torch

    if device.type == "cpu" and _compiling.missing_compiler():
        return []
    with _state.seeded(31):
        given = torch.randn(64, TERMS).to(device), torch.randn(TERMS, 48).to(device)
    results = []
    with contextlib.suppress(_NotOffered):
        for _ in range(AGAIN):
            with _compiling.fresh_tracing():
                results.append(digest(_compiled(torch, torch.mm, given, FAMILIES["library"])))
    return results


class _NotOffered(Exception):
    """This family has no kernel for the operation here."""


def _compiled(torch, function, given, pattern):
    """The function's result where only kernels whose names match may be chosen."""
    from torch._inductor import config, select_algorithm

    offered = []
    plain = select_algorithm.AlgorithmSelectorCache.__call__

    def choose(self, name, choices, *rest, **more):
        found = [choice for choice in choices if choice is not None and re.search(pattern, choice.name)]
        offered.extend(each.name for each in found)
        return plain(self, name, found or choices, *rest, **more)

    select_algorithm.AlgorithmSelectorCache.__call__ = choose
    try:
        caches = {"fx_graph_cache": False, "autotune_local_cache": False}  # caches would keep an earlier choice
        with config.patch(max_autotune=True, freezing=True, **caches), torch.no_grad():
            result = torch.compile(function)(*given)
    finally:
        select_algorithm.AlgorithmSelectorCache.__call__ = plain
    if not offered:
        raise _NotOffered
    return result


def _convolutions(device):
    """Digests of a convolution with cuDNN's benchmark mode off, and twice with it on."""
    import torch

    with _state.seeded(29):
        image, weight = torch.randn(8, 16, 33, 33).to(device), torch.randn(32, 16, 3, 3).to(device)
    before, results = torch.backends.cudnn.benchmark, []
    try:
        for on in (False, True, True):
            torch.backends.cudnn.benchmark = on
            results.append(digest(torch.nn.functional.conv2d(image, weight)))
    finally:
        torch.backends.cudnn.benchmark = before
    return results
