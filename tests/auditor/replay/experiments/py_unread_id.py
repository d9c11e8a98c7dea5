"""Each object has an id of its own, which nobody reads: it is not why the output differs."""

import uuid


class Run:
    def __init__(self, name):
        self.name = name
        self.id = uuid.uuid4().hex
        self.notes = {}

    def note(self, key, value):
        self.notes[key] = value


def letters(words):
    kept = []
    for word in set(words):  # guilty: a set of strings in the order of their hashes
        kept.append(word[-2:])
    return kept


run = Run("one")
run.note("count", 20)
run.note("words", letters("word-%d" % number for number in range(10, 30)))
print(run.name, run.notes["count"])
print(run.notes["words"][:5])
