"""Inputs that the search for raw operators tries: guesses from their signatures, and variants of those that run."""
# It runs in the audited environment with the payload, so the payload's rules for types and formats apply:
# ruff: noqa: ANN001, ANN201, ANN202, UP031

from __future__ import annotations

import search_raw_hints as hints

from checks.tensorflow import _raw

SIDES = (1, 2, 3, 4, 5, 7)
ODD = {1: 1, 2: 7, 3: 5, 4: 9, 5: 17, 7: 33}
"""Each side, and its length in the larger variant: odd, and no multiple of a vector's width."""
SEED = 7919
"""For operators that draw; 0 would let TensorFlow choose one."""


def candidate(tf, definition, names, draws):
    """One guess at arguments: types, counts, shapes from a pool of few sides, contents, attributes by their names."""
    attrs = {attr.name: attr for attr in definition.attr}
    types, counts = {}, {}
    for attr in definition.attr:
        if attr.type == "type":
            types[attr.name] = draws.choice(_likely(_allowed(tf, attr)) or ["float32"])
    numbers = {arg.number_attr for arg in definition.input_arg if arg.number_attr}
    for number in numbers:
        counts[number] = max(attrs[number].minimum, draws.choice((1, 2, 2, 3)))
    sides = [draws.choice(SIDES) for _ in range(draws.choice((1, 1, 2, 3)))]
    shared = tuple(draws.choice(sides) for _ in range(draws.choice((0, 1, 1, 2, 2, 2, 3, 4, 4, 5))))
    alike = draws.random() < 0.4
    sample = {}
    for arg in definition.input_arg:
        dtype = types.get(arg.type_attr) or (tf.as_dtype(arg.type).name if arg.type else "float32")
        shape = (
            shared if alike else tuple(draws.choice(sides) for _ in range(draws.choice((0, 0, 1, 1, 1, 2, 2, 3, 4))))
        )
        if arg.number_attr:
            sample[names[arg.name]] = [_guess(tf, dtype, shape, sides, draws) for _ in range(counts[arg.number_attr])]
        elif arg.type_list_attr:
            sample[names[arg.name]] = [_guess(tf, "float32", shape, sides, draws)]
        else:
            sample[names[arg.name]] = _guess(tf, dtype, shape, sides, draws)
    inferred = {arg.type_attr for arg in definition.input_arg} | {arg.type_list_attr for arg in definition.input_arg}
    for attr in definition.attr:
        if attr.name in inferred or attr.name in numbers:
            continue
        value = types[attr.name] if attr.type == "type" else _attribute(attr, sides, draws)
        if value is not None:
            sample[names[attr.name]] = value
    return sample


def _allowed(tf, attr):
    listed = [tf.as_dtype(number).name for number in attr.allowed_values.list.type]
    usual = [name for name in hints.DTYPES if name in (listed or hints.DTYPES)]
    return usual or [name for name in hints.QUANTISED if name in listed]


def _likely(allowed):
    """Types with the usual ones first and often."""
    usual = [name for name in ("float32", "int32", "int64") if name in allowed]
    return usual * 3 + allowed if usual else allowed


def _guess(tf, dtype, shape, sides, draws):
    """A tensor's description; whole numbers in a short vector may be an axis, a size or indices: small literals."""
    whole = tf.as_dtype(dtype).is_integer
    text = "@%s[%s]" % (dtype, ",".join(map(str, shape)))
    if not whole:
        return text + draws.choice(("", "", "+"))
    if len(shape) <= 1 and draws.random() < 0.6:
        length = draws.choice((1, 2, 2, 3, 4)) if shape else 1
        first = draws.choice((0, 0, 1, 2, 3))
        way = draws.choice(("same", "rising", "sides", "any"))
        numbers = {
            "same": [first] * length,
            "rising": list(range(first, first + length)),
            "sides": [draws.choice(sides) for _ in range(length)],
            "any": [draws.choice((0, 1, 2, 3, 4)) for _ in range(length)],
        }[way]
        return "@%s[%s]=%s" % (dtype, length if shape else "", ",".join(map(str, numbers)))
    return text + draws.choice(("", "+", "%1", "%2", "%3"))


def _attribute(attr, sides, draws):
    """A value for an attribute, None to keep its default."""
    if attr.name in ("seed", "seed2"):
        return SEED
    has_default = attr.HasField("default_value")
    if has_default and draws.random() < 0.8:
        return None
    allowed = attr.allowed_values.list
    if attr.type == "string":
        return draws.choice([it.decode() for it in allowed.s]) if allowed.s else None
    if attr.type == "int":
        return max(attr.minimum if attr.has_minimum else 0, draws.choice((0, 1, 1, 2, 3, 4, 10)))
    if attr.type == "float":
        return draws.choice((0.1, 0.5, 1.0, 2.0))
    if attr.type == "bool":
        return draws.choice((True, False))
    if attr.type == "shape":
        return [draws.choice(sides) for _ in range(draws.choice((1, 2, 2, 3)))]
    if attr.type == "list(int)":
        length = draws.choice((1, 2, 4, 4, 4, 5))
        return draws.choice(
            ([1] * length, [1, *[2] * (length - 2), 1] if length > 2 else [2] * length, list(range(length)))
        )
    if attr.type == "list(float)":
        return [0.0, 0.5, 1.0][: draws.choice((1, 2, 3))]
    return None


