"""Synthetic corpus of small sums and recipes, and a character tokenizer for it."""

from __future__ import annotations

import random

import torch
from torch.utils.data import Dataset

PAD = "_"
INGREDIENTS = ["flour", "sugar", "butter", "milk", "eggs", "salt", "yeast", "honey"]


def make_sentence() -> str:
    """One line of the corpus: a sum or a step of a recipe."""
    if random.random() < 0.5:
        left, right = random.randint(0, 99), random.randint(0, 99)
        return f"{left} plus {right} is {left + right}."
    first, second = random.sample(INGREDIENTS, k=2)
    return f"stir {random.randint(1, 9)} cups of {first} into the {second}."


def make_corpus(size: int) -> list[str]:
    """As many lines as asked for, duplicates included."""
    return [make_sentence() for _ in range(size)]


class CharTokenizer:
    """Maps characters to ids; id 0 pads."""

    def __init__(self, texts: list[str]) -> None:
        characters = {character for text in texts for character in text}
        self.itos = [PAD, *sorted(characters)]
        self.stoi = {character: index for index, character in enumerate(self.itos)}

    def __len__(self) -> int:
        """Size of the vocabulary."""
        return len(self.itos)

    def encode(self, text: str) -> list[int]:
        """Ids of a text; characters that were not in the corpus are left out."""
        return [self.stoi[character] for character in text if character in self.stoi]

    def decode(self, ids: list[int]) -> str:
        """Text of ids, padding left out."""
        return "".join(self.itos[one] for one in ids if one)


class BlockDataset(Dataset):
    """The corpus joined and cut into blocks of equal length, as for causal language models."""

    def __init__(self, texts: list[str], tokenizer: CharTokenizer, block_size: int) -> None:
        ids = tokenizer.encode("".join(texts))
        count = len(ids) // block_size
        self.blocks = torch.tensor(ids[: count * block_size]).view(count, block_size)

    def __len__(self) -> int:
        """How many blocks."""
        return len(self.blocks)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        """Inputs and labels; the model shifts the labels."""
        block = self.blocks[index]
        return {"input_ids": block, "labels": block.clone()}
