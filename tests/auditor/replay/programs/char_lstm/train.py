"""
Train a character LSTM on a text file: truncated backpropagation, gradient clipping, perplexity, samples.

The text is cut into `--batch` parallel streams, as in word-language-model examples.
"""

import argparse
import math
import time
from datetime import datetime
from pathlib import Path

import torch
from model import CharLSTM, carry
from torch import nn
from tqdm import tqdm


def get_args():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--text", default="input.txt", help="file to learn from")
    parser.add_argument("--epochs", type=int, default=4, help="passes over the text")
    parser.add_argument("--repeat", type=int, default=5, help="how often the text is repeated in an epoch")
    parser.add_argument("--batch", type=int, default=8, help="parallel streams")
    parser.add_argument("--bptt", type=int, default=32, help="characters in a step")
    parser.add_argument("--lr", type=float, default=3e-3, help="learning rate of Adam")
    parser.add_argument("--clip", type=float, default=0.5, help="largest norm of the gradient")
    parser.add_argument("--seed", type=int, default=1111, help="seed of the weights and of dropout")
    parser.add_argument("--save", default="model.pt", help="where the best model goes")
    return parser.parse_args()


class Corpus:
    """Text as character ids, with the last tenth for validation."""

    def __init__(self, path, repeat):
        text = Path(path).read_text(encoding="utf-8")
        self.characters = sorted(set(text))
        ids = {character: index for index, character in enumerate(self.characters)}
        encoded = torch.tensor([ids[character] for character in text])
        cut = len(encoded) * 9 // 10
        self.train, self.valid = encoded[:cut].repeat(repeat), encoded[cut:]


def batchify(data, batch):
    """Cut a sequence into (time, batch) streams."""
    length = len(data) // batch
    return data[: length * batch].view(batch, length).t().contiguous()


def pieces(source, bptt):
    """Yield inputs and targets, one character apart."""
    for start in range(0, len(source) - 1, bptt):
        length = min(bptt, len(source) - 1 - start)
        yield source[start : start + length], source[start + 1 : start + 1 + length]


def train_epoch(model, optimizer, source, args, epoch):
    """One pass; returns the mean loss and characters per second."""
    model.train()
    criterion = nn.CrossEntropyLoss()
    state = model.init_hidden(args.batch)
    total, tokens, began = 0.0, 0, time.perf_counter()
    bar = tqdm(list(pieces(source, args.bptt)), desc=f"epoch {epoch}", unit="step")
    for inputs, targets in bar:
        optimizer.zero_grad(set_to_none=True)
        logits, state = model(inputs, carry(state))
        loss = criterion(logits.flatten(0, 1), targets.flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), args.clip)
        optimizer.step()
        total += loss.item() * targets.numel()
        tokens += targets.numel()
        bar.set_postfix(loss=f"{loss.item():.3f}", ppl=f"{math.exp(min(loss.item(), 20)):.1f}")
    return total / tokens, tokens / (time.perf_counter() - began)


@torch.no_grad()
def evaluate(model, source, args):
    """Mean loss on held-out text."""
    model.eval()
    criterion = nn.CrossEntropyLoss(reduction="sum")
    state = model.init_hidden(source.shape[1])
    total, tokens = 0.0, 0
    for inputs, targets in pieces(source, args.bptt):
        logits, state = model(inputs, carry(state))
        total += criterion(logits.flatten(0, 1), targets.flatten()).item()
        tokens += targets.numel()
    return total / tokens


@torch.no_grad()
def sample(model, characters, length=80):
    """Continue a space with the model's own characters."""
    model.eval()
    state = model.init_hidden(1)
    token = torch.full((1, 1), characters.index(" "))
    text = []
    for _ in range(length):
        logits, state = model(token, carry(state))
        token = torch.multinomial(logits[0].softmax(dim=-1), 1)
        text.append(characters[token.item()])
    return "".join(text)


def main():
    """Train, keep the best, and show a sample."""
    args = get_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    print(f"started {datetime.now():%Y-%m-%d %H:%M:%S}, {torch.get_num_threads()} threads")

    corpus = Corpus(args.text, args.repeat)
    train_source, valid_source = batchify(corpus.train, args.batch), batchify(corpus.valid, 2)
    model = CharLSTM(len(corpus.characters))
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, {len(corpus.characters)} characters")
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)

    best = math.inf
    for epoch in range(1, args.epochs + 1):
        loss, speed = train_epoch(model, optimizer, train_source, args, epoch)
        valid = evaluate(model, valid_source, args)
        print("-" * 89)
        print(
            f"| epoch {epoch} | train ppl {math.exp(loss):7.2f} | valid ppl {math.exp(valid):7.2f} | {speed:,.0f} tok/s"
        )
        if valid < best:
            best = valid
            torch.save(model.state_dict(), args.save)
    print(f"best valid loss {best:.4f}")
    print("sample:", sample(model, corpus.characters))


if __name__ == "__main__":
    main()
