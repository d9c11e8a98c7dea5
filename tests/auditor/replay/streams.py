"""Synthetic traces, written by the payload's own writer, which is loaded by its path."""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys

from support import ROOT

from auditor.replay.trace.archive import open_folder


def load(module):
    """A module of the payload's `recorders/replay/trace/`, under a package name of its own."""
    package, folder = "_replay_trace", ROOT / "checks/recorders/replay/trace"
    if package not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            package, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        sys.modules[package] = importlib.util.module_from_spec(spec)
    return importlib.import_module(f"{package}.{module}")


Stream = load("writer").Stream
writer = load("format")
"""The constants that the payload's writer uses."""
SITE = "train.py\t%d\t<module>\tcode of line %d"


class Written:
    """One stream that is being written."""

    def __init__(self, folder, key="main.0", *, detail=False, algorithm="crc32x2", rank=""):
        (folder / "streams").mkdir(parents=True, exist_ok=True)
        self.stream = Stream(str(folder / "streams" / f"{key}.trc"), algorithm, detail)
        lineage = key.rpartition(".")[0]
        meta = self.stream.define(writer.TEXTS, json.dumps({"python": "3.11.0", "rank": rank}))
        self.stream.append(writer.PROCESS, name=self.stream.define(writer.TEXTS, lineage), meta=meta)
        self.task = int(key.rpartition(".")[2])

    def op(self, name, digest, line=1, *, flags=0, state=0, meta="f32[2]@cpu", site=None, kind=writer.OP):
        """An operation; returns what an IN names as its writer."""
        stream = self.stream
        ids = stream.define(writer.NAMES, name), stream.define(writer.SITES, site or SITE % (line, line))
        meta = stream.define(writer.METAS, meta)
        place = stream.append(kind, flags, 0, *ids, meta, digest, state)
        return writer.writer_of(self.task, place)

    def input(self, digest, writer_of=0, storage=1, position=0):
        """An input of the operation before."""
        meta = self.stream.define(writer.METAS, "f32[2]@cpu")
        self.stream.append(writer.IN, 0, position, storage, 0, meta, digest, writer_of)

    def argument(self, text):
        """The scalar arguments of the operation before."""
        self.stream.append(writer.ARG, name=self.stream.define(writer.TEXTS, text))

    def other(self, kind, name, digest=0, line=1, *, flags=0, count=0, text="", extra=0):
        """A draw, a seed, a value from outside, a read."""
        stream = self.stream
        meta = stream.define(writer.TEXTS, text) if text else 0
        site = stream.define(writer.SITES, SITE % (line, line))
        stream.append(kind, flags, count, stream.define(writer.NAMES, name), site, meta, digest, extra)

    def end(self):
        """Close it."""
        self.stream.end()


def folder_of(path, *steps, detail=False, key="main.0", end=True, rank=""):
    """A trace of one stream: each step is a function of the Written, or a (name, digest, line) of an operation."""
    written = Written(path, key, detail=detail, rank=rank)
    for step in steps:
        if callable(step):
            step(written)
        else:
            written.op(*step)
    if end:
        written.end()
    return open_folder(path)
