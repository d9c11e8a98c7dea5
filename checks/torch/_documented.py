"""
What PyTorch documents about its operators: which may not repeat, and which may return unwritten memory.

Source: the documentation of torch 2.13, `torch.use_deterministic_algorithms` and `torch.empty`, read in the installed
package. Names are those of `op_db`. Tags (`torch.Tag`) are read at run time, because they depend on the version.
"""

from __future__ import annotations

SWITCH = "https://docs.pytorch.org/docs/2.13/generated/torch.use_deterministic_algorithms.html"
EMPTY = "https://docs.pytorch.org/docs/2.13/generated/torch.empty.html"

ON_EVERY_DEVICE = (
    "__getitem__",  # its derivative, where the index is a list of tensors
    "index_copy",
    "index_put",
    "nn.functional.max_unpool1d",
    "nn.functional.max_unpool1d.grad",
    "nn.functional.max_unpool2d",
    "nn.functional.max_unpool2d.grad",
    "nn.functional.max_unpool3d",
    "nn.functional.max_unpool3d.grad",
    "put",
    "take",  # its derivative is `put_` with accumulate
)
ON_CUDA = (
    "bincount",
    "bmm",  # sparse with dense
    "cumsum",
    "gather",
    "grid_sampler_2d",
    "grid_sampler_3d",
    "histc",
    "index_add",
    "index_select",
    "median",
    "nanmedian",
    "nn.functional.adaptive_avg_pool2d",
    "nn.functional.adaptive_avg_pool3d",
    "nn.functional.adaptive_max_pool2d",
    "nn.functional.avg_pool3d",
    "nn.functional.conv1d",
    "nn.functional.conv2d",
    "nn.functional.conv3d",
    "nn.functional.conv_transpose1d",
    "nn.functional.conv_transpose2d",
    "nn.functional.conv_transpose3d",
    "nn.functional.cross_entropy",  # calls NLLLoss
    "nn.functional.ctc_loss",
    "nn.functional.embedding_bag",
    "nn.functional.fractional_max_pool2d",
    "nn.functional.fractional_max_pool3d",
    "nn.functional.grid_sample",
    "nn.functional.interpolate.bicubic",
    "nn.functional.interpolate.bilinear",
    "nn.functional.interpolate.linear",
    "nn.functional.interpolate.trilinear",
    "nn.functional.max_pool3d",
    "nn.functional.nll_loss",
    "nn.functional.pad.reflect",
    "nn.functional.pad.replicate",
    "repeat_interleave",
    "scatter",
    "scatter_add",
    "scatter_reduce.mean",
    "scatter_reduce.prod",
    "scatter_reduce.sum",
)
"""Operators that the switch's page lists as nondeterministic."""

REPEATING = {
    **dict.fromkeys(ON_EVERY_DEVICE, SWITCH),
    **{"cuda:" + name: SWITCH for name in (*ON_EVERY_DEVICE, *ON_CUDA)},
}
"""Operator to the page that documents that it may not repeat."""

UNWRITTEN = dict.fromkeys(
    ("empty", "empty_like", "empty_permuted", "empty_strided", "new_empty", "new_empty_strided"), EMPTY
)
"""Operators that return unwritten memory by design: only their shape and dtype are compared."""

TAGS = ("nondeterministic_seeded", "nondeterministic_bitwise")


def tagged(entries):
    """Tag to the names of the catalogue entries of which some overload carries it (labels with entries given)."""
    import torch

    known = torch.Tag.__members__
    return {
        tag: sorted(label for label, entry in entries if known.get(tag) and known[tag] in _tags(torch, entry))
        for tag in TAGS
    }


def _tags(torch, entry):
    packet = getattr(torch.ops.aten, entry.aten_name or "", None)
    overloads = packet.overloads() if hasattr(packet, "overloads") else ()
    return {tag for overload in overloads for tag in getattr(packet, overload).tags}
