"""
Sees in torch's generators themselves that they were seeded, whoever called.

A generator keeps the number of its last seed, also while it draws and when its state is saved and restored. At each
recorded draw that number is held against the one that this task saw last. If it is another one, and no recorded call
gave it, a SEED record tells it. So no wrapper of `manual_seed`, no method of a generator and no `fork_rng` is missed.
The record has the line that seeded the generator, where a method of it did, else the line that drew.

The number does not move with draws, so threads that draw in any order from one generator write the same records.
"""

from __future__ import annotations

from ..python import in_c
from ..trace.format import MOST_POSITION, NAMES, SEED, SITES, TEXTS

DEFAULT, OWN = "torch.default_generator", "torch.Generator"
"""Names of the SEED records: of the default generator of a device, and of one that the program made."""
FROM_SYSTEM = "None"
"""The text of a seed that came from the system's entropy, as of a seed call without an argument."""
MOST_KNOWN = 1024
"""Generators of one task from which on all are forgotten, and counted as new (a loader makes one in each epoch)."""


class Generators:
    """
    The generators from which recorded operations draw, in one process.

    Made when the program has imported torch and before anything can have seeded it: then the default generator has
    its seed from the system's entropy.
    """

    def __init__(self, torch, process, sites, function):
        self._torch, self._process, self._sites, self._function = torch, process, sites, function
        self._default = torch.default_generator
        self._from_system = {self._default.initial_seed()}
        self._given = self._default.initial_seed()
        """The default generator's seed by the last recorded call."""
        self._seeded_at = {}
        """Address of a generator of the program's own to its seed, and the frame's text where a method gave it."""

    def follow(self):
        """Wrap the methods that seed a generator, to know their callers; they are C code."""
        for name in ("manual_seed", "seed"):
            in_c.replace(self._torch.Generator, name, self._noting(getattr(self._torch.Generator, name)))

    def _noting(self, plain):
        def method(generator, *args, **kwargs):
            result = plain(generator, *args, **kwargs)
            try:
                self._note(generator)
            except Exception as problem:  # nothing of the recorder may reach the program
                self._process.problem(problem)
            return result

        method._torchdynamo_disable = True  # compilers call it as the C code that it was
        return method

    def _note(self, generator):
        if len(self._seeded_at) >= MOST_KNOWN:
            self._seeded_at.clear()
        self._seeded_at[generator._cdata] = generator.initial_seed(), self._sites.text(self._sites.frame(3))

    def state(self, args, kwargs):
        """
        (digest of the state, ordinal) of the generator from which an operation with these arguments will draw.

        The ordinal is 0 for a default generator; others are counted by each task in the order of their first draw.
        """
        generator = self._passed(args, kwargs)
        ordinal = 0
        stream = self._process.task.stream
        if generator is None:
            generator = self._default_of(args, kwargs)
            if stream is not None and generator is self._default:
                self._hold_default(stream)
        elif stream is not None:
            ordinal = self._hold_own(stream, generator)
        state = generator.get_state()
        return self._function(state.data_ptr(), state.numel()), ordinal

    def called(self, stream, from_system):
        """A seed call of the default generator was recorded, in this stream."""
        self._given = seed = self._default.initial_seed()
        _known(stream, seed).default = seed
        (self._from_system.add if from_system else self._from_system.discard)(seed)

    def _hold_default(self, stream):
        known, seed = _known(stream, self._given), self._default.initial_seed()
        if seed != known.default:
            known.default = seed
            self._write(stream, DEFAULT, FROM_SYSTEM if seed in self._from_system else str(seed), 0)

    def _hold_own(self, stream, generator):
        """The generator's ordinal in this task."""
        own, seed = _known(stream, self._given).own, generator.initial_seed()
        found = own.get(generator._cdata)
        if found is not None:
            if seed != found.seed:
                found.seed = seed
                self._write(stream, OWN, str(seed), found.ordinal, self._site(generator, seed))
            return found.ordinal
        if len(own) >= MOST_KNOWN:
            own.clear()
        known = _known(stream, self._given)
        known.count = min(known.count + 1, MOST_POSITION)
        own[generator._cdata] = _Own(generator, seed, known.count)
        self._write(stream, OWN, str(seed), known.count, self._site(generator, seed))
        return known.count

    def _site(self, generator, seed):
        """The text of the line that gave the generator this seed; None if no method of it did."""
        given, site = self._seeded_at.get(generator._cdata, (None, None))
        return site if given == seed else None

    def _write(self, stream, name, text, ordinal, at=None):
        site = stream.define(SITES, at or self._sites.text(self._sites.frame(3)))
        stream.append(SEED, 0, ordinal, stream.define(NAMES, name), site, stream.define(TEXTS, text))

    def _passed(self, args, kwargs):
        """The generator among the arguments; None if the operation draws from a default one."""
        generator = kwargs.get("generator")
        if generator is None:
            generator = next((one for one in args if isinstance(one, self._torch.Generator)), None)
        return None if generator is self._default else generator

    def _default_of(self, args, kwargs):
        """The default generator of the device; the CPU's while a CUDA graph is captured, when no other can be read."""
        cuda = getattr(self._torch, "cuda", None)
        generators = getattr(cuda, "default_generators", ())
        if not generators:
            return self._default  # the program has not used such a device
        index = next((one.device.index for one in args if getattr(one, "is_cuda", False)), None)
        if index is None and "device" in kwargs:
            device = self._torch.device(kwargs["device"] or "cpu")
            index = (cuda.current_device() if device.index is None else device.index) if device.type == "cuda" else None
        if index is None or index >= len(generators) or cuda.is_current_stream_capturing():
            return self._default
        return generators[index]


class _Own:
    """
    A generator of the program's own, as a task knows it by its address.

    It is kept alive, so that no other generator gets its address: which one does is chance, and a trace holds none.
    torch makes a new Python object for the same generator at each call, so the object's id does not name it.
    """

    __slots__ = ("generator", "ordinal", "seed")

    def __init__(self, generator, seed, ordinal):
        self.generator, self.seed, self.ordinal = generator, seed, ordinal


class _Known:
    """What one task has seen of generators."""

    __slots__ = ("count", "default", "own")

    def __init__(self, default):
        self.default, self.own, self.count = default, {}, 0


def _known(stream, default):
    found = getattr(stream, "torch_generators", None)
    if found is None:
        found = stream.torch_generators = _Known(default)
    return found
