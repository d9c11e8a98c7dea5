"""Turn raw signals into spectrograms, some at a time, in threads."""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

log = logging.getLogger(__name__)
FRAME, HOP = 64, 32


def make_signals(count, seed, classes=4):
    """Tones with noise, of different lengths; returns (signals, labels)."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, size=count)
    signals = []
    for label in labels:
        time_axis = np.arange(rng.integers(2_000, 60_000))
        pitch = 0.02 * (label + 1) * (1 + 0.02 * rng.normal())
        signals.append(np.sin(2 * np.pi * pitch * time_axis) + rng.normal(scale=1.5, size=len(time_axis)))
    return signals, labels


def spectrogram(signal):
    """Log power of the frames of a signal, averaged into 8 parts of its time: (8, FRAME // 2 + 1)."""
    frames = np.lib.stride_tricks.sliding_window_view(signal, FRAME)[::HOP] * np.hanning(FRAME)
    power = np.log1p(np.abs(np.fft.rfft(frames)) ** 2)
    return np.stack([part.mean(axis=0) for part in np.array_split(power, 8)]).astype(np.float32)


def example(signal, label):
    """What the network gets for one signal."""
    log.debug("%s: %d samples", threading.current_thread().name, len(signal))
    return spectrogram(signal), int(label)


class Examples:
    """Yields spectrograms and labels of signals, made by a pool of threads."""

    def __init__(self, signals, labels, workers):
        self.signals, self.labels, self.workers = signals, labels, workers

    def __iter__(self):
        """Yield pairs for one pass."""
        began = time.perf_counter()
        with ThreadPoolExecutor(self.workers, thread_name_prefix="preprocess") as pool:
            yield from pool.map(example, self.signals, self.labels)
        rate = len(self.signals) / (time.perf_counter() - began)
        log.info("%.0f signals/s with %d threads", rate, self.workers)
