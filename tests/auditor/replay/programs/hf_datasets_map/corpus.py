"""Synthetic product reviews with stars."""

from __future__ import annotations

import random

THINGS = ["kettle", "lamp", "backpack", "headset", "keyboard", "blanket", "drill", "bottle"]
GOOD = ["sturdy", "quiet", "lovely", "reliable", "bright", "light", "handy", "excellent"]
BAD = ["flimsy", "noisy", "ugly", "broken", "dim", "heavy", "useless", "dreadful"]
TAILS = ["would buy again", "sent it back", "as described", "arrived late", "my second one", "a gift for a friend"]


def make_reviews(count: int, seed: int) -> dict[str, list]:
    """Columns of reviews: text, stars, helpful votes."""
    rng = random.Random(seed)
    columns: dict[str, list] = {"text": [], "stars": [], "votes": []}
    for _ in range(count):
        stars = rng.randint(1, 5)
        words = [rng.choice(GOOD if rng.random() < (stars - 0.5) / 5 else BAD) for _ in range(rng.randint(2, 5))]
        text = f"The {rng.choice(THINGS)} is {', '.join(words)}. {rng.choice(TAILS).capitalize()}!"
        columns["text"].append(text)
        columns["stars"].append(stars)
        columns["votes"].append(rng.randint(0, 20))
    return columns