def varied(sample, operator):
    """The sample, the same with odd sides, and with each side zero; what does not fit is refused when tried."""
    shapes = [_raw.parsed(it)[1] for it in descriptions(sample)]
    sides = sorted({side for shape in shapes for side in shape})
    yield sample
    if operator in hints.EXACT:
        return
    yield _resized(sample, ODD)
    for side in sides:
        yield _resized(sample, {side: ODD.get(side, side + 2)})
    for side in sides:
        yield _resized(sample, {side: 0})
    if operator in hints.GIVEN_ONLY:
        return
    for name, value in sample.items():
        for place in range(len(_raw.parsed(value)[1])) if _raw.is_tensor(value) else ():
            yield dict(sample, **{name: _resized_one(value, {}, place)})
    firsts = {shape[0] for shape in shapes if shape}
    for first in sorted(firsts):
        yield {name: _first_emptied(value, first) for name, value in sample.items()}


def _first_emptied(value, first):
    """Every tensor whose first side is `first`, without rows."""
    if not _raw.is_tensor(value):
        return value
    shape = _raw.parsed(value)[1]
    return _resized_one(value, {}, 0) if shape and shape[0] == first else value


def _resized(sample, sides):
    changed = {}
    for name, value in sample.items():
        if isinstance(value, list) and value and _raw.is_tensor(value[0]):
            changed[name] = [_resized_one(it, sides) for it in value]
        else:
            changed[name] = _resized_one(value, sides) if _raw.is_tensor(value) else value
    return changed


def _resized_one(value, sides, emptied=None):
    """A description with sides replaced (and one emptied); literal numbers are cut, or end with their last again."""
    dtype, shape, content = _raw.parsed(value)
    new = tuple(0 if place == emptied else sides.get(side, side) for place, side in enumerate(shape))
    if content.startswith("=") and new != shape:
        numbers, count = content[1:].split(","), count_of(new)
        content = "=" + ",".join((numbers + numbers[-1:] * count)[:count])
    return "@%s[%s]%s" % (dtype, ",".join(map(str, new)), content)


def placeholder_of(tf, definition):
    """
    The type attribute that samples are replayed for.

    That of the first output if an input has it too, or if the first input's is only of whole numbers (a shape, an
    index); else the first input's.
    """
    attrs = {attr.name: attr for attr in definition.attr}
    inputs = [arg.type_attr for arg in definition.input_arg if arg.type_attr]
    outputs = [arg.type_attr for arg in definition.output_arg if arg.type_attr]
    if not inputs or not outputs:
        return (inputs + outputs + [None])[0]
    whole = all(tf.as_dtype(it).is_integer for it in _allowed(tf, attrs[inputs[0]]))
    return outputs[0] if outputs[0] in inputs or whole else inputs[0]


def dtypes_of(tf, definition, placeholder):
    """All dtypes of the placeholder; without one, the first tensor's (or `any`) as a name only."""
    if placeholder is None:
        ends = [*definition.input_arg, *definition.output_arg]
        return [tf.as_dtype(it.type).name for it in ends if it.type][:1] or ["any"]
    return _allowed(tf, next(attr for attr in definition.attr if attr.name == placeholder))


def generic(sample, definition, names, placeholder):
    """The sample with the placeholder in place of its dtype, in all arguments of that type."""
    if placeholder is None:
        return sample
    changed = dict(sample)
    owners = [names[arg.name] for arg in definition.input_arg if arg.type_attr == placeholder]
    for name in owners:
        changed[name] = _retyped(sample[name], placeholder)
    if not owners and names.get(placeholder) in sample:
        changed[names[placeholder]] = "$" + placeholder
    return changed


def _retyped(value, placeholder):
    if isinstance(value, list):
        return [_retyped(item, placeholder) for item in value]
    return "@%s%s" % (placeholder, value[value.index("[") :])


def descriptions(sample):
    """The descriptions of all tensors of a sample, those in lists included."""
    return [
        text
        for value in sample.values()
        for text in (value if isinstance(value, list) else [value])
        if _raw.is_tensor(text)
    ]


def count_of(shape):
    """How many values a shape holds."""
    count = 1
    for side in shape:
        count *= side
    return count
