"""Keyword recognition with Hydra: configuration groups, outputs by date and time, metrics in JSON."""

# ruff: noqa: T201

from __future__ import annotations

import json
import logging
import random
import time
import uuid
from pathlib import Path

import hydra
import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from hydra.core.hydra_config import HydraConfig
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf
from recordings import KEYWORDS, BalancedBatchSampler, Recordings
from torch.utils.data import DataLoader

log = logging.getLogger(__name__)


def seed_all(seed: int) -> None:
    """Seed the three generators."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    torch.manual_seed(seed)


def train_epoch(model: torch.nn.Module, loader: DataLoader, optimizer: torch.optim.Optimizer) -> float:
    """Mean loss of an epoch."""
    model.train()
    losses = []
    for waves, labels in loader:
        shift = random.randint(-4, 4)
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(torch.roll(waves, shift, dims=-1)), labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return sum(losses) / len(losses)


@torch.no_grad()
def evaluate(model: torch.nn.Module, data: Recordings) -> dict[str, float]:
    """Loss and accuracy, and the accuracy for each keyword."""
    model.eval()
    logits = model(data.waves)
    hits = (logits.argmax(-1) == data.labels).float()
    found = {"loss": F.cross_entropy(logits, data.labels).item(), "accuracy": hits.mean().item()}
    for number, keyword in enumerate(KEYWORDS):
        found[f"accuracy_{keyword}"] = hits[data.labels == number].mean().item()
    return found


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(cfg: DictConfig) -> float:
    """Train and return the final accuracy, for sweeps."""
    output = Path(HydraConfig.get().runtime.output_dir)
    run_id = uuid.uuid4().hex[:8]
    log.info("run %s-%s in %s\n%s", cfg.run.name, run_id, output, OmegaConf.to_yaml(cfg))
    torch.set_num_threads(cfg.threads)
    seed = cfg.seed
    seed_all(seed)

    train_data = Recordings(cfg.data.recordings, cfg.data.length, cfg.data.noise, seed=100)
    test_data = Recordings(cfg.data.recordings // 2, cfg.data.length, cfg.data.noise, seed=200)
    sampler = BalancedBatchSampler(train_data.names, cfg.data.batch_per_class, seed=seed)
    loader = DataLoader(train_data, batch_sampler=sampler)
    model = instantiate(cfg.model, classes=len(KEYWORDS))
    optimizer = instantiate(cfg.optimizer)(model.parameters())

    history = []
    for epoch in range(1, cfg.epochs + 1):
        began = time.perf_counter()
        loss = train_epoch(model, loader, optimizer)
        seconds = time.perf_counter() - began
        metrics = {"epoch": epoch, "train_loss": loss, **evaluate(model, test_data)}
        history.append({**metrics, "seconds": seconds})
        log.info("epoch %d: loss %.4f, accuracy %.3f, %.2f s", epoch, loss, metrics["accuracy"], seconds)
        if epoch % cfg.run.save_every == 0:
            torch.save({"model": model.state_dict(), "epoch": epoch}, output / f"checkpoint_{epoch:03d}.pt")

    report = {"run_id": run_id, "history": history, "config": OmegaConf.to_container(cfg, resolve=True)}
    (output / "metrics.json").write_text(json.dumps(report, indent=2))
    print(f"{output}: accuracy {history[-1]['accuracy']:.3f}")
    return history[-1]["accuracy"]


if __name__ == "__main__":
    main()
