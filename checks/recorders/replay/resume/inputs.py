"""
What a training step takes in: the rows that enter the model, and the samples of the data loader behind them.

A row is one sample of a batch: the digest of its part of each tensor. The loader tells the indices of its dataset that
it asked for; a row with the content of one that the loader gave has its index, in whatever order batches are fetched.
"""

from __future__ import annotations

import collections
import functools
import threading

from ..trace import digests

MOST_ROWS = 4096
"""Rows of one batch that are told."""
MOST_KNOWN = 1 << 15
"""Rows of loaders that are remembered."""
MOST_NESTED = 6


class Inputs:
    """What was taken in since the last step of this process."""

    def __init__(self, torch, contents, quiet):
        self._torch, self._contents, self._quiet = torch, contents, quiet
        self._local = threading.local()
        self._known = collections.OrderedDict()
        """Digest of a row of one tensor to the index of its sample."""
        self._model, self._rows, self._latest = None, [], None
        self.workers, self.passes, self.model = 0, 0, None

    def taken(self):
        """(rows, samples) since the last step: hexadecimal digests, and indices or None for those not known."""
        rows, self._rows, self._model = self._rows, [], None
        latest, self._latest = self._latest, None
        samples = [index for _, index in rows]
        if latest and len(latest) == len(rows) and not any(one is not None for one in samples):
            samples = latest
        return ["%016x" % row for row, _ in rows], samples

    # ------------------------------------------------------------------------------------------------- the model

    def follow_modules(self, problem):
        """Wrap `Module.__call__`; torch's compiler calls a module's inner function and does not pass here."""
        module, local, torch = self._torch.nn.Module, self._local, self._torch
        plain = module.__call__

        @functools.wraps(plain)
        def call(*args, **kwargs):
            depth = getattr(local, "depth", 0)
            if not depth and args and torch.is_grad_enabled() and args[0].training:
                try:
                    self._enters(args[0], (args[1:], kwargs))
                except Exception as error:
                    problem(error)
            local.depth = depth + 1
            try:
                return plain(*args, **kwargs)
            finally:
                local.depth = depth

        module.__call__ = call

    def _enters(self, model, given):
        """An outermost module is called: the first one since the last step takes the batch."""
        if self._model is None:
            if not any(True for _ in model.parameters()):
                return  # a loss
            self._model = self.model = model
        if model is not self._model or len(self._rows) >= MOST_ROWS:
            return
        tensors = [one for one in tensors_in(self._torch.Tensor, given) if one.grad_fn is None]
        with self._quiet():
            self._rows += self._of(tensors)

    def _of(self, tensors):
        """(digest, index or None) of each row of tensors with as many rows as the first."""
        columns = [self._column(one) for one in tensors if one.dim() and not one.is_nested]
        count = len(columns[0]) if columns else 0
        found = []
        for row in zip(*(column for column in columns if len(column) == count)):
            index = next((self._known[part] for part in row if part in self._known), None)
            found.append((digests.mixed(row), index))
        return found[:MOST_ROWS]

    def _column(self, tensor):
        plain = tensor.detach()
        plain = (plain if plain.device.type == "cpu" else plain.cpu()).contiguous()
        count = min(len(plain), MOST_ROWS)
        size = plain.element_size() * (plain.numel() // max(1, len(plain)))
        address, digest = plain.data_ptr(), self._contents._function
        if plain.dtype.is_complex or not address:
            return [self._contents.digest(one) for one in plain[:count]]
        return [digest(address + size * row, size) for row in range(count)]

    # ------------------------------------------------------------------------------------------------- the loader

    def follow_loader(self, module, generators, problem):
        """Wrap the iterators of `torch.utils.data.DataLoader`."""
        base, seen = module._BaseDataLoaderIter, {}
        plain_index, plain_next = base._next_index, base.__next__

        def next_index(iterator):
            indices = plain_index(iterator)
            _asked(iterator).append(indices)
            return indices

        def next_batch(iterator):
            number = seen.setdefault(id(iterator._dataset), len(seen) + 1)
            batch = plain_next(iterator)
            try:
                self.workers = max(self.workers, getattr(iterator, "_num_workers", 0))
                self._of_loader(generators, number, iterator)
                if "_auditor_given" not in iterator.__dict__ and self._torch.is_grad_enabled():
                    self.passes += 1
                iterator._auditor_given = True
                asked = _asked(iterator)
                self._gives(asked.popleft() if asked else None, batch)
            except Exception as error:
                problem(error)
            return batch

        base._next_index, base.__next__ = next_index, functools.wraps(plain_next)(next_batch)

    @staticmethod
    def _of_loader(generators, number, iterator):
        """Note the program's own generator behind the order of a loader."""
        sampler = getattr(iterator, "_index_sampler", None)
        own = getattr(getattr(sampler, "sampler", sampler), "generator", None)
        if own is not None:
            generators.of_loader(number, own)

    def _gives(self, indices, batch):
        """The loader gives a batch for these indices."""
        indices = list(indices) if isinstance(indices, (list, tuple)) else [indices]
        self._latest = [one if type(one) is int else None for one in indices]
        if not self._torch.is_grad_enabled() or not any(one is not None for one in self._latest):
            self._latest = self._latest if self._torch.is_grad_enabled() else None
            return
        wide = [one for one in tensors_in(self._torch.Tensor, batch) if one.dim() and len(one) == len(indices)]
        if wide:  # a narrow one, such as a mask, is equal in many samples
            with self._quiet():
                widest = max(wide, key=lambda one: one.numel() * one.element_size())
                self._known.update(zip(self._column(widest), self._latest))
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)


def _asked(iterator):
    found = iterator.__dict__.get("_auditor_asked")
    if found is None:
        found = iterator.__dict__["_auditor_asked"] = collections.deque()
    return found


def tensors_in(tensor, value, depth=MOST_NESTED):
    """The tensors in nested lists, tuples and mappings, in their order."""
    if isinstance(value, tensor):
        yield value
    elif depth and isinstance(value, (list, tuple)):
        for one in value:
            yield from tensors_in(tensor, one, depth - 1)
    elif depth and isinstance(value, collections.abc.Mapping):
        for one in value.values():
            yield from tensors_in(tensor, one, depth - 1)
