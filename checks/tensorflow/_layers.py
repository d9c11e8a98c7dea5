"""Arguments and batches for every Keras layer that computes on numbers: data."""

from __future__ import annotations

import re

SEQUENCE, IMAGE, VOLUME, TABLE = "@float32[3,7,5]", "@float32[3,9,8,4]", "@float32[3,5,6,5,2]", "@float32[3,7]"
PICTURE = "@float32[3,8,8,3]+"
CHANNELS_1D = {"filters": 4, "kernel_size": 3}
CHANNELS_2D = {"filters": 5, "kernel_size": 3, "padding": "same"}
ONE = {"units": 4}
PAIR = (TABLE, TABLE)
FACTOR = {"factor": 0.5, "seed": 3}


def _of_rank(name, arguments, first=SEQUENCE):
    """Entries of one layer for one, two and three axes."""
    batches = (first, IMAGE, VOLUME)
    return {"%s%dD" % (name, rank + 1): (arguments, (batches[rank],)) for rank in range(3)}


LAYERS = {
    "Activation": ({"activation": "gelu"}, (TABLE,)),
    "ActivityRegularization": ({"l2": 0.1}, (TABLE,)),
    "Add": ({}, PAIR),
    "AdditiveAttention": ({}, (SEQUENCE, SEQUENCE)),
    "AlphaDropout": ({"rate": 0.3, "seed": 3}, (TABLE,)),
    "Attention": ({"use_scale": True}, (SEQUENCE, SEQUENCE)),
    "Average": ({}, PAIR),
    "BatchNormalization": ({}, (IMAGE,)),
    "Bidirectional": ({"layer": "SimpleRNN"}, (SEQUENCE,)),
    "CategoryEncoding": ({"num_tokens": 9, "output_mode": "count"}, ("@int32[3,7]%9",)),
    "CenterCrop": ({"height": 4, "width": 5}, (PICTURE,)),
    "Concatenate": ({}, PAIR),
    "Conv1D": (CHANNELS_1D, (SEQUENCE,)),
    "Conv2D": (CHANNELS_2D, (IMAGE,)),
    "Conv3D": (CHANNELS_2D, (VOLUME,)),
    "Conv1DTranspose": (CHANNELS_1D, (SEQUENCE,)),
    "Conv2DTranspose": (CHANNELS_2D, (IMAGE,)),
    "Conv3DTranspose": (CHANNELS_2D, (VOLUME,)),
    "ConvLSTM1D": (CHANNELS_1D, ("@float32[2,3,7,4]",)),
    "ConvLSTM2D": (CHANNELS_2D, ("@float32[2,3,6,5,2]",)),
    "ConvLSTM3D": (CHANNELS_2D, ("@float32[2,2,4,4,4,2]",)),
    "Dense": (ONE, (TABLE,)),
    "DepthwiseConv1D": ({"kernel_size": 3, "depth_multiplier": 2}, (SEQUENCE,)),
    "DepthwiseConv2D": ({"kernel_size": 3, "depth_multiplier": 2, "padding": "same"}, (IMAGE,)),
    "Discretization": ({"bin_boundaries": [-2.0, 0.0, 1.5]}, (TABLE,)),
    "Dot": ({"axes": 1}, PAIR),
    "Dropout": ({"rate": 0.3, "seed": 3}, (TABLE,)),
    "EinsumDense": ({"equation": "abc,cd->abd", "output_shape": [None, 6], "bias_axes": "d"}, (SEQUENCE,)),
    "ELU": ({}, (TABLE,)),
    "Embedding": ({"input_dim": 9, "output_dim": 4}, ("@int32[3,7]%9",)),
    "Flatten": ({}, (IMAGE,)),
    "GaussianDropout": ({"rate": 0.3, "seed": 3}, (TABLE,)),
    "GaussianNoise": ({"stddev": 0.3, "seed": 3}, (TABLE,)),
    "GroupNormalization": ({"groups": 2}, (IMAGE,)),
    "GroupQueryAttention": ({"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}, (SEQUENCE, SEQUENCE)),
    "GRU": (dict(ONE, return_sequences=True), (SEQUENCE,)),
    "GRUCell": (ONE, (TABLE, "@float32[3,4]")),
    "LSTMCell": (ONE, (TABLE, "@float32[3,4]", "@float32[3,4]")),
    "SimpleRNNCell": (ONE, (TABLE, "@float32[3,4]")),
    "AutoContrast": ({"value_range": [0, 1]}, (PICTURE,)),
    "Equalization": ({"value_range": [0, 1]}, (PICTURE,)),
    "RandomColorDegeneration": (dict(FACTOR, value_range=[0, 1]), (PICTURE,)),
    "RandomErasing": ({"value_range": [0, 1], "seed": 3}, (PICTURE,)),
    "RandomGaussianBlur": ({"value_range": [0, 1], "seed": 3}, (PICTURE,)),
    "RandomInvert": (dict(FACTOR, value_range=[0, 1]), (PICTURE,)),
    "RandomPerspective": ({"factor": 0.7, "seed": 3}, (PICTURE,)),
    "RandomPosterization": ({"factor": 3, "value_range": [0, 1], "seed": 3}, (PICTURE,)),
    "ReversibleEmbedding": ({"input_dim": 9, "output_dim": 4}, ("@int32[3,7]%9",)),
    "HashedCrossing": ({"num_bins": 5}, ("@int32[3]%9", "@int32[3]%7")),
    "Hashing": ({"num_bins": 5}, ("@int32[3,7]%99",)),
    "Identity": ({}, (TABLE,)),
    "LayerNormalization": ({}, (SEQUENCE,)),
    "LeakyReLU": ({}, (TABLE,)),
    "LSTM": (dict(ONE, return_sequences=True), (SEQUENCE,)),
    "Masking": ({"mask_value": 0.0}, (SEQUENCE,)),
    "Maximum": ({}, PAIR),
    "MelSpectrogram": ({"fft_length": 64, "sequence_stride": 16, "num_mel_bins": 8}, ("@float32[3,200]",)),
    "Minimum": ({}, PAIR),
    "MultiHeadAttention": ({"num_heads": 2, "key_dim": 3, "dropout": 0.2, "seed": 3}, (SEQUENCE, SEQUENCE)),
    "Multiply": ({}, PAIR),
    "Normalization": ({"mean": 0.5, "variance": 2.0}, (TABLE,)),
    "Permute": ({"dims": [2, 1]}, (SEQUENCE,)),
    "PReLU": ({}, (TABLE,)),
    "RandomBrightness": (FACTOR, (PICTURE,)),
    "RandomContrast": (FACTOR, (PICTURE,)),
    "RandomCrop": ({"height": 5, "width": 4, "seed": 3}, (PICTURE,)),
    "RandomFlip": ({"seed": 3}, (PICTURE,)),
    "RandomGrayscale": (FACTOR, (PICTURE,)),
    "RandomHue": (dict(FACTOR, value_range=[0, 1]), (PICTURE,)),
    "RandomRotation": (FACTOR, (PICTURE,)),
    "RandomSaturation": (dict(FACTOR, value_range=[0, 1]), (PICTURE,)),
    "RandomSharpness": (dict(FACTOR, value_range=[0, 1]), (PICTURE,)),
    "RandomShear": ({"x_factor": 0.3, "y_factor": 0.2, "seed": 3}, (PICTURE,)),
    "RandomTranslation": ({"height_factor": 0.3, "width_factor": 0.2, "seed": 3}, (PICTURE,)),
    "RandomZoom": ({"height_factor": 0.3, "seed": 3}, (PICTURE,)),
    "ReLU": ({"negative_slope": 0.1}, (TABLE,)),
    "RepeatVector": ({"n": 3}, (TABLE,)),
    "Rescaling": ({"scale": 0.3, "offset": 1.0}, (TABLE,)),
    "Reshape": ({"target_shape": [5, 7]}, (SEQUENCE,)),
    "Resizing": ({"height": 11, "width": 5}, (PICTURE,)),
    "RMSNormalization": ({}, (SEQUENCE,)),
    "RNN": ({"cell": "SimpleRNNCell"}, (SEQUENCE,)),
    "SeparableConv1D": (CHANNELS_1D, (SEQUENCE,)),
    "SeparableConv2D": (CHANNELS_2D, (IMAGE,)),
    "SimpleRNN": (ONE, (SEQUENCE,)),
    "Softmax": ({}, (TABLE,)),
    "Solarization": ({"value_range": [0, 1], "seed": 3}, (PICTURE,)),
    "SpectralNormalization": ({"layer": "Dense"}, (TABLE,)),
    "STFTSpectrogram": ({"frame_length": 32, "frame_step": 16, "fft_length": 64}, ("@float32[3,200,1]",)),
    "Subtract": ({}, PAIR),
    "TimeDistributed": ({"layer": "Dense"}, (SEQUENCE,)),
    "UnitNormalization": ({}, (TABLE,)),
}
"""Class name to arguments and batches. A wrapper names the class of the layer that it wraps, which has 4 units."""
LAYERS.update(_of_rank("AdaptiveAveragePooling", {"output_size": 2}))
LAYERS.update(_of_rank("AdaptiveMaxPooling", {"output_size": 2}))
LAYERS.update(_of_rank("AveragePooling", {"pool_size": 2, "padding": "same"}))
LAYERS.update(_of_rank("MaxPooling", {"pool_size": 2, "padding": "same"}))
LAYERS.update(_of_rank("GlobalAveragePooling", {}))
LAYERS.update(_of_rank("GlobalMaxPooling", {}))
LAYERS.update(_of_rank("Cropping", {"cropping": 1}))
LAYERS.update(_of_rank("SpatialDropout", {"rate": 0.4, "seed": 3}))
LAYERS.update(_of_rank("UpSampling", {"size": 2}))
LAYERS.update(_of_rank("ZeroPadding", {"padding": 1}))

LEFT_OUT = {
    "text or vocabularies": ("IntegerLookup", "StringLookup", "TextVectorization"),
    "another framework's module or a saved model": ("FlaxLayer", "JaxLayer", "TorchModuleWrapper", "TFSMLayer"),
    "no computation of their own": (
        "Input",
        "InputLayer",
        "InputSpec",
        "Lambda",
        "Layer",
        "Wrapper",
        "Pipeline",
        "StackedRNNCells",
    ),
    "labels and boxes beside images, or other layers chosen by chance": (
        "AugMix",
        "CutMix",
        "MixUp",
        "RandAugment",
        "MaxNumBoundingBoxes",
        "RandomColorJitter",
        "RandomElasticTransform",
        "ContrastLimitedAdaptiveHistogramEqualization",
    ),
    "names kept for older releases": ("RandomHeight", "RandomWidth", "ThresholdedReLU", "GroupedQueryAttention"),
}
"""Layers that are not built, and why."""


def built(tf, arguments):
    """The arguments, with the layers and cells that they name created."""
    return {
        name: getattr(tf.keras.layers, value)(4) if name in ("layer", "cell") else value
        for name, value in arguments.items()
    }


def emptied(batches):
    """The same batches with zero rows."""
    return tuple(re.sub(r"\[\d+", "[0", batch) for batch in batches)


APART = ("MultiHeadAttention", "GroupQueryAttention", "GRUCell", "LSTMCell", "SimpleRNNCell")
"""Layers that take their inputs as separate arguments, not as one list."""


def call_arguments(name, tensors):
    """The positional arguments of a layer's call for these inputs; a cell's states are a list."""
    if name.endswith("Cell"):
        return [tensors[0], list(tensors[1:])]
    return tensors if len(tensors) == 1 or name in APART else [list(tensors)]
