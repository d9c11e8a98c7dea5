"""Sentiment of short reviews: a vocabulary made in Python, embeddings, a GRU, a custom training loop with tqdm."""

from __future__ import annotations

import argparse
import csv
import json
import os
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from corpus import make_reviews, tokenize
from tqdm import tqdm

PAD, UNKNOWN = "<pad>", "<unk>"


def build_vocabulary(texts: Iterable[str], size: int) -> dict[str, int]:
    """Number the words that occur in most reviews."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(sorted(set(tokenize(text))))
    kept = {word for word, _ in counts.most_common(size)}
    return {word: index for index, word in enumerate([PAD, UNKNOWN, *sorted(kept)])}


def encode(texts: Iterable[str], vocabulary: dict[str, int], length: int) -> np.ndarray:
    """Turn texts into rows of word numbers, cut or padded to one length."""
    rows = np.zeros([len(texts), length], dtype=np.int32)
    for row, text in zip(rows, texts, strict=True):
        ids = [vocabulary.get(word, vocabulary[UNKNOWN]) for word in tokenize(text)][:length]
        row[: len(ids)] = ids
    return rows


def build_model(words: int, width: int) -> keras.Model:
    """Embedding, GRU, one logit."""
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            keras.layers.Embedding(words, width, mask_zero=True),
            keras.layers.SpatialDropout1D(0.1),
            keras.layers.GRU(width),
            keras.layers.Dense(1),
        ]
    )


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--vocabulary", type=int, default=70)
    parser.add_argument("--length", type=int, default=14)
    parser.add_argument("--width", type=int, default=24)
    parser.add_argument("--lr", type=float, default=5e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=Path("outputs"))
    return parser.parse_args()


def main() -> None:
    """Train, evaluate, save weights, vocabulary and metrics."""
    args = parse_args()
    keras.utils.set_random_seed(args.seed)
    tf.config.threading.set_intra_op_parallelism_threads(2)
    out = args.output / time.strftime("%Y%m%d_%H%M%S")
    out.mkdir(parents=True, exist_ok=True)

    texts, labels = make_reviews(2400, seed=11)
    held_texts, held_labels = make_reviews(400, seed=12)
    vocabulary = build_vocabulary(texts, args.vocabulary)
    (out / "vocabulary.json").write_text(json.dumps(vocabulary))
    print(f"{len(texts)} reviews, {len(vocabulary)} words in the vocabulary")

    x, y = encode(texts, vocabulary, args.length), np.asarray(labels, np.float32)
    held_x, held_y = encode(held_texts, vocabulary, args.length), np.asarray(held_labels, np.float32)
    train = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x)).batch(args.batch_size).prefetch(tf.data.AUTOTUNE)
    model = build_model(len(vocabulary), args.width)
    optimizer = keras.optimizers.AdamW(args.lr)
    bce = keras.losses.BinaryCrossentropy(from_logits=True)

    @tf.function
    def train_step(ids: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = bce(targets[:, None], model(ids, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        gradients, _ = tf.clip_by_global_norm(gradients, 1.0)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    with (out / "metrics.csv").open("w", newline="") as handle:
        metrics = csv.writer(handle)
        metrics.writerow(["epoch", "loss", "accuracy", "tokens_per_second"])
        for epoch in range(args.epochs):
            began, tokens, losses = time.time(), 0, []
            with tqdm(train, desc=f"epoch {epoch + 1}/{args.epochs}", unit="batch") as progress:
                for ids, targets in progress:
                    losses.append(float(train_step(ids, targets)))
                    tokens += int(tf.math.count_nonzero(ids))
                    progress.set_postfix(loss=f"{losses[-1]:.3f}")
            logits = model(held_x, training=False).numpy()[:, 0]
            accuracy = float(np.mean((logits > 0) == (held_y > 0.5)))
            speed = tokens / (time.time() - began)
            metrics.writerow([epoch + 1, np.mean(losses), accuracy, round(speed)])
            print(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}, accuracy {accuracy:.3f}, {speed:,.0f} tokens/s")
    model.save_weights(out / "model.weights.h5")


if __name__ == "__main__":
    main()
