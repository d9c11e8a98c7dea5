"""
Calls of TensorFlow's raw operators from short descriptions: inputs, attributes, outputs and their digests.

A tensor is described by text: `@float32[2,3]` are numbers between -5 and 5 of that shape, `@float32[2,3]+` between
0 and 1, `@int32[4]%9` integers below 9, `@int32[2]=4,7` these values. In place of a dtype may stand the name of a
type attribute that the sample is replayed for. Every other value of a sample is an attribute.
"""

from __future__ import annotations

import json
import os
import re
import zlib

from .. import sampled

SEEDS = os.path.join(os.path.dirname(os.path.realpath(__file__)), "_raw_inputs.json")
TENSOR = re.compile(r"@(\w+)\[([\d,]*)\](.*)")
SPREAD, STEP = 10007, 7919
"""Two primes: multiples of one modulo the other look random, repeat late, and are the same on every machine."""


def seeds():
    """The file of samples: `operators`, and the `tensorflow` release that they were found with."""
    with open(SEEDS, encoding="utf-8") as handle:
        return json.load(handle)


def part_of(operators, part):
    """The operators of a part: one in three in the full tier, else all."""
    return {name: entry for name, entry in operators.items() if sampled.taken(name, part)}


def cases(operators, names=()):
    """
    `Operator dtype` to its samples, each the arguments of a call; `names` keeps only these.

    A sample is stored once and replayed for each dtype that worked in the search: `T` stands for the dtype.
    """
    wanted, chosen = set(names or ()), {}
    for operator, entry in sorted(operators.items()):
        for dtype, numbers in entry["dtypes"].items():
            key = "%s %s" % (operator, dtype)
            if not wanted or key in wanted:
                chosen[key] = [bound(entry["samples"][number], entry["for"], dtype) for number in numbers]
    return chosen


def bound(value, placeholder, dtype):
    """A sample with its type attribute's name replaced by the dtype."""
    if isinstance(value, dict):
        return {name: bound(item, placeholder, dtype) for name, item in value.items()}
    if isinstance(value, list):
        return [bound(item, placeholder, dtype) for item in value]
    if isinstance(value, str) and placeholder:
        return dtype if value == "$" + placeholder else value.replace("@%s[" % placeholder, "@%s[" % dtype)
    return value


def call(tf, operator, arguments):
    """The outputs of one call as a list of tensors. Raises TensorFlow's exceptions."""
    outputs = getattr(tf.raw_ops, operator)(**{name: argument(tf, name, it) for name, it in arguments.items()})
    return meant(operator, flat(outputs))


MEANT = dict.fromkeys(("BlockLSTM", "BlockLSTMV2"), (1, 6))
MEANT.update(dict.fromkeys(("FusedBatchNormV2", "FusedBatchNormV3"), (0, 1, 2)))
MEANT.update(dict.fromkeys(("FusedBatchNormGrad", "FusedBatchNormGradV2", "FusedBatchNormGradV3"), (0, 1, 2)))
"""
Positions of the defined outputs, where not all are.

BlockLSTM never writes its gates after the last step, and its gradient never reads them there; FusedBatchNorm leaves
what it reserves for its gradient unwritten in float16 when it does not train, where the gradient does not read it; the
last two outputs of that gradient are placeholders.
"""


def meant(operator, outputs):
    """The defined outputs of a call."""
    return [outputs[place] for place in MEANT[operator]] if operator in MEANT else outputs


def flat(outputs):
    """The tensors of an operator's result, which may be nested or empty."""
    if outputs is None or type(outputs).__name__ == "Operation":
        return []
    if isinstance(outputs, (list, tuple)):
        return [tensor for item in outputs for tensor in flat(item)]
    return [outputs]


def argument(tf, name, value):
    """A tensor (or a list of tensors) for a description; an attribute as it is."""
    if isinstance(value, list) and value and is_tensor(value[0]):
        return [argument(tf, "%s%d" % (name, place), item) for place, item in enumerate(value)]
    if not is_tensor(value):
        return value
    dtype, shape, content = parsed(value)
    array, bits = numbers_of(tf, name, dtype, shape, content)
    return tf.bitcast(tf.constant(array), dtype) if bits else tf.constant(array)


def is_tensor(value):
    """Whether it is a tensor's description."""
    return isinstance(value, str) and value.startswith("@")


def parsed(value):
    """Dtype, shape and content of a tensor's description."""
    dtype, shape, content = TENSOR.fullmatch(value).groups()
    return dtype, tuple(int(side) for side in shape.split(",") if side), content


QUANTISED = {"qint8": "int8", "quint8": "uint8", "qint16": "int16", "quint16": "uint16", "qint32": "int32"}
"""Types that NumPy lacks; their tensors are made from these by a bitcast."""


def numbers_of(tf, name, dtype, shape, content):
    """An array of the described numbers, and whether it holds the bits of a quantised type."""
    import numpy

    held = tf.as_dtype(QUANTISED.get(dtype, dtype)).as_numpy_dtype
    if content.startswith("="):
        given = [float(text) if "." in text else int(text) for text in content[1:].split(",") if text]
        return numpy.array(given).reshape(shape).astype(held), dtype in QUANTISED
    count = int(numpy.prod(shape, dtype=numpy.int64))
    steps = (numpy.arange(count, dtype=numpy.int64) * STEP + zlib.crc32(name.encode())) % SPREAD
    kind = tf.as_dtype(dtype)
    if content.startswith("%"):
        numbers = steps % max(1, int(content[1:]))
    elif kind.is_floating or kind.is_complex:
        numbers = steps / float(SPREAD) if content == "+" else steps / float(SPREAD) * 10.0 - 5.0
    elif kind == tf.bool:
        numbers = steps % 2
    else:
        numbers = steps % 9 - (0 if kind.is_unsigned or dtype.startswith("quint") or content == "+" else 4)
    if kind.is_complex:
        numbers = numbers + 1j * numbers[::-1]
    return numbers.reshape(shape).astype(held), dtype in QUANTISED


def digest(tensors):
    """crc32 (8 hex digits) over dtype, shape and raw bits of tensors, in order."""
    state = 0
    for tensor in tensors:
        array = tensor.numpy()
        state = zlib.crc32(("%s%s" % (tensor.dtype.name, tuple(tensor.shape))).encode(), state)
        has_bytes = hasattr(array, "tobytes") and not array.dtype.hasobject  # an array of strings holds pointers
        state = zlib.crc32(
            array.tobytes() if has_bytes else repr(array.tolist() if hasattr(array, "tolist") else array).encode(),
            state,
        )
    return "%08x" % state


def digest_of_inputs(tf, samples):
    """crc32 (8 hex digits) over the attributes and the tensors of all samples of one case."""
    import numpy

    state = 0
    for arguments in samples:
        state = zlib.crc32(json.dumps(arguments, sort_keys=True).encode(), state)
        for name, value in sorted(arguments.items()):
            for text in value if isinstance(value, list) else [value]:
                if is_tensor(text):
                    state = zlib.crc32(numpy.ascontiguousarray(numbers_of(tf, name, *parsed(text))[0]).tobytes(), state)
    return "%08x" % state


def shapes(arguments):
    """The tensors of one sample as text: `input 2x9x9x3, filter 3x3x3x5`."""
    every = [(name, it) for name, value in arguments.items() for it in (value if isinstance(value, list) else [value])]
    tensors = [(name, parsed(it)[1]) for name, it in every if is_tensor(it)]
    return ", ".join("%s %s" % (name, "x".join(map(str, shape)) or "scalar") for name, shape in tensors)
