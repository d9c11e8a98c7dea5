"""
Knows of the global generators of Python and NumPy whether they are seeded where no seed call was seen.

A program may seed NumPy's by another way than `numpy.random.seed`; then the generator's own words tell it. And it may
save a state and restore it: the generator is then as seeded as it was when the state was saved.
"""

from __future__ import annotations

import ctypes

WORDS = 624
FIRST_OF_ARRAY = 0x80000000
"""The first word after a seed that is an array, or the system's entropy."""
MASK_32 = (1 << 32) - 1
MOST_STATES = 4096
"""Saved states that are remembered; then all are forgotten, and a state that is restored counts as a seed."""


class NumpyWords:
    """
    The words of NumPy's global generator, read where they lie: asking for its state takes 47 microseconds.

    A NumPy whose words lie elsewhere has none here, and its seeds are then known by their calls alone.
    """

    def __init__(self, numpy_random):
        generator = getattr(getattr(numpy_random.mtrand, "_rand", None), "_bit_generator", None)
        self._generator = generator  # kept alive, as its words are read
        self._words = (0,) * (WORDS + 1)
        if type(generator).__name__ == "MT19937":
            words = (ctypes.c_uint32 * (WORDS + 1)).from_address(generator.ctypes.state_address)
            told = generator.state["state"]
            if [*words] == [*(int(one) for one in told["key"]), told["pos"]]:
                self._words = words
        self._from_system = set()
        self.took_entropy()

    def took_entropy(self):
        """The generator has its present state from the system's entropy, as it has when NumPy is imported."""
        self._from_system.add((self._words[1], self._words[2]))

    def fresh_seed(self):
        """
        The seed as text, if the generator was seeded and has not drawn since; else None.

        None also for a state from the system's entropy. By MT19937's recurrence the second word follows from a seed;
        after draws it does so in one of 2^32 states.
        """
        words = self._words
        first = words[0]
        if words[WORDS] != WORDS:
            return None
        if words[1] == (1812433253 * (first ^ (first >> 30)) + 1) & MASK_32:
            return str(first)
        if first != FIRST_OF_ARRAY or (words[1], words[2]) in self._from_system:
            return None
        return "array %08x%08x" % (words[1], words[2])


class SavedStates:
    """Of each state that the program saved, whether the generator was seeded then."""

    def __init__(self):
        self._known = {}

    def saved(self, family, state, *, seeded):
        """The program has read the state of a global generator."""
        if len(self._known) >= MOST_STATES:
            self._known.clear()
        self._known[family, _key(state)] = seeded

    def was_seeded(self, family, state):
        """Whether the generator was seeded when this state was saved; None if this process did not save it."""
        return self._known.get((family, _key(state)))


def _key(state):
    """A number that identifies a state: Python's tuple, or NumPy's tuple or dictionary."""
    if isinstance(state, dict):
        words, place = state["state"]["key"], int(state["state"]["pos"])
    else:
        words, place = state[1], int(state[2] or 0) if len(state) > 3 else 0  # Python's third part is a float
    return hash((words.tobytes() if hasattr(words, "tobytes") else tuple(words), place))
