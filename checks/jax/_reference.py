"""The small model and programs in float64 with NumPy only, independent of the compilers that are checked."""

from __future__ import annotations

from . import _model

STEP = 1e-30
"""Imaginary step of the complex-step derivative: it has no cancellation, so the smallest step is the best."""


def loss(values, words, classes):
    """`_model.loss` without dropout; accepts complex values, for derivatives."""
    import numpy

    width = _model.WIDTH
    hidden = values["embedding"][0][words]
    padded = numpy.pad(hidden, ((0, 0), (1, 1), (0, 0)))
    hidden = sum(padded[:, shift : shift + words.shape[1]] @ values["conv"][shift] for shift in range(3))
    centred = hidden - hidden.mean(-1, keepdims=True)
    hidden = centred / numpy.sqrt((centred * centred).mean(-1, keepdims=True) + 1e-5)
    query, keys, content = (hidden @ values["attention"][place] for place in range(3))
    scores = numpy.exp(query @ keys.transpose(0, 2, 1) / width**0.5)
    hidden = (hidden + (scores / scores.sum(-1, keepdims=True)) @ content).mean(1)
    hidden = hidden @ values["dense"][0]
    logits = numpy.where(hidden.real > 0, hidden, 0) @ values["dense"][1]
    chosen = logits[numpy.arange(len(classes)), classes]
    return (numpy.log(numpy.exp(logits).sum(-1)) - chosen).mean()


def gradients(values, words, classes):
    """Loss and gradient of every layer; gradients are computed value by value with complex steps."""
    import numpy

    moved = {layer: array.astype(numpy.complex128) for layer, array in values.items()}
    found = {"loss": numpy.asarray(loss(moved, words, classes).real)}
    for layer, array in moved.items():
        gradient = numpy.zeros(array.shape)
        for place in numpy.ndindex(*array.shape):
            array[place] += STEP * 1j
            gradient[place] = loss(moved, words, classes).imag / STEP
            array[place] = array[place].real
        found["gradient of %s" % layer] = gradient
    return found


def programs(matrix):
    """The small programs of `compiled_eager`."""
    import numpy

    matrix = matrix.astype(numpy.float64)
    padded = numpy.pad(matrix, ((0, 1), (0, 0)))
    return {
        "padded blocks": numpy.stack([padded[start * 4 : start * 4 + 5] for start in range(4)]),
        "floor division in a loop": numpy.asarray(2 // 2 // -3),
        "derivative at a tie": numpy.full(3, 0.5),
        "variance": matrix.var(0),
    }
