"""Fine-tune a small encoder on synthetic sentences with Accelerate: gradient accumulation, schedule, saved states."""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.logging import get_logger
from accelerate.utils import ProjectConfiguration, set_seed
from model import SentenceClassifier
from sentences import SentenceDataset, collate
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader
from tqdm.auto import tqdm

logger = get_logger(__name__)


def parse_args() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output_dir", type=Path, default=Path("outputs"))
    parser.add_argument("--num_train_epochs", type=int, default=2)
    parser.add_argument("--per_device_batch_size", type=int, default=16)
    parser.add_argument("--gradient_accumulation_steps", type=int, default=2)
    parser.add_argument("--learning_rate", type=float, default=2e-3)
    parser.add_argument("--num_warmup_steps", type=int, default=5)
    parser.add_argument("--max_grad_norm", type=float, default=1.0)
    parser.add_argument("--train_size", type=int, default=640)
    parser.add_argument("--seed", type=int, default=3407)
    return parser.parse_args()


def make_loaders(args: argparse.Namespace) -> tuple[DataLoader, DataLoader]:
    """Training data shuffled, evaluation data in order."""
    train_set = SentenceDataset(args.train_size, seed=1)
    eval_set = SentenceDataset(160, seed=2)
    generator = torch.Generator()
    generator.manual_seed(args.seed)
    train_loader = DataLoader(
        train_set,
        batch_size=args.per_device_batch_size,
        shuffle=True,
        collate_fn=collate,
        generator=generator,
    )
    eval_loader = DataLoader(eval_set, batch_size=args.per_device_batch_size * 2, collate_fn=collate)
    return train_loader, eval_loader


def make_schedule(optimizer: torch.optim.Optimizer, warmup: int, total: int) -> LambdaLR:
    """Linear warm-up, then cosine."""

    def factor(step: int) -> float:
        if step < warmup:
            return step / max(1, warmup)
        return 0.5 * (1.0 + math.cos(math.pi * (step - warmup) / max(1, total - warmup)))

    return LambdaLR(optimizer, factor)


@torch.no_grad()
def evaluate(model: torch.nn.Module, loader: DataLoader, accelerator: Accelerator) -> dict[str, float]:
    """Loss and accuracy over the evaluation data."""
    model.eval()
    losses, hits, seen = [], 0, 0
    for batch in loader:
        logits, loss = model(**batch)
        predictions, labels = accelerator.gather_for_metrics((logits.argmax(-1), batch["labels"]))
        hits += int((predictions == labels).sum())
        seen += len(labels)
        losses.append(float(accelerator.gather_for_metrics(loss).mean()))
    return {"eval_loss": sum(losses) / len(losses), "accuracy": hits / seen}


def main() -> None:
    """Train and save the state after each epoch."""
    args = parse_args()
    torch.set_num_threads(1)
    accelerator = Accelerator(
        cpu=True,
        gradient_accumulation_steps=args.gradient_accumulation_steps,
        project_config=ProjectConfiguration(project_dir=str(args.output_dir)),
    )
    set_seed(args.seed)

    train_loader, eval_loader = make_loaders(args)
    model = SentenceClassifier(vocabulary=SentenceDataset.vocabulary_size(), classes=SentenceDataset.classes())
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.learning_rate, weight_decay=0.01)
    updates_per_epoch = math.ceil(len(train_loader) / args.gradient_accumulation_steps)
    total_updates = updates_per_epoch * args.num_train_epochs
    schedule = make_schedule(optimizer, args.num_warmup_steps, total_updates)
    model, optimizer, train_loader, eval_loader, schedule = accelerator.prepare(
        model, optimizer, train_loader, eval_loader, schedule
    )

    progress = tqdm(total=total_updates, desc="updates", disable=not accelerator.is_local_main_process)
    history = []
    for epoch in range(args.num_train_epochs):
        model.train()
        began, tokens, running = time.time(), 0, 0.0
        for batch in train_loader:
            with accelerator.accumulate(model):
                _, loss = model(**batch)
                accelerator.backward(loss)
                if accelerator.sync_gradients:
                    accelerator.clip_grad_norm_(model.parameters(), args.max_grad_norm)
                    progress.update(1)
                optimizer.step()
                schedule.step()
                optimizer.zero_grad()
            running += loss.item()
            tokens += int(batch["attention_mask"].sum())
            progress.set_postfix(loss=f"{loss.item():.3f}", lr=f"{schedule.get_last_lr()[0]:.1e}")
        metrics = evaluate(model, eval_loader, accelerator)
        metrics["train_loss"] = running / len(train_loader)
        metrics["tokens_per_second"] = tokens / (time.time() - began)
        history.append({"epoch": epoch, **metrics})
        accelerator.print(f"epoch {epoch}: " + ", ".join(f"{key} {value:.4f}" for key, value in metrics.items()))
        accelerator.save_state(str(args.output_dir / f"epoch_{epoch}"))
    progress.close()

    unwrapped = accelerator.unwrap_model(model)
    accelerator.save_model(unwrapped, str(args.output_dir / "final"))
    if accelerator.is_main_process:
        (args.output_dir / "history.json").write_text(json.dumps(history, indent=2))
    accelerator.end_training()


if __name__ == "__main__":
    main()
