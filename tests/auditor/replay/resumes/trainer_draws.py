"""
A Trainer whose data set draws noise for each sample, as augmentations do. Written like the program of transformers#39215.

    python trainer_draws.py                  # a new run
    python trainer_draws.py --resume         # go on from the last checkpoint
"""

import argparse
import time

import torch
from torch import nn
from transformers import Trainer, TrainingArguments
from transformers.trainer_utils import set_seed


class Noisy(torch.utils.data.Dataset):
    """Points on a line, each with noise that is drawn when it is asked for."""

    def __init__(self, rows=64, *, draws=True):
        self.x = torch.linspace(-1, 1, rows * 4).reshape(rows, 4)
        self.draws = draws

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        time.sleep(0.02)
        x = self.x[index]
        if self.draws:
            x = x + 0.1 * torch.randn(4)
        return {"x": x, "labels": self.x[index].sum()}


class Net(nn.Module):
    """A regressor that gives its loss, as the Trainer wants it."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x, labels):
        """The loss, and the prediction."""
        out = self.layers(x).squeeze(-1)
        return {"loss": nn.functional.mse_loss(out, labels), "logits": out}


def main():
    """Train for some steps."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--plain", action="store_true", help="the data set draws nothing")
    parser.add_argument("--steps", type=int, default=24)
    args = parser.parse_args()
    set_seed(0)
    torch.set_num_threads(1)
    training = TrainingArguments(
        output_dir="out",
        max_steps=args.steps,
        save_steps=10,
        per_device_train_batch_size=4,
        use_cpu=True,
        report_to=[],
        logging_steps=12,
        disable_tqdm=True,
        learning_rate=1e-2,
        seed=0,
    )
    trainer = Trainer(model=Net(), args=training, train_dataset=Noisy(draws=not args.plain))
    trainer.train(resume_from_checkpoint=args.resume or None)


main()
