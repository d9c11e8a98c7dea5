"""Synthetic sentences about animals, tools and food, with their classes."""

from __future__ import annotations

import random

import torch
from torch.utils.data import Dataset

TOPICS = {
    "animal": ["otter", "heron", "badger", "lynx", "mole", "wren", "stoat"],
    "food": ["bread", "plum", "cheese", "leek", "barley", "honey", "trout"],
    "tool": ["hammer", "chisel", "rake", "anvil", "lathe", "plane", "awl"],
}
FILLERS = [
    "the",
    "a",
    "this",
    "old",
    "small",
    "near",
    "with",
    "under",
    "over",
    "by",
    "from",
    "we",
    "saw",
    "took",
    "one",
]
LABELS = sorted(TOPICS)
WORDS = ["<pad>", *sorted({*FILLERS, *(word for words in TOPICS.values() for word in words)})]
INDEX = {word: number for number, word in enumerate(WORDS)}


class SentenceDataset(Dataset):
    """Sentences in which most of the nouns are of one topic."""

    def __init__(self, size: int, seed: int) -> None:
        rng = random.Random(seed)
        self.rows = [self._sentence(rng) for _ in range(size)]

    @staticmethod
    def vocabulary_size() -> int:
        """Number of words, padding included."""
        return len(WORDS)

    @staticmethod
    def classes() -> int:
        """Number of topics."""
        return len(LABELS)

    @staticmethod
    def _sentence(rng: random.Random) -> tuple[list[int], int]:
        label = rng.randrange(len(LABELS))
        words = []
        for _ in range(rng.randint(5, 20)):
            if rng.random() < 0.6:
                words.append(rng.choice(FILLERS))
            else:
                topic = LABELS[label] if rng.random() < 0.7 else rng.choice(LABELS)
                words.append(rng.choice(TOPICS[topic]))
        return [INDEX[word] for word in words], label

    def __len__(self) -> int:
        """How many sentences."""
        return len(self.rows)

    def __getitem__(self, index: int) -> tuple[list[int], int]:
        """Ids and label."""
        return self.rows[index]


def collate(rows: list[tuple[list[int], int]]) -> dict[str, torch.Tensor]:
    """Pad to the longest sentence of the batch."""
    longest = max(len(ids) for ids, _ in rows)
    input_ids = torch.zeros(len(rows), longest, dtype=torch.long)
    for number, (ids, _) in enumerate(rows):
        input_ids[number, : len(ids)] = torch.tensor(ids)
    return {
        "input_ids": input_ids,
        "attention_mask": (input_ids != 0).long(),
        "labels": torch.tensor([label for _, label in rows]),
    }
