"""A short training that can be saved after any step and continued in another process."""

from __future__ import annotations

import random

from ..fingerprint import digest
from . import _models, _opdb, _state

STEPS, SAVED_AT = 6, 3
SEED = 20260101
OPTIMIZERS = ("AdamW", "SGD")


class Training:
    """Model, optimizer, scheduler, gradient scaler and a shuffled loader; each has a state to save."""

    def __init__(self, kind, device):
        import torch

        self.device = torch.device(device)
        self.model = _models.classifier(dropout=0.1).to(self.device)
        parameters = self.model.parameters()
        with _opdb.environment_kept():
            if kind == "AdamW":
                self.optimizer = torch.optim.AdamW(parameters, lr=1e-2, amsgrad=True)
            else:
                self.optimizer = torch.optim.SGD(parameters, lr=1e-2, momentum=0.9, nesterov=True)
        self.scheduler = torch.optim.lr_scheduler.OneCycleLR(self.optimizer, max_lr=2e-2, total_steps=STEPS + 1)
        self.scaler = torch.amp.GradScaler(self.device.type, init_scale=1024.0, growth_interval=2)
        self.generator = torch.Generator()
        self.generator.manual_seed(SEED)
        self.position = 0

    def run(self, steps):
        """Run that many steps from the current state; returns the loss of each."""
        losses = []
        for tokens, labels in self._batches(steps):
            self.optimizer.zero_grad()
            _, loss = self.model(_augmented(tokens).to(self.device), labels.to(self.device))
            self.scaler.scale(loss).backward()
            self.scaler.step(self.optimizer)
            self.scaler.update()
            self.scheduler.step()
            losses.append(loss.detach())
        return losses

    def _batches(self, steps):
        """The next batches of the only epoch, whose order the loader's generator decides at its start."""
        from torch.utils import data

        begun = self.generator.get_state()
        loader = data.DataLoader(_samples(), batch_size=_models.BATCH, shuffle=True, generator=self.generator)
        found = list(loader)[self.position : self.position + steps]
        self.generator.set_state(begun)
        self.position += steps
        return found

    def state(self):
        """A full checkpoint of plain values and tensors, so that `weights_only` can load it."""
        import numpy
        import torch

        name, words, *rest = numpy.random.get_state()
        cuda = torch.cuda.get_rng_state_all() if self.device.type == "cuda" else []
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler.state_dict(),
            "scaler": self.scaler.state_dict(),
            "loader": {"generator": self.generator.get_state(), "position": self.position},
            "python": random.getstate(),
            "numpy": (name, words.tolist(), *rest),
            "torch": torch.get_rng_state(),
            "cuda": cuda,
        }

    def load(self, state):
        """Restore a result of `state`."""
        import numpy
        import torch

        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scheduler.load_state_dict(state["scheduler"])
        self.scaler.load_state_dict(state["scaler"])
        self.generator.set_state(state["loader"]["generator"])
        self.position = state["loader"]["position"]
        random.setstate(state["python"])
        numpy.random.set_state(state["numpy"])
        torch.set_rng_state(state["torch"])
        if state["cuda"]:
            torch.cuda.set_rng_state_all(state["cuda"])

    def parts(self):
        """A digest of each part in memory, read directly and not through a `state_dict`."""
        import numpy
        import torch

        named = [*self.model.named_parameters(), *self.model.named_buffers()]
        found = {"model": named, "scheduler": _plain(self.scheduler), "scaler": self._scaler()}
        found["optimizer settings"] = [sorted(_settings(group).items()) for group in self.optimizer.param_groups]
        for name in sorted({key for held in self.optimizer.state.values() for key in held}):
            held = (self.optimizer.state[each].get(name) for each in self.model.parameters())
            found["optimizer " + name] = list(held)
        found["loader"] = [self.generator.get_state(), self.position]
        found["python generator"] = repr(random.getstate())
        found["numpy generator"] = list(numpy.random.get_state())
        found["torch generator"] = [torch.get_rng_state()]
        if self.device.type == "cuda":
            found["torch generator"].append(torch.cuda.get_rng_state())
        return {name: digest(value) for name, value in found.items()}

    def _scaler(self):
        return [self.scaler.get_scale(), self.scaler._get_growth_tracker()]


def _samples():
    """The data set: random tokens and labels that are the same in every process."""
    import torch
    from torch.utils import data

    generator = torch.Generator().manual_seed(SEED)
    count = STEPS * _models.BATCH
    tokens = torch.randint(_models.VOCABULARY, (count, _models.LENGTH), generator=generator)
    return data.TensorDataset(tokens, torch.randint(_models.CLASSES, (count,), generator=generator))


def _augmented(tokens):
    """Shift the inputs by draws of Python's and NumPy's generators, as augmentation does."""
    import numpy

    return tokens.roll(random.randrange(_models.LENGTH) + numpy.random.randint(_models.LENGTH), 1)


def _settings(group):
    return {name: repr(value) for name, value in group.items() if name != "params"}


def _plain(scheduler):
    """The scheduler's numbers; its other attributes are functions and the optimizer."""
    return sorted(
        (name, repr(value)) for name, value in vars(scheduler).items() if isinstance(value, (int, float, list))
    )


def straight(kind, device, path):
    """
    Train 2N steps without interruption and save a checkpoint after N.

    Returns the parts at the time of saving, and the later losses with the parts at the end.
    """
    import torch

    with _state.seeded(SEED):
        training = Training(kind, device)
        training.run(SAVED_AT)
        torch.save(training.state(), path)
        saved = training.parts()
        losses = training.run(STEPS - SAVED_AT)
        return saved, dict(training.parts(), losses=digest(losses))


def resumed(arguments):
    """In a fresh process: load the checkpoint and train on. Returns what `straight` returns, or a refusal's type."""
    import torch

    training = Training(arguments["kind"], arguments["device"])
    training.load(torch.load(arguments["path"], weights_only=True))
    loaded = training.parts()
    try:
        losses = digest(training.run(STEPS - SAVED_AT))
    except Exception as refusal:  # training may fail after a loss of state: the failure is the answer
        return loaded, {"losses": "refused: %s" % type(refusal).__name__}
    return loaded, dict(training.parts(), losses=losses)


def resumed_all(jobs):
    """Continue each training from its own checkpoint, one after the other in one fresh process."""
    return [resumed(each) for each in jobs]
