"""
Train a small encoder in bfloat16 autocast with gradient accumulation.

The learning rate warms up and then follows a cosine. Training ends after `max_steps`, or earlier when the validation
loss has not improved for `patience` evaluations. The settings are in config.yaml; `key=value` arguments replace them.
"""

import logging
import math
import sys
import time
from itertools import count
from pathlib import Path

import torch
import torch.nn.functional as F
import yaml
from model import Encoder, make_sequences
from torch.utils.data import DataLoader, TensorDataset

logger = logging.getLogger("train")


def read_config(arguments, path="config.yaml"):
    """Settings from the file, replaced by those of the command line."""
    config = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    for argument in arguments:
        key, _, value = argument.partition("=")
        if key not in config:
            raise SystemExit(f"unknown setting: {key}")
        config[key] = yaml.safe_load(value)
    return config


def learning_rate(step, config):
    """Linear warm-up, then a cosine down to a tenth."""
    if step < config["warmup_steps"]:
        return config["lr"] * (step + 1) / config["warmup_steps"]
    progress = (step - config["warmup_steps"]) / max(1, config["max_steps"] - config["warmup_steps"])
    return config["lr"] * (0.1 + 0.45 * (1 + math.cos(math.pi * min(progress, 1.0))))


def endless(loader):
    """Batches without end."""
    for epoch in count():
        logger.debug("epoch %d", epoch)
        yield from loader


@torch.no_grad()
def evaluate(model, loader):
    """Mean loss and accuracy."""
    model.eval()
    loss, right, seen = 0.0, 0, 0
    for tokens, labels in loader:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(tokens)
        loss += F.cross_entropy(logits.float(), labels, reduction="sum").item()
        right += (logits.argmax(dim=1) == labels).sum().item()
        seen += len(labels)
    model.train()
    return loss / seen, right / seen


class EarlyStopping:
    """Count evaluations without improvement."""

    def __init__(self, patience):
        self.patience, self.best, self.bad = patience, float("inf"), 0

    def __call__(self, loss):
        """Whether to stop after this loss."""
        if loss < self.best:
            self.best, self.bad = loss, 0
        else:
            self.bad += 1
        return self.bad >= self.patience


def optimizer_step(model, optimizer, batches, config):
    """Accumulate gradients over some batches, clip, and step; returns the mean loss."""
    total = 0.0
    for _ in range(config["accumulate"]):
        tokens, labels = next(batches)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = F.cross_entropy(model(tokens), labels) / config["accumulate"]
        loss.backward()
        total += loss.item()
    torch.nn.utils.clip_grad_norm_(model.parameters(), config["clip"])
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return total


def main():
    """Train and save the last weights."""
    config = read_config(sys.argv[1:])
    output = Path(config["output"])
    output.mkdir(exist_ok=True)
    handlers = [logging.StreamHandler(sys.stdout), logging.FileHandler(output / "log.txt", mode="w")]
    logging.basicConfig(level=logging.INFO, format="[%(asctime)s] %(message)s", handlers=handlers)
    logger.info("settings: %s", config)
    torch.manual_seed(config["seed"])
    torch.set_num_threads(1)

    train_set = TensorDataset(*make_sequences(2000, seed=1))
    valid_loader = DataLoader(TensorDataset(*make_sequences(400, seed=2)), batch_size=200)
    batches = endless(DataLoader(train_set, batch_size=config["batch_size"], shuffle=True, drop_last=True))
    model = Encoder()
    optimizer = torch.optim.AdamW(model.parameters(), lr=config["lr"], weight_decay=config["weight_decay"])
    stopping = EarlyStopping(config["patience"])

    began, tokens = time.monotonic(), 0
    for step in range(config["max_steps"]):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, config)
        loss = optimizer_step(model, optimizer, batches, config)
        tokens += config["accumulate"] * config["batch_size"] * 16
        elapsed = time.monotonic() - began
        if (step + 1) % config["eval_every"] == 0:
            valid_loss, accuracy = evaluate(model, valid_loader)
            logger.info(
                "step %d | loss %.4f | valid %.4f | accuracy %.3f | lr %.2e | %.0f tok/s",
                step + 1,
                loss,
                valid_loss,
                accuracy,
                optimizer.param_groups[0]["lr"],
                tokens / elapsed,
            )
            if stopping(valid_loss):
                logger.info("no improvement in %d evaluations", config["patience"])
                break
    torch.save({"model": model.state_dict(), "config": config}, output / "last.pt")
    logger.info("ended after %d steps in %.2f s", step + 1, elapsed)


if __name__ == "__main__":
    main()
