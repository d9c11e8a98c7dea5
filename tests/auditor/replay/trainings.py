"""A small training whose state is a dictionary: its optimizer steps as a run tells them, whole and resumed."""

from __future__ import annotations

import copy
import hashlib
import random

from auditor.replay.resume.steps import Step

SAMPLES, BATCH = 12, 3
"""Of an epoch, and of a step."""
SITE = "train.py\t7\tmain\toptimizer.step()"


def hashed(*parts):
    """16 hexadecimal digits that depend on all parts."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def beginning():
    """The state with which the program begins."""
    return {
        "weights": hashed("start"),
        "slots": {},
        "last_epoch": 0,
        "scale": 1024.0,
        "clean": 0,
        "torch": 5,
        "buffers": hashed("mean"),
        "epoch": -1,
        "order": [],
        "shuffled_by": 99,
    }


class Training:
    """Makes steps. `drops`: dropout draws from torch's generator; `named`: the loader tells indices."""

    def __init__(self, state=None, *, drops=True, named=True, augments=False):
        self.state = copy.deepcopy(state) if state else beginning()
        self._drops, self._named, self._augments = drops, named, augments

    def saved(self):
        """A checkpoint: all of the state."""
        return copy.deepcopy(self.state)

    def steps(self, count):
        """So many further steps."""
        return [self._step() for _ in range(count)]

    def _batch(self):
        state = self.state
        if not state["order"]:
            state["epoch"] += 1
            state["order"] = random.Random(state["shuffled_by"] + state["epoch"]).sample(range(SAMPLES), SAMPLES)
        taken, state["order"] = state["order"][:BATCH], state["order"][BATCH:]
        return taken

    def _step(self):
        state = self.state
        before = {
            "weights": state["weights"],
            "slots": {name: hashed(value) for name, value in state["slots"].items()},
            "groups": [{"lr": repr(1 / (1 + state["last_epoch"] // 4))}],
            "schedulers": [{"kind": "StepLR", "last_epoch": repr(state["last_epoch"])}],
            "scalers": [{"kind": "GradScaler", "scale": repr(state["scale"]), "growth_tracker": repr(state["clean"])}],
        }
        samples = self._batch()
        drawn = state["torch"] if self._augments else 0
        rows = [hashed(sample, drawn) for sample in samples]
        gradient = hashed(before["weights"], rows, state["torch"] if self._drops else 0)
        state["torch"] += 1
        state["slots"] = {"step": len(state["slots"]) and state["slots"]["step"] + 1, "exp_avg": gradient}
        state["weights"] = hashed(before, gradient)
        state["buffers"] = hashed(state["buffers"], rows)
        state["last_epoch"] += 1
        state["clean"] += 1
        return Step(
            **before,
            optimizer=0,
            kind="AdamW",
            records=0,
            site=SITE,
            gradient=gradient,
            after=state["weights"],
            buffers=state["buffers"],
            losses=[repr(int(gradient, 16) / 2**64)],
            rows=rows,
            samples=samples if self._named else [None] * BATCH,
            workers=0,
            passes=state["epoch"] + 1,
            generators={"torch": hashed(state["torch"]), "numpy": hashed("never drawn")},
        )


def whole_and_saved(at, count=12, **kind):
    """The steps of a whole training, and its state after step `at`."""
    training = Training(**kind)
    first = training.steps(at)
    saved = training.saved()
    return first + training.steps(count - at), saved
