"""Answers a line of descriptions with a line of digests, until its input ends."""

import json
import sys

import numpy
import torch
from recording import digest


def made(library, kind, shape, raw):
    data = bytearray.fromhex(raw)
    if library == "torch":
        flat = (
            torch.frombuffer(data, dtype=torch.uint8).view(getattr(torch, kind))
            if data
            else torch.empty(0, dtype=getattr(torch, kind))
        )
        return flat.reshape(shape)
    return numpy.frombuffer(data, kind).reshape(shape)


for line in sys.stdin:
    print(json.dumps([digest(made(*description)) for description in json.loads(line)]), flush=True)
