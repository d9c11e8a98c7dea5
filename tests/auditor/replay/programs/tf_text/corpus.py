"""A generated corpus of product reviews with two sentiments."""

from __future__ import annotations

import random
import re

GOOD = [
    "great",
    "excellent",
    "sturdy",
    "lovely",
    "reliable",
    "quick",
    "bright",
    "comfortable",
    "clever",
    "superb",
    "pleasant",
    "solid",
]
BAD = ["broken", "awful", "flimsy", "noisy", "slow", "dull", "painful", "cheap", "faulty", "useless", "rude", "fragile"]
THINGS = [
    "kettle",
    "lamp",
    "chair",
    "keyboard",
    "headset",
    "blender",
    "jacket",
    "tent",
    "bicycle",
    "drill",
    "mattress",
    "router",
    "monitor",
    "wallet",
]
FILLERS = ["really", "very", "quite", "somewhat", "rather", "honestly", "frankly", "overall", "truly", "simply"]
TIMES = ["yesterday", "weeks", "months", "days", "hours", "year", "morning", "evening", "weekend"]
TEMPLATES = (
    "The {thing} is {filler} {word} and the {other} was {word2}.",
    "I bought this {thing} {time} ago, {filler} {word}!",
    "After some {time} of use the {thing} feels {word}; my {other} is {word2}",
    "{filler}, a {word} {thing}. Would you buy it again this {time}? {word2} service.",
)
TOKEN = re.compile(r"[a-z]+")


def tokenize(text: str) -> list[str]:
    """Lower-case words."""
    return TOKEN.findall(text.lower())


def make_reviews(count: int, seed: int) -> tuple[list[str], list[int]]:
    """Write reviews; a tenth of the sentiment words are of the other kind."""
    rng = random.Random(seed)
    texts, labels = [], []
    for _ in range(count):
        label = rng.randrange(2)
        words = [rng.choice(GOOD if (rng.random() < 0.9) == bool(label) else BAD) for _ in range(2)]
        thing, other = rng.sample(THINGS, 2)
        texts.append(
            rng.choice(TEMPLATES).format(
                thing=thing,
                other=other,
                word=words[0],
                word2=words[1],
                filler=rng.choice(FILLERS),
                time=rng.choice(TIMES),
            )
        )
        labels.append(label)
    return texts, labels
