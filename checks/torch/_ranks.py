"""The work of each rank of a process group; ranks are separate processes that find each other through a file."""

from __future__ import annotations

import contextlib
import os
import tempfile

from ..declare import NotApplicable
from ..fingerprint import digest
from ..process import child

LOOPBACK = {"GLOO_SOCKET_IFNAME": "lo", "NCCL_SOCKET_IFNAME": "lo"}
"""Ranks of one machine need no network."""
ROUNDS = 6
SIZES = (1, 7, 4097, 300_007)
"""Elements: no size is a multiple of the number of ranks, and the last is sent in several pieces."""
FEATURES, ROWS, OUTPUTS = 40, 24, 6
SIDES = (1, 5, 8)
"""Channels, height and width of the image that the features of a row make."""


def backends():
    """The backends that run here, each with its kind of device and its maximal number of ranks."""
    import torch

    distributed = torch.distributed
    if not distributed.is_available() or not distributed.is_gloo_available():
        raise NotApplicable("this build of torch has no gloo")
    found = [("gloo", "cpu", 8)]
    if torch.cuda.is_available() and torch.cuda.device_count() >= 2 and distributed.is_nccl_available():
        found.append(("nccl", "cuda", torch.cuda.device_count()))
    return found


def run(function, backend, kind, ranks):
    """The answers of all ranks of a new group, in order; saved tensors are loaded."""
    import torch

    with tempfile.TemporaryDirectory(prefix="auditor-ranks-") as folder:
        calls = [
            (
                "torch._ranks.%s" % function,
                {"folder": folder, "backend": backend, "kind": kind, "rank": rank, "ranks": ranks},
                LOOPBACK if os.path.isdir("/sys/class/net/lo") else None,
            )
            for rank in range(ranks)
        ]
        answers = child.run_all(calls)
        return [torch.load(each, weights_only=True) if isinstance(each, str) else each for each in answers]


@contextlib.contextmanager
def group(given, name="store"):
    """A process group of these ranks, and this rank's device."""
    import torch

    device = torch.device("cpu") if given["kind"] == "cpu" else torch.device("cuda", given["rank"])
    if device.type == "cuda":
        torch.cuda.set_device(device)
    store = "file://" + os.path.join(given["folder"], name)
    torch.distributed.init_process_group(
        given["backend"], init_method=store, rank=given["rank"], world_size=given["ranks"]
    )
    try:
        yield device
    finally:
        torch.distributed.destroy_process_group()


def collect(given):
    """Digests of each collective's results: a list over rounds and over two successive groups."""
    found = {}
    for name in ("first", "second"):
        with group(given, name) as device:
            for label, call in _collectives(given, device):
                found.setdefault(label, []).extend(digest(call()) for _ in range(ROUNDS))
    return found


def _collectives(given, device):
    """The collectives whose results all ranks share, each as a label and a function."""
    import torch

    for dtype in (torch.float32, torch.bfloat16):
        for size in SIZES:
            generator = torch.Generator().manual_seed(41 + given["rank"])
            mine = torch.randn(size, generator=generator).to(device, dtype)
            kind = "%d %s" % (size, str(dtype).replace("torch.", ""))
            yield "all-reduce, %s" % kind, lambda mine=mine: _all_reduced(mine)
            yield "all-gather, %s" % kind, lambda mine=mine: _all_gathered(mine, given["ranks"])
            yield "reduce-scatter, %s" % kind, lambda mine=mine: _reduce_scattered(mine, given["ranks"])


def _all_reduced(mine):
    import torch

    result = mine.clone()
    torch.distributed.all_reduce(result)
    return result


def _all_gathered(mine, ranks):
    import torch

    parts = [torch.empty_like(mine) for _ in range(ranks)]
    torch.distributed.all_gather(parts, mine)
    return torch.cat(parts)


def _reduce_scattered(mine, ranks):
    """Each rank's shard of the sums, gathered so that all ranks hold one result."""
    import torch

    share = torch.empty_like(mine)
    torch.distributed.reduce_scatter(share, [mine * (place + 1) for place in range(ranks)])
    return _all_gathered(share, ranks)


def model():
    """A small model without batch statistics, which differ by design between a shard and the whole batch."""
    from torch import nn

    image = nn.Sequential(nn.Unflatten(1, SIDES), nn.Conv2d(1, 3, 3, padding=1, bias=False), nn.Flatten())
    wide = 3 * FEATURES
    return nn.Sequential(image, nn.Linear(wide, 64), nn.GELU(), nn.LayerNorm(64), nn.Linear(64, OUTPUTS))


def batch():
    """The whole batch, the same in every process."""
    import torch

    generator = torch.Generator().manual_seed(43)
    return torch.randn(ROWS, FEATURES, generator=generator), torch.randint(OUTPUTS, (ROWS,), generator=generator)


def seeded_model():
    """The model with the same parameters in every process."""
    from . import _state

    with _state.seeded(47):
        return model()


def train(model, rows, labels):
    """One step of gradient descent: the loss, and each parameter's gradient and new value."""
    import torch

    loss = torch.nn.functional.cross_entropy(model(rows), labels)
    loss.backward()
    found = {}
    with torch.no_grad():
        for label, parameter in model.named_parameters():
            name = label.replace("module.", "", 1)
            found["gradient %s" % name] = parameter.grad.clone()
            parameter.sub_(0.1 * parameter.grad)
            found["parameter %s" % name] = parameter.detach().clone()
    return found


def ddp_step(given):
    """One DDP step on this rank's shard of the batch; the tensors are saved in a file beside the store."""
    import torch

    path = os.path.join(given["folder"], "rank-%d.pt" % given["rank"])
    with group(given) as device:
        wrapped = torch.nn.parallel.DistributedDataParallel(seeded_model().to(device))
        rows, labels = (part.to(device).chunk(given["ranks"])[given["rank"]] for part in batch())
        found = {name: tensor.cpu() for name, tensor in train(wrapped, rows, labels).items()}
    torch.save(found, path)
    return path
