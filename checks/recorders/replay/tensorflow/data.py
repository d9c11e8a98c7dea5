"""
Finds random draws inside TensorFlow's functions and input pipelines, and whether they are seeded.

A pipeline's stages run in threads of their own, so it is recorded where an iterator returns an element. The record has
the line of the stage that may make elements differ: one that draws without a seed, returns elements in any order, or
draws in several threads.
"""

from __future__ import annotations

import re
from collections import namedtuple

Operation = namedtuple("Operation", "name site inputs attrs outputs")  # noqa: PYI024 - without typing, which costs import time
"""An operation that has run, or has been put into a graph."""
FUNCTION = re.compile(r"__(inference|forward|backward)_(.*)_\d+\Z", re.DOTALL)
"""TensorFlow's name of a traced function; its number counts the functions that the process traced before."""
ELEMENTS = ("IteratorGetNext", "IteratorGetNextSync", "IteratorGetNextAsOptional")
XLA = "_XlaMustCompile"
"""The attribute of functions that XLA compiles."""
ENTROPY = ("NonDeterministicInts",)
SEEDED_BY_INPUTS = {"ShuffleDataset": 1, "ShuffleAndRepeatDataset": 1, "RandomDataset": 0, "SamplingDataset": 0}
"""Datasets whose two seeds are inputs, to the index of the first seed among their int64 scalars."""

PYTHON = ("PyFunc", "EagerPyFunc")
"""Operations that call Python functions, which may draw."""
PARALLEL = ("Parallel", "MapAndBatch", "ExperimentalMapAndBatch")
"""Name prefixes of datasets whose functions run in several threads."""
IN_PARALLEL, IN_ANY_ORDER, UNSEEDED = 1, 2, 3
"""Suspicion of a stage, rising: draws in several threads; returns elements in any order; draws without a seed."""

UNRECORDED = ("shared_name", "container", "debug_name", "config_proto", "executor_type", "seed", "seed2", "metadata")
"""Attributes that do not affect the result, or that differ between processes."""


def function_name(name):
    """The source name of a traced function; empty if the operation is no call of one."""
    if not name.startswith("__"):
        return ""
    backward, plain = False, ""
    called = FUNCTION.match(name)
    while called:
        backward, plain = backward or called.group(1) == "backward", called.group(2)
        called = FUNCTION.match(plain)
    return plain + (" backward" if backward else "")


def seeds(name, attrs):
    """(seed, seed2) of an operation that draws, (0, 0) if it is unseeded; None if it does not draw."""
    if name in ENTROPY:
        return 0, 0
    keys = attrs[::2] if attrs else ()
    if "seed2" not in keys:
        return None
    found = dict(zip(keys, attrs[1::2]))
    return tuple(_number(found[key]) for key in ("seed", "seed2"))


def _number(value):
    return int(getattr(value, "i", value) or 0)


def arguments(attrs):
    """An operation's attributes as text, without those that differ between processes."""
    pairs = zip(attrs[::2], attrs[1::2]) if attrs else ()
    return ", ".join("%s=%s" % (key, _short(value)) for key, value in pairs if key not in UNRECORDED)[:400]


def _short(value):
    text = repr(value)
    return type(value).__name__ if " at 0x" in text or "func {" in text else " ".join(text.split())


def blamed(iterator, site):
    """(site, whether it draws unseeded) of the pipeline's most suspicious stage; without one, the `site` given."""
    return (iterator.drawn_at, iterator.suspect == UNSEEDED) if iterator.suspect else (site, False)


def _in_any_order(key, value):
    """Whether an attribute of a dataset allows any order of its elements."""
    if key == "serialized_options":
        from tensorflow.core.framework import dataset_options_pb2

        told = dataset_options_pb2.Options.FromString(value)
        return told.WhichOneof("optional_deterministic") is not None and not told.deterministic
    return key == "deterministic" and value in (b"false", "false")


class DrawAnalysis:
    """Finds random draws in functions and datasets."""

    def __init__(self, context):
        self._context = context
        self._known = {}

    def unseeded_function(self, name):
        """Whether a function, or one that it calls, draws from an unseeded generator."""
        return self._of_function(name)[1]

    def compiled_unseeded(self, attrs):
        """Whether an operation in a graph calls a function that XLA compiles and that draws unseeded."""
        for value in attrs[1::2] if attrs else ():
            name = value.func.name if hasattr(value, "func") else ""
            if name and self._context.context().has_function(name) and self._definition(name).attr[XLA].b:
                return self.unseeded_function(name)
        return False

    def _definition(self, name):
        return self._context.context().get_function_def(name)

    def _of_function(self, name):
        """(draws, draws unseeded) of the function of this name."""
        found = self._known.get(name)
        if found is None:
            self._known[name] = False, False  # ends the recursion of a function that calls itself
            found = self._known[name] = self._of_nodes(self._definition(name).node_def)
        return found

    def _of_nodes(self, nodes):
        draws = unseeded = False
        for node in nodes:
            draws |= node.op in PYTHON
            if node.op in ENTROPY or "seed2" in node.attr:
                draws = True
                unseeded |= not (node.attr["seed"].i or node.attr["seed2"].i)
            for value in node.attr.values():
                for called in (value.func.name, *(one.name for one in value.list.func)):
                    inner = self._of_function(called) if called else (False, False)
                    draws, unseeded = draws or inner[0], unseeded or inner[1]
        return draws, unseeded

    def mark(self, entry, made, tensors):
        """Set the suspicion and line of a dataset: those of its most suspicious stage."""
        entry.suspect, entry.drawn_at = self._of_dataset(made.name, made.inputs, made.attrs), made.site
        for one in made.inputs:
            source = tensors.entry(one) if tensors.is_handle(one) else None
            if source and source.suspect and source.suspect >= entry.suspect:
                entry.suspect, entry.drawn_at = source.suspect, source.drawn_at

    def _of_dataset(self, name, inputs, attrs):
        place = SEEDED_BY_INPUTS.get(name.rstrip("V0123456789"))
        if place is not None:
            given = [int(one._numpy_internal()) for one in inputs if one.dtype.name == "int64" and not one.shape.rank]
            return 0 if any(given[place : place + 2]) else UNSEEDED
        draws, suspect = False, 0
        for key, value in zip(attrs[::2], attrs[1::2]) if attrs else ():
            called = getattr(value, "name", None)
            if isinstance(called, bytes) and hasattr(value, "function_def"):
                inner, unseeded = self._of_function(called.decode())
                draws, suspect = draws or inner, UNSEEDED if unseeded else suspect
            elif _in_any_order(key, value):
                suspect = max(suspect, IN_ANY_ORDER)
        return suspect or (IN_PARALLEL if draws and name.startswith(PARALLEL) else 0)
