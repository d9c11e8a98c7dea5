"""
Measures the cost of recording: the ratio of a recorded program's time to that of the plain program.

Usage: `python benchmarks/recording.py [--python .venv-audited/bin/python] [--rounds 15] [--programs torch jax]
[--device cuda]`.

torch: (a) a training step of one transformer encoder layer (d=512, 8 heads, ff=2048, batch 16x128, AdamW, CPU): within
1.35 times the plain step. (b) A small operation (an addition of 8 elements): within 8 microseconds above the plain one.
torch's own `DebugMode` with hashes is measured for comparison. One process measures each tier and the plain program,
since a dispatch mode can be disabled temporarily. `--device cuda` measures the same on a GPU, where there are no bars.

TensorFlow and JAX: a compiled step, Keras's `fit`, a small eager operation. Their hooks cannot be disabled, so another
process gives the plain figures: the same program started with `-I`, which is not recorded. Both processes run at the
same time and work alternately.

TensorFlow's small operation: within about 8 microseconds above the plain one; JAX's: within 10.

Rounds alternate and medians are compared; on a busy machine the least of the rounds ("of the least") say more. The
script never fails on a figure.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from auditor.replay.runs.run import Setup, run

BARS = "bars of the base tier: torch's step 1.35; a small operation +8 us (torch, TensorFlow), +10 us (JAX)"
TORCH = r"""
import statistics, sys, time
import torch
from torch.utils._debug_mode import DebugMode
from torch.utils._python_dispatch import _disable_current_modes

torch.manual_seed(0)
rounds, tier, device = int(sys.argv[1]), sys.argv[2], sys.argv[3]
layer = torch.nn.TransformerEncoderLayer(512, 8, 2048, batch_first=True).to(device)
optimizer = torch.optim.AdamW(layer.parameters())
batch = torch.randn(16, 128, 512).to(device)
left, right = torch.randn(8).to(device), torch.randn(8).to(device)
SMALL = 2000


def step():
    optimizer.zero_grad()
    layer(batch).square().mean().backward()
    optimizer.step()


def small():
    for _ in range(SMALL):
        torch.add(left, right)


def seconds(work):
    started = time.perf_counter()
    work()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - started


def plain(work):
    with _disable_current_modes():
        return seconds(work)


def debug(work):
    with _disable_current_modes(), DebugMode() as mode, DebugMode.log_tensor_hashes():
        return seconds(work)


ways = {"plain": plain, tier: seconds, "DebugMode": debug}
for work, unit, scale in ((step, "ms", 1e3), (small, "us", 1e6 / SMALL)):
    for way in ways.values():
        way(work)
    taken = [[way(work) for way in ways.values()] for _ in range(rounds)]
    columns = [statistics.median(column) * scale for column in zip(*taken)]
    for name, told in zip(ways, columns):
        ratio = statistics.median(row[list(ways).index(name)] / row[0] for row in taken)
        least = [min(column) * scale for column in zip(*taken)]
        print("%-12s %-10s %9.2f %s  %6.2f times  %+9.2f %s  of the least %+9.2f" % (
            "torch " + work.__name__, name, told, unit, ratio, told - columns[0], unit,
            least[list(ways).index(name)] - least[0]), flush=True)
"""

TWINS = r"""
import os, statistics, subprocess, sys, time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
rounds, tier = int(sys.argv[1]), sys.argv[2]
SMALL = 2000


