"""Character model with dm-haiku: embedding, LSTM, `hk.dynamic_unroll`, optax, periodic evaluation and sampling."""

from __future__ import annotations

import argparse
import functools
import os
import pickle
import sys
import time
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
import optax
from text import ALPHABET, INDEX, make_stream, sample_batches


class State(NamedTuple):
    """What an update changes."""

    params: hk.Params
    opt_state: optax.OptState
    key: jax.Array


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--length", type=int, default=32)
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--lr", type=float, default=5e-3)
    parser.add_argument("--log-every", type=int, default=50)
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--out", type=Path, default=Path("checkpoints"))
    return parser.parse_args()


def make_network(hidden: int, dropout: float) -> tuple[hk.Transformed, hk.Transformed]:
    """Give the training forward pass, and one step of sampling."""

    def core() -> hk.RNNCore:
        return hk.LSTM(hidden, name="lstm")

    def forward(tokens: jax.Array, *, train: bool) -> jax.Array:
        embedded = hk.Embed(len(ALPHABET), hidden // 2, name="embed")(tokens)
        lstm = core()
        outputs, _ = hk.dynamic_unroll(lstm, embedded, lstm.initial_state(tokens.shape[1]))
        if train:
            outputs = hk.dropout(hk.next_rng_key(), dropout, outputs)
        return hk.BatchApply(hk.Linear(len(ALPHABET), name="logits"))(outputs)

    def advance(token: jax.Array, state: hk.LSTMState) -> tuple[jax.Array, hk.LSTMState]:
        embedded = hk.Embed(len(ALPHABET), hidden // 2, name="embed")(token)
        output, state = core()(embedded, state)
        logits = hk.Linear(len(ALPHABET), name="logits")(output)
        return jax.random.categorical(hk.next_rng_key(), logits), state

    return hk.transform(forward), hk.transform(advance)


def main() -> None:
    """Train and print samples."""
    args = parse_args()
    args.out.mkdir(exist_ok=True)
    print(f"{time.ctime()}: jax {jax.__version__}, haiku {hk.__version__}, python {sys.version.split()[0]}")
    network, sampler = make_network(args.hidden, args.dropout)
    optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(args.lr))

    def loss_of(params: hk.Params, key: jax.Array, inputs: jax.Array, targets: jax.Array, train: bool) -> jax.Array:  # noqa: FBT001
        logits = network.apply(params, key, inputs, train=train)
        return optax.softmax_cross_entropy_with_integer_labels(logits, targets).mean()

    @jax.jit
    def update(state: State, inputs: jax.Array, targets: jax.Array) -> tuple[State, jax.Array]:
        key, dropout_key = jax.random.split(state.key)
        loss, gradients = jax.value_and_grad(loss_of)(state.params, dropout_key, inputs, targets, True)  # noqa: FBT003
        updates, opt_state = optimizer.update(gradients, state.opt_state)
        return State(optax.apply_updates(state.params, updates), opt_state, key), loss

    evaluate = jax.jit(lambda params, inputs, targets: loss_of(params, None, inputs, targets, False))  # noqa: FBT003

    stream, held = make_stream(4000, seed=1), make_stream(300, seed=2)
    training = sample_batches(stream, batch_size=args.batch_size, length=args.length, seed=args.seed)
    columns = len(held) // (args.length + 1)
    held = held[: columns * (args.length + 1)].reshape(columns, -1).T

    key, init_key = jax.random.split(jax.random.PRNGKey(args.seed))
    params = jax.jit(functools.partial(network.init, train=True))(init_key, held[:-1, :1])
    state = State(params, optimizer.init(params), key)
    print(f"{hk.data_structures.tree_size(params):,} parameters, {len(stream):,} characters")

    began, losses = time.perf_counter(), []
    for step in range(1, args.steps + 1):
        inputs, targets = next(training)
        state, loss = update(state, inputs, targets)
        losses.append(loss)
        if step % args.log_every == 0:
            mean = float(np.mean(jax.device_get(losses[-args.log_every :])))
            held_loss = float(evaluate(state.params, held[:-1], held[1:]))
            speed = args.log_every * inputs.size / (time.perf_counter() - began)
            print(f"step {step:5d} | loss {mean:.4f} | held out {held_loss:.4f} | {speed:9,.0f} tokens/s", flush=True)
            with (args.out / f"step_{step:06d}.pkl").open("wb") as handle:
                pickle.dump({"step": step, "state": jax.device_get(state), "saved": time.time()}, handle)
            began = time.perf_counter()

    advance = jax.jit(sampler.apply)
    token, memory, sampled = jnp.array([INDEX[";"]]), hk.LSTMState(*jnp.zeros((2, 1, args.hidden))), []
    for _ in range(24):
        key, sub = jax.random.split(key)
        token, memory = advance(state.params, sub, token, memory)
        sampled.append(int(token[0]))
    print("sample:", "".join(ALPHABET[index] for index in sampled))


if __name__ == "__main__":
    main()
