"""The network: an encoder of daily series and a forecasting head."""

from __future__ import annotations

import keras
from keras import layers


def build_forecaster(history: int, horizon: int, *, filters: int, units: int, dropout: float) -> keras.Model:
    """Convolutions over the past days, then a dense head for the coming days."""
    inputs = keras.Input((history, 1), name="past")
    x = layers.Conv1D(filters, 5, padding="causal", activation="relu")(inputs)
    x = layers.Conv1D(filters, 5, padding="causal", dilation_rate=2, activation="relu")(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(dropout)(x)
    x = layers.Dense(units, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(horizon, name="future")(x), name="forecaster")
