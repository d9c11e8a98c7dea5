"""A seed that differs is made in one place, and given in another."""

import random


def seed_of(name):
    with memoryview(name.encode()) as view:
        return hash(name) % 2**32 + len(view)  # guilty: the string hash


def prepare(seed):
    random.seed(seed)


def draw(count):
    return [random.random() for _ in range(count)]


prepare(seed_of("first"))
print(sum(draw(5)))
