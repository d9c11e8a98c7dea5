"""Train a tiny GPT-2 from scratch with the transformers Trainer on a synthetic corpus."""

# ruff: noqa: ARG002

from __future__ import annotations

import argparse
import json
import logging
import math
import os
import socket
import time
from pathlib import Path

import torch
from data import BlockDataset, CharTokenizer, make_corpus
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
    set_seed,
)

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
logger = logging.getLogger("tiny-gpt")


class ThroughputCallback(TrainerCallback):
    """Logs tokens per second at every logging step."""

    def __init__(self, tokens_per_step: int) -> None:
        self.tokens_per_step = tokens_per_step
        self.last_time = time.perf_counter()
        self.last_step = 0

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs) -> None:
        """Tokens since the last log over the time since then."""
        now = time.perf_counter()
        steps = state.global_step - self.last_step
        if steps:
            rate = steps * self.tokens_per_step / (now - self.last_time)
            logger.info("step %d: %.0f tokens/s", state.global_step, rate)
        self.last_time, self.last_step = now, state.global_step


def parse_args() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output-dir", type=Path, default=Path("runs/tiny-gpt"))
    parser.add_argument("--lines", type=int, default=400)
    parser.add_argument("--block-size", type=int, default=32)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--max-steps", type=int, default=40)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=42)
    return parser.parse_args()


def build_model(vocabulary: int, block_size: int) -> GPT2LMHeadModel:
    """A GPT-2 of two layers."""
    config = GPT2Config(
        vocab_size=vocabulary,
        n_positions=block_size,
        n_embd=48,
        n_layer=2,
        n_head=4,
        bos_token_id=0,
        eos_token_id=0,
        pad_token_id=0,
    )
    return GPT2LMHeadModel(config)


def sample(model: GPT2LMHeadModel, tokenizer: CharTokenizer, prompt: str, length: int) -> str:
    """Continue a prompt by sampling."""
    model.eval()
    ids = torch.tensor([tokenizer.encode(prompt)])
    with torch.no_grad():
        out = model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=length,
            do_sample=True,
            temperature=0.8,
            pad_token_id=0,
            eos_token_id=None,
        )
    return tokenizer.decode(out[0].tolist())


def main() -> None:
    """Build the data, train, evaluate, save."""
    args = parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logger.info("host %s, pid %d, torch %s", socket.gethostname(), os.getpid(), torch.__version__)
    torch.set_num_threads(1)
    set_seed(args.seed)

    texts = make_corpus(args.lines)
    tokenizer = CharTokenizer(texts)
    held_out = len(texts) // 10
    train_set = BlockDataset(texts[held_out:], tokenizer, args.block_size)
    eval_set = BlockDataset(texts[:held_out], tokenizer, args.block_size)
    logger.info("%d training blocks, %d for evaluation, vocabulary %d", len(train_set), len(eval_set), len(tokenizer))

    training_args = TrainingArguments(
        output_dir=str(args.output_dir),
        max_steps=args.max_steps,
        per_device_train_batch_size=args.batch_size,
        per_device_eval_batch_size=args.batch_size,
        learning_rate=args.lr,
        warmup_steps=5,
        weight_decay=0.01,
        logging_steps=10,
        eval_strategy="steps",
        eval_steps=20,
        save_steps=20,
        save_total_limit=2,
        report_to="none",
        use_cpu=True,
        seed=args.seed,
    )
    trainer = Trainer(
        model_init=lambda: build_model(len(tokenizer), args.block_size),
        args=training_args,
        train_dataset=train_set,
        eval_dataset=eval_set,
        callbacks=[ThroughputCallback(args.batch_size * args.block_size)],
    )

    started = time.time()
    result = trainer.train()
    metrics = trainer.evaluate()
    metrics["perplexity"] = math.exp(metrics["eval_loss"])
    logger.info(
        "trained in %.1f s: loss %.4f, perplexity %.2f",
        time.time() - started,
        result.training_loss,
        metrics["perplexity"],
    )

    trainer.save_model(str(args.output_dir / "final"))
    (args.output_dir / "metrics.json").write_text(json.dumps(metrics, indent=2))
    logger.info("sample: %r", sample(trainer.model, tokenizer, "stir ", length=20))


if __name__ == "__main__":
    main()
