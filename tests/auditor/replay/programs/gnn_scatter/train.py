"""Classify the nodes of a small graph of people with message passing (half of the labels are known)."""

import argparse
import json
import logging
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from graph import TEAMS, Graph
from layers import GNN

logging.basicConfig(format="%(asctime)s | %(levelname)-5s | %(message)s", level=logging.INFO)
logger = logging.getLogger(__name__)


def parse_args():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edges", default="edges.txt")
    parser.add_argument("--teams", default="teams.csv")
    parser.add_argument("--epochs", type=int, default=150)
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--weight-decay", type=float, default=5e-4)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--every", type=int, default=25, help="epochs between two lines of log")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--out", type=Path, default=Path("runs"))
    return parser.parse_args()


def split(count, generator):
    """Masks of the nodes for training and for testing."""
    order = torch.randperm(count, generator=generator)
    train = torch.zeros(count, dtype=torch.bool)
    train[order[: count // 2]] = True
    return train, ~train


@torch.no_grad()
def evaluate(model, graph, masks):
    """Accuracy for each mask."""
    model.eval()
    right = model(graph.edges).argmax(dim=1) == graph.labels
    return [right[mask].float().mean().item() for mask in masks]


def main():
    """Train, log, and write predictions by name."""
    args = parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    folder = args.out / time.strftime("%Y%m%d-%H%M%S")
    folder.mkdir(parents=True, exist_ok=True)

    graph = Graph(args.edges, args.teams)
    logger.info("%d nodes, %d edges with directions and loops", len(graph), graph.edges.size(1))
    train_mask, test_mask = split(len(graph), torch.Generator().manual_seed(args.seed))
    model = GNN(len(graph), len(TEAMS), args.width)
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=args.weight_decay)

    durations = []
    for epoch in range(1, args.epochs + 1):
        began = time.perf_counter()
        model.train()
        optimizer.zero_grad()
        loss = F.cross_entropy(model(graph.edges)[train_mask], graph.labels[train_mask])
        loss.backward()
        optimizer.step()
        durations.append(time.perf_counter() - began)
        if epoch % args.every == 0:
            train_accuracy, test_accuracy = evaluate(model, graph, (train_mask, test_mask))
            mean = 1000 * sum(durations[-args.every :]) / args.every
            logger.info(
                "epoch %3d loss %.4f train %.3f test %.3f (%.2f ms)", epoch, loss, train_accuracy, test_accuracy, mean
            )

    with torch.no_grad():
        predicted = model.eval()(graph.edges).argmax(dim=1).tolist()
    answers = {name: TEAMS[predicted[number]] for name, number in sorted(graph.ids.items())}
    (folder / "predictions.json").write_text(json.dumps(answers, indent=1), encoding="utf-8")
    torch.save({"model": model.state_dict(), "names": graph.names}, folder / "model.pt")
    logger.info("wrote %s, %.2f s of training", folder, sum(durations))


if __name__ == "__main__":
    main()
