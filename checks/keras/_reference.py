"""
The model without dropout in float64 by NumPy, forward and backward.

Keras cannot be its own reference: on PyTorch and JAX its matrix products of float64 are computed in float32 (Keras
3.15.1, keras#23704).
"""

from __future__ import annotations

EPSILON = 1e-3
"""The constant that Keras adds to the variance in layer norm."""


def outputs(weights, words, classes):
    """Output, loss and gradients by Keras's names; `weights` in the order of `get_weights`."""
    import numpy

    table, kernel, bias, gamma, beta, head, shift = (array.astype("float64") for array in weights)
    rows, length, width = (*words.shape, table.shape[1])
    padded = numpy.pad(table[words], ((0, 0), (1, 1), (0, 0)))
    windows = numpy.concatenate([padded[:, place : place + length] for place in range(3)], axis=-1)
    before = windows @ kernel.reshape(3 * width, width) + bias
    hidden = numpy.maximum(before, 0)
    deviation = numpy.sqrt(hidden.var(-1, keepdims=True) + EPSILON)
    normed = (hidden - hidden.mean(-1, keepdims=True)) / deviation
    flat = (normed * gamma + beta).reshape(rows, -1)
    logits = flat @ head + shift
    powers = numpy.exp(logits - logits.max(-1, keepdims=True))
    shares = powers / powers.sum(-1, keepdims=True)
    loss = -numpy.log(shares[numpy.arange(rows), classes]).mean()

    wrong = shares.copy()
    wrong[numpy.arange(rows), classes] -= 1
    wrong /= rows
    to_layered = (wrong @ head.T).reshape(normed.shape)
    to_normed = to_layered * gamma
    centred = to_normed - to_normed.mean(-1, keepdims=True)
    to_hidden = (centred - normed * (to_normed * normed).mean(-1, keepdims=True)) / deviation
    to_before = to_hidden * (before > 0)
    to_windows = to_before @ kernel.reshape(3 * width, width).T
    to_padded = numpy.zeros_like(padded)
    for place in range(3):
        to_padded[:, place : place + length] += to_windows[..., place * width : (place + 1) * width]
    to_table = numpy.zeros_like(table)
    numpy.add.at(to_table, words, to_padded[:, 1:-1])
    steep = windows.reshape(-1, 3 * width).T @ to_before.reshape(-1, width)
    return {
        "output": logits,
        "loss": numpy.asarray([loss]),
        "gradient embedding/embeddings": to_table,
        "gradient convolution/kernel": steep.reshape(kernel.shape),
        "gradient convolution/bias": to_before.sum((0, 1)),
        "gradient layer_norm/gamma": (to_layered * normed).sum((0, 1)),
        "gradient layer_norm/beta": to_layered.sum((0, 1)),
        "gradient dense/kernel": flat.T @ wrong,
        "gradient dense/bias": wrong.sum(0),
    }