def seconds(work):
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measure(works):
    if tier == "plain":  # the twin works when it is told to, and says how long that took
        for number in sys.stdin:
            print(seconds(works[int(number)][1]), flush=True)
        return
    command = [sys.executable, "-I", __file__, str(rounds), "plain"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as twin:
        for number, (name, work, unit, scale) in enumerate(works):
            def plain():
                print(number, file=twin.stdin, flush=True)
                return float(twin.stdout.readline())

            plain(), seconds(work)
            pairs = [(plain(), seconds(work)) for _ in range(rounds)]
            ratio = statistics.median(recorded / alone for alone, recorded in pairs)
            alone, recorded = (statistics.median(column) * scale for column in zip(*pairs))
            least = [min(column) * scale for column in zip(*pairs)]
            print("%-12s %-10s %9.2f %s  least %9.2f" % (name, "plain", alone, unit, least[0]))
            print("%-12s %-10s %9.2f %s  least %9.2f  %6.2f times  %+9.2f %s  of the least %+9.2f" % (
                name, tier, recorded, unit, least[1], ratio, recorded - alone, unit, least[1] - least[0]), flush=True)
        twin.stdin.close()
"""
TENSORFLOW = r"""
import numpy
import tensorflow as tf

tf.keras.utils.set_random_seed(0)
rows = tf.random.normal([256, 512])
left, right = tf.random.normal([8]), tf.random.normal([8])


def layers():
    return [tf.keras.layers.Dense(1024, "relu"), tf.keras.layers.Dropout(0.1), tf.keras.layers.Dense(512)]


model = tf.keras.Sequential([tf.keras.Input((512,)), *layers()])
optimizer = tf.keras.optimizers.Adam()
optimizer.build(model.trainable_variables)


@tf.function
def train(rows):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(rows, training=True) - rows))
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
    return loss


def step():
    train(rows).numpy()


features = numpy.random.default_rng(0).normal(size=(2048, 512)).astype("float32")
fitted = tf.keras.Sequential([tf.keras.Input((512,)), *layers()])
fitted.compile("adam", "mse")


def fit():
    fitted.fit(features, features, batch_size=64, epochs=1, verbose=0)


def small():
    for _ in range(SMALL):
        tf.add(left, right)


measure([("tf step", step, "ms", 1e3), ("tf fit epoch", fit, "ms", 1e3), ("tf small", small, "us", 1e6 / SMALL)])
"""
JAX = r"""
import jax
import jax.numpy as jnp

keys = jax.random.split(jax.random.key(0), 3)
rows = jax.random.normal(keys[0], (256, 512))
weights = [jax.random.normal(keys[1], (512, 1024)) * 0.05, jax.random.normal(keys[2], (1024, 512)) * 0.05]
left, right = jnp.arange(8.0), jnp.ones(8)


def loss(weights, rows):
    first, second = weights
    return jnp.mean(jnp.square(jax.nn.relu(rows @ first) @ second - rows))


@jax.jit
def train(weights, rows):
    value, slopes = jax.value_and_grad(loss)(weights, rows)
    return value, [weight - 0.1 * slope for weight, slope in zip(weights, slopes)]


def step():
    jax.block_until_ready(train(weights, rows))


def small():
    for _ in range(SMALL):
        done = jnp.add(left, right)
    done.block_until_ready()


measure([("jax step", step, "ms", 1e3), ("jax small", small, "us", 1e6 / SMALL)])
"""
PROGRAMS = {"torch": TORCH, "tensorflow": TWINS + TENSORFLOW, "jax": TWINS + JAX}


def main() -> None:
    """Measure each program in the base tier and the detail tier, each against the plain program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=".venv-audited/bin/python")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--tiers", nargs="+", choices=("base", "detail"), default=["base", "detail"])
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="torch's; JAX takes its own default")
    parser.add_argument("--programs", nargs="+", choices=tuple(PROGRAMS), default=list(PROGRAMS))
    given = parser.parse_args()
    print(BARS, flush=True)
    with tempfile.TemporaryDirectory(prefix="recording-") as folder:
        for name in given.programs:
            program = Path(folder) / f"program_{name}.py"  # not the name of what it imports
            program.write_text(PROGRAMS[name])
            for tier in given.tiers:
                setup = Setup(Path(folder) / f"{name}-{tier}", tier=tier)
                seen = run([given.python, str(program), str(given.rounds), tier, given.device], setup)
                if seen.exit_code or seen.problems:
                    sys.exit(f"{name} ended with exit code {seen.exit_code}: {seen.problems}")


if __name__ == "__main__":
    main()
