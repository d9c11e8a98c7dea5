"""Sentiment of reviews: preprocessing with the datasets library, training of a bag of embeddings with torch."""

from __future__ import annotations

import argparse
import logging
import os
import re
import time
from collections import Counter
from pathlib import Path

os.environ.setdefault("HF_DATASETS_CACHE", str(Path(".cache/datasets").absolute()))
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import datasets
import numpy as np
import torch
from corpus import make_reviews
from torch import nn
from torch.utils.data import DataLoader

log = logging.getLogger("reviews")
UNKNOWN = "<unk>"


def parse_args() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reviews", type=int, default=2000)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--max-length", type=int, default=16)
    parser.add_argument("--lr", type=float, default=5e-3)
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--output", type=Path, default=Path("outputs"))
    return parser.parse_args()


def words_of(text: str) -> list[str]:
    """Words in lower case."""
    return re.findall(r"[a-z]+", text.lower())


def build_vocabulary(texts: list[str], minimum: int = 2) -> dict[str, int]:
    """Ids by falling frequency; 0 pads, 1 is unknown."""
    counts = Counter(word for text in texts for word in words_of(text))
    frequent = [word for word, count in counts.most_common() if count >= minimum]
    return {word: number for number, word in enumerate(["<pad>", UNKNOWN, *frequent])}


def prepare(args: argparse.Namespace) -> tuple[datasets.DatasetDict, dict[str, int]]:
    """Raw reviews to columns of tensors, through the cache on disk."""
    raw = datasets.Dataset.from_dict(make_reviews(args.reviews, seed=99))
    stored = Path(os.environ["HF_DATASETS_CACHE"]) / "raw"
    raw.save_to_disk(stored)
    reviews = datasets.load_from_disk(stored)
    reviews = reviews.filter(lambda row: row["stars"] != 3)
    reviews = reviews.map(lambda row: {"label": int(row["stars"] > 3)}, remove_columns=["stars"])
    splits = reviews.train_test_split(test_size=0.2, seed=args.seed)
    vocabulary = build_vocabulary(splits["train"]["text"][:])

    def encode(batch: dict[str, list]) -> dict[str, list]:
        rows = []
        for text in batch["text"]:
            ids = [vocabulary.get(word, vocabulary[UNKNOWN]) for word in words_of(text)][: args.max_length]
            rows.append(ids + [0] * (args.max_length - len(ids)))
        return {"input_ids": rows}

    splits = splits.map(encode, batched=True, batch_size=256, remove_columns=["text"])
    return splits.with_format("torch"), vocabulary


class BagOfWords(nn.Module):
    """The mean of word embeddings, and how many votes the review has."""

    def __init__(self, words: int, width: int = 32) -> None:
        super().__init__()
        self.embed = nn.EmbeddingBag(words, width, mode="mean", padding_idx=0)
        self.head = nn.Sequential(nn.Linear(width + 1, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 2))

    def forward(self, input_ids: torch.Tensor, votes: torch.Tensor) -> torch.Tensor:
        """Logits."""
        scaled = torch.log1p(votes.float()).unsqueeze(-1)
        return self.head(torch.cat([self.embed(input_ids), scaled], dim=-1))


@torch.no_grad()
def evaluate(model: nn.Module, loader: DataLoader) -> float:
    """Accuracy."""
    model.eval()
    hits = [(model(row["input_ids"], row["votes"]).argmax(-1) == row["label"]).float() for row in loader]
    return torch.cat(hits).mean().item()


def main() -> None:
    """Prepare, train, evaluate, save."""
    args = parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    torch.set_num_threads(2)
    torch.manual_seed(args.seed)

    began = time.time()
    splits, vocabulary = prepare(args)
    sizes = {name: len(split) for name, split in splits.items()}
    log.info(
        "prepared %s with %d words in %.2f s, cache %s",
        sizes,
        len(vocabulary),
        time.time() - began,
        datasets.config.HF_DATASETS_CACHE,
    )

    train_loader = DataLoader(splits["train"].shuffle(seed=args.seed), batch_size=args.batch_size, shuffle=True)
    test_loader = DataLoader(splits["test"], batch_size=128)
    model = BagOfWords(len(vocabulary))
    balance = np.bincount(np.asarray(splits["train"]["label"]), minlength=2)
    weight = torch.tensor(balance.sum() / (2.0 * balance), dtype=torch.float32)
    criterion = nn.CrossEntropyLoss(weight=weight)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)

    for epoch in range(args.epochs):
        model.train()
        began, losses = time.time(), []
        for batch in train_loader:
            loss = criterion(model(batch["input_ids"], batch["votes"]), batch["label"])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        rate = sizes["train"] / (time.time() - began)
        accuracy = evaluate(model, test_loader)
        log.info("epoch %d: loss %.4f, accuracy %.4f, %.0f examples/s", epoch, np.mean(losses), accuracy, rate)

    args.output.mkdir(exist_ok=True)
    torch.save({"model": model.state_dict(), "vocabulary": vocabulary, "args": vars(args)}, args.output / "model.pt")


if __name__ == "__main__":
    main()
